//! Deliveries that the loop is responsible for.

use std::time::Duration;

use crate::manifest::ConsumerSpec;
use crate::{Bus, DeliveryToken, Error, Settlement};

/// The pause before what was dropped comes again. Without one a handler that brings its task down would be called again
/// at once.
const DROPPED: Duration = Duration::from_secs(1);

/// Deliveries in hand. Whatever is still here when it is dropped is given back.
pub(super) struct Held {
    bus: Bus,
    spec: ConsumerSpec,
    tokens: Vec<DeliveryToken>,
}

impl Held {
    pub(super) fn new(bus: Bus, spec: ConsumerSpec, tokens: Vec<DeliveryToken>) -> Self {
        Self { bus, spec, tokens }
    }

    /// Asks for more time for all.
    pub(super) async fn progress(&self) -> Result<(), Error> {
        let all = self.tokens.iter().map(|token| (token.clone(), Settlement::Progress)).collect();
        self.bus.settle(&self.spec, all).await
    }

    /// Settles all, one settlement each, in their order.
    pub(super) async fn settle(mut self, settlements: Vec<Settlement>) -> Result<(), Error> {
        let tokens = std::mem::take(&mut self.tokens);
        self.bus.settle(&self.spec, tokens.into_iter().zip(settlements).collect()).await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        // Without a runtime the process is ending, and `ack_wait` brings them back.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if tokens.is_empty() {
            return;
        }
        let (bus, spec) = (self.bus.clone(), self.spec);
        runtime.spawn(async move {
            let all = tokens.into_iter().map(|token| (token, Settlement::Nak(DROPPED))).collect();
            // A failure changes nothing either: `ack_wait` brings them back.
            let _ = bus.settle(&spec, all).await;
        });
    }
}
