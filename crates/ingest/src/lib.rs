//! How calls come in: from files by declarative feed profiles, and over gRPC.
//!
//! | module | what it answers |
//! |---|---|
//! | [`feed`] | what does a row of this agency's feed mean? (no network) |
//! | [`validate`] | is this call one that the pipeline can take? |
//! | [`identity`] | which incident is it, and which submission? |
//! | [`accept`] | is it durable? Calls are sealed in envelopes and published; the answer follows the broker's |
//! | [`grpc`] | the same, for callers over the network |
//! | [`service`] | all of it, from a configuration |
//! | [`metering`] | what is counted |
//!
//! This side can seal and not open (invariant I2): it holds the public key of `redact` alone.

pub mod accept;
pub mod feed;
pub mod grpc;
pub mod identity;
pub mod metering;
pub mod service;
pub mod validate;
