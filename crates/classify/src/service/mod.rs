//! Classify as a stage of the pipeline and as a gRPC service.

mod convert;
mod grpc;
mod stage;

pub use grpc::{ClassifyGrpc, Scrub};
pub use stage::{CONSUMER, Classify, consumer_settings};
