//! The tools that need no broker: JSONL in, JSONL out, and files explained.

pub(crate) mod classify;
pub(crate) mod feed;
mod jsonl;
pub(crate) mod map;
pub(crate) mod redact;
