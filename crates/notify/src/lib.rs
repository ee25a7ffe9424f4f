//! Decides what the public is told, keeps alerts and subscriptions, and serves watchers.
//!
//! Classified incidents come in envelopes; each batch of them is one transaction in the store, which decides, keeps the
//! new states, counts every outcome, and puts revisions of alerts into an outbox. From there they go to the `ALERTS`
//! stream, once, and from the stream to the watchers of every process.
//!
//! | module | what it is |
//! |---|---|
//! | [`domain`] | pure: decide, compose, match |
//! | [`store`] | PostgreSQL and SQLite |
//! | [`handler`] | the consumer's side |
//! | `outbox` | from the store to the stream |
//! | `watch`, [`grpc`] | from the stream and the store to clients |
//! | [`config`] | what an operator sets |
//! | [`metrics`] | what is measured |

mod cloud_events;
pub mod config;
pub mod domain;
pub mod grpc;
pub mod handler;
pub mod metrics;
mod outbox;
pub mod store;
#[cfg(test)]
mod testing;
mod watch;

use std::sync::Arc;

use callbox_bus::Bus;
use callbox_proto::notify::v1::alert_service_server::AlertServiceServer;
use callbox_proto::notify::v1::outcome_service_server::OutcomeServiceServer;
use callbox_proto::notify::v1::subscription_service_server::SubscriptionServiceServer;
use tokio_util::sync::CancellationToken;

use crate::domain::agency::Agencies;
use crate::grpc::{Alerts, Outcomes, Subscriptions};
use crate::handler::NotifyHandler;
use crate::outbox::Publisher;
use crate::watch::Feed;

/// Notify, put together and not yet running.
pub struct Notify {
    /// For the consumer loop over the `CLASSIFIED` stream.
    pub handler: NotifyHandler,
    /// For the gRPC server.
    pub services: Services,
    /// What must run beside the two.
    pub background: Background,
}

/// The gRPC services.
#[derive(Clone)]
pub struct Services {
    /// Reads and watches alerts.
    pub alerts: AlertServiceServer<Alerts>,
    /// Keeps subscriptions.
    pub subscriptions: SubscriptionServiceServer<Subscriptions>,
    /// Counts outcomes.
    pub outcomes: OutcomeServiceServer<Outcomes>,
}

/// What runs in the background.
pub struct Background {
    store: store::Shared,
    publisher: Publisher,
    feed: Arc<Feed>,
}

/// Puts notify together. Nothing runs before [`Background::run`], and watches do not begin before it.
pub fn build(agencies: Agencies, bus: &Bus, store: &store::Shared) -> Notify {
    metrics::describe();
    let feed = Feed::new(Arc::clone(bus));
    Notify {
        handler: NotifyHandler::new(Arc::clone(store), Arc::new(agencies)),
        services: Services {
            alerts: AlertServiceServer::new(Alerts::new(Arc::clone(store), Arc::clone(&feed))),
            subscriptions: SubscriptionServiceServer::new(Subscriptions::new(Arc::clone(store))),
            outcomes: OutcomeServiceServer::new(Outcomes::new(Arc::clone(store))),
        },
        background: Background {
            store: Arc::clone(store),
            publisher: Publisher::new(Arc::clone(store), Arc::clone(bus)),
            feed,
        },
    }
}

impl Background {
    /// Publishes the outbox, feeds watchers and prunes, until `drain` is cancelled and the outbox is empty (or cannot be
    /// published now). Cancel it after the consumer loop has ended, so that what was decided last is published too; the
    /// watches end with it.
    pub async fn run(self, drain: CancellationToken) {
        let feed = async {
            self.feed.run(drain.clone()).await;
        };
        tokio::join!(
            self.publisher.run(drain.clone()),
            feed,
            outbox::prune(Arc::clone(&self.store), drain.clone()),
        );
    }
}
