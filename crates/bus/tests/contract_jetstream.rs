//! The contract, held by JetStream, and what only it has to promise.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod contract;

use callbox_bus::Bus;
use callbox_bus::jetstream::{self, JetStreamConfig};
use callbox_testkit::Nats;
use contract::Rig;

struct JetStream {
    bus: Bus,
    nats: Nats,
}

#[async_trait::async_trait]
impl Rig for JetStream {
    async fn start() -> Self {
        let nats = Nats::start().await.unwrap();
        let bus = jetstream::connect(JetStreamConfig::new(nats.url())).await.unwrap();
        Self { bus, nats }
    }

    fn bus(&self) -> Bus {
        self.bus.clone()
    }

    /// The bus stays the same: it connects again by itself.
    async fn restart(&mut self) {
        self.nats.kill9();
        self.nats.restart().await.unwrap();
    }
}

contract!(JetStream);
