//! Durable at-least-once events between the services.
//!
//! One interface, [`Backend`], with two implementations that pass one contract suite: NATS JetStream, and an embedded
//! one on SQLite for the single process. What streams and consumers there are stands in [`manifest`], as data, so that
//! limits are reviewed and services need no rights to declare anything.
//!
//! A service that transforms runs the consumer loop, [`Consumer`]: it pulls in batches, handles messages concurrently
//! within a window, and settles each one by the outcome that its handler returned. What travels are envelopes
//! ([`envelope`]), whose raw parts only their reader can open ([`seal`]). What nobody can handle goes among the
//! [`dead_letters`].

mod backend;
mod check;
mod consumer;
pub mod dead_letters;
pub mod embedded;
pub mod envelope;
pub mod jetstream;
pub mod manifest;
mod metering;
pub mod relay;
pub mod seal;

pub use backend::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Headers, ID_HEADER, Outgoing, PAYLOAD_MAX, Page,
    Published, Settlement, Stored, StreamInfo,
};
pub use callbox_proto::bus::v1::Position;
pub use consumer::{Consumer, ConsumerSettings, GivenUp, Handler, Incoming, Outcome};
pub use metering::describe as describe_metrics;
