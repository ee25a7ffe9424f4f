//! What is told to whom: pure functions that know neither transport nor store.
//!
//! | module | question it answers |
//! |---|---|
//! | [`agency`] | what did the agency choose, and what is a cell called there? |
//! | [`decide`] | what does one more state of an incident change? |
//! | [`compose`] | what does a revision of an alert say? |
//! | [`batch`] | what does a batch of envelopes change, with every outcome counted? |
//! | [`filter`] | does an alert concern a watcher? |

pub mod agency;
pub mod batch;
pub mod compose;
pub mod decide;
pub mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod state;
