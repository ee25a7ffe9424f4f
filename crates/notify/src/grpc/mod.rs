//! The gRPC services, thin: they parse, ask the store or the feed, and convert errors in one place.

mod alerts;
mod outcomes;
pub(crate) mod status;
mod subscriptions;

pub use alerts::Alerts;
pub use outcomes::Outcomes;
pub use subscriptions::Subscriptions;
