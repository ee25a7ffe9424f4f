//! The alerts as they come, for many watchers at once.
//!
//! One task for each process reads the `ALERTS` stream and keeps its newest end in memory. A watcher has a cursor, a
//! sequence of the stream: it reads from memory, or from the stream where its cursor is older. Nobody keeps a queue for a
//! watcher, so that a slow one delays nobody else and costs no memory.
//!
//! | module | what it is |
//! |---|---|
//! | [`ring`] | the newest end of the stream, in memory |
//! | [`feed`] | the task that fills it, and reading at a cursor |
//! | [`watcher`] | one watch |

pub(crate) mod feed;
mod ring;
#[cfg(test)]
mod tests;
pub(crate) mod watcher;

pub(crate) use feed::{Feed, Gone};
