//! From start to stop: readiness, signals, and a drain with a deadline.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A set of latches: ready once each component has released its own. Clones share the set.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeSet<&'static str>>>);

impl Readiness {
    /// Holds readiness back until the latch is dropped.
    pub fn latch(&self, component: &'static str) -> Latch {
        self.lock().insert(component);
        Latch { readiness: self.clone(), component }
    }

    /// The components that are not ready.
    pub fn waiting_for(&self) -> Vec<&'static str> {
        self.lock().iter().copied().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds readiness back while it lives.
pub struct Latch {
    readiness: Readiness,
    component: &'static str,
}

impl Drop for Latch {
    fn drop(&mut self) {
        self.readiness.lock().remove(self.component);
    }
}

/// How a process stops.
#[derive(Clone, Copy, Debug)]
pub struct DrainSettings {
    /// Between becoming unready and stopping to take work, so that load balancers move first.
    pub unready_for: Duration,
    /// For finishing what is at hand. Past it the process ends anyway; nothing is lost, what was not acknowledged
    /// comes again.
    pub deadline: Duration,
}

/// Why a process ended.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A component failed; the others were drained.
    #[error("{component} failed")]
    Failed {
        /// Which.
        component: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A component ended or panicked although nobody had asked it to stop.
    #[error("{component} ended unexpectedly")]
    Ended {
        /// Which.
        component: &'static str,
    },
    /// Draining took longer than its deadline, or a second signal cut it short.
    #[error("{0}")]
    Aborted(&'static str),
}

/// The result of a component.
pub type ComponentResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// The components of a process and their end: when one fails, all stop.
pub struct Lifecycle {
    /// Which components are ready.
    pub readiness: Readiness,
    /// Cancelled when components are to stop taking work and finish what is at hand.
    pub drain: CancellationToken,
    settings: DrainSettings,
    components: JoinSet<(&'static str, ComponentResult)>,
    signals: Signals,
}

/// The two signals that ask a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

impl Lifecycle {
    /// Begins to listen for signals.
    ///
    /// # Errors
    /// If the process cannot.
    pub fn new(settings: DrainSettings) -> std::io::Result<Self> {
        let signals = Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        };
        Ok(Self {
            readiness: Readiness::default(),
            drain: CancellationToken::new(),
            settings,
            components: JoinSet::new(),
            signals,
        })
    }

    /// Runs a component until it has drained.
    pub fn spawn(
        &mut self,
        name: &'static str,
        component: impl Future<Output = ComponentResult> + Send + 'static,
    ) {
        self.components.spawn(async move { (name, component.await) });
    }

    /// Runs until a signal, a failure, or until `finished` resolves; then drains.
    ///
    /// # Errors
    /// If a component failed, or did not drain in time.
    pub async fn run(mut self, finished: impl Future<Output = ()>) -> Result<(), Stopped> {
        let first = tokio::select! {
            name = self.signals.next() => {
                tracing::info!(signal = name, "draining");
                None
            }
            () = finished => None,
            Some(end) = self.components.join_next() => Some(unexpected(end)),
        };
        let latch = self.readiness.latch("the drain");
        if first.is_none() && !self.settings.unready_for.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(self.settings.unready_for) => {}
                _ = self.signals.next() => return Err(Stopped::Aborted("a second signal cut the drain short")),
            }
        }
        self.drain.cancel();
        let drained = async {
            let mut failure = None;
            while let Some(end) = self.components.join_next().await {
                match end {
                    Ok((_, Ok(()))) => {}
                    other => failure = failure.or_else(|| Some(unexpected(other))),
                }
            }
            failure
        };
        let result = tokio::select! {
            failure = drained => first.or(failure).map_or(Ok(()), Err),
            () = tokio::time::sleep(self.settings.deadline) => {
                Err(first.unwrap_or(Stopped::Aborted("the drain took longer than its deadline")))
            }
            _ = self.signals.next() => Err(Stopped::Aborted("a second signal cut the drain short")),
        };
        drop(latch);
        result
    }
}

/// What an end means that nobody asked for.
fn unexpected(end: Result<(&'static str, ComponentResult), tokio::task::JoinError>) -> Stopped {
    match end {
        Ok((component, Err(source))) => Stopped::Failed { component, source },
        Ok((component, Ok(()))) => Stopped::Ended { component },
        // The panic's message is on standard error already, printed by the hook.
        Err(_) => Stopped::Ended { component: "a component that panicked" },
    }
}

#[cfg(test)]
mod tests {
    use super::{DrainSettings, Lifecycle, Readiness, Stopped};
    use std::time::Duration;

    const SETTINGS: DrainSettings =
        DrainSettings { unready_for: Duration::ZERO, deadline: Duration::from_secs(30) };

    #[test]
    fn ready_once_every_latch_is_released() {
        let readiness = Readiness::default();
        let bus = readiness.latch("the broker");
        let store = readiness.latch("the store");
        assert_eq!(readiness.waiting_for(), ["the broker", "the store"]);
        drop(bus);
        drop(store);
        assert!(readiness.waiting_for().is_empty());
    }

    #[tokio::test]
    async fn a_failing_component_stops_the_others() {
        let mut lifecycle = Lifecycle::new(SETTINGS).unwrap();
        let drain = lifecycle.drain.clone();
        lifecycle.spawn("steady", async move {
            drain.cancelled().await;
            Ok(())
        });
        lifecycle.spawn("broken", async { Err("out of order".into()) });
        let stopped = lifecycle.run(std::future::pending()).await.unwrap_err();
        assert!(matches!(stopped, Stopped::Failed { component: "broken", .. }));
    }

    #[tokio::test]
    async fn a_component_that_ends_by_itself_is_a_failure() {
        let mut lifecycle = Lifecycle::new(SETTINGS).unwrap();
        lifecycle.spawn("short", async { Ok(()) });
        let stopped = lifecycle.run(std::future::pending()).await.unwrap_err();
        assert!(matches!(stopped, Stopped::Ended { component: "short" }));
    }

    #[tokio::test]
    async fn a_drain_has_a_deadline() {
        let settings = DrainSettings { deadline: Duration::from_millis(1), ..SETTINGS };
        let mut lifecycle = Lifecycle::new(settings).unwrap();
        lifecycle.spawn("stuck", std::future::pending());
        let stopped = lifecycle.run(std::future::ready(())).await.unwrap_err();
        assert!(matches!(stopped, Stopped::Aborted(_)));
    }
}
