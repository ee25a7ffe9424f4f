//! Redact as a stage of the pipeline and as a gRPC service.
//!
//! The stage is the one reader of raw calls: it opens them, takes out everything for which the projection has no field,
//! scrubs what text is left, and masks the place in both tiers.

mod grpc;
mod project;
mod stage;

pub use grpc::RedactGrpc;
pub use project::{AgencyRules, Projector};
pub use stage::{CONSUMER, Redact, consumer_settings};
