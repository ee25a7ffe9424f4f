//! The four services, each from its part of the settings.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use callbox_bus::relay::Relay;
use callbox_bus::{Bus, Consumer, manifest};
use callbox_classify::Classifier;
use callbox_classify::service::{Classify, ClassifyGrpc};
use callbox_ingest::accept::Acceptor;
use callbox_ingest::service::Ingest;
use callbox_notify::store;
use callbox_proto::classify::v1::classify_service_server::ClassifyServiceServer;
use callbox_proto::redact::v1::redact_service_server::RedactServiceServer;
use callbox_redact::service::{Projector, Redact, RedactGrpc};
use callbox_redact::{Engine, Known, Mode};
use callbox_service::grpc::Services;
use callbox_service::lifecycle::{ComponentResult, Lifecycle};
use callbox_service::propagation;
use tokio_util::sync::CancellationToken;

use crate::settings::{Role, Settings};

/// The largest gRPC message: a batch of redaction.
const MESSAGE_BYTES_MAX: usize = 8 << 20;

/// Starts the roles of these settings: adds their gRPC services and spawns what they run. Gives the acceptor, where
/// ingest is among them.
///
/// # Errors
/// If a key is missing or a map is none.
pub(crate) fn start(
    settings: &Settings,
    bus: &Bus,
    store: Option<&store::Shared>,
    services: &mut Services,
    lifecycle: &mut Lifecycle,
) -> Result<Option<Acceptor>> {
    let mut acceptor = None;
    for role in &settings.roles {
        match role {
            Role::Ingest => acceptor = Some(ingest(settings, bus, services, lifecycle)?),
            Role::Redact => redact(settings, bus, services, lifecycle)?,
            Role::Classify => classify(settings, bus, services, lifecycle)?,
            Role::Notify => {
                notify(settings, bus, store.context("notify needs a store")?, services, lifecycle)?;
            }
        }
    }
    Ok(acceptor)
}

fn ingest(
    settings: &Settings,
    bus: &Bus,
    services: &mut Services,
    lifecycle: &mut Lifecycle,
) -> Result<Acceptor> {
    let checked = settings.ingest.clone().context("ingest is not configured")?;
    let ingest = Ingest::new(checked, bus, propagation::headers);
    services.add(ingest.grpc());
    let acceptor = ingest.acceptor().clone();
    let drain = lifecycle.drain.clone();
    lifecycle.spawn("ingest", async move {
        drain.cancelled().await;
        ingest.drain().await;
        Ok(())
    });
    Ok(acceptor)
}

fn redact(settings: &Settings, bus: &Bus, services: &mut Services, lifecycle: &mut Lifecycle) -> Result<()> {
    let transform = Redact {
        keys: settings.keys.redact_private.clone().context("keys.redact_private is missing")?,
        narrative_key: settings.keys.classify_public.clone().context("keys.classify_public is missing")?,
        projector: Projector::new(Engine::builtin(), settings.agencies.for_redact()),
    };
    let relay = Relay { bus: bus.clone(), to: manifest::INCIDENTS, transform };
    let consumer = Consumer::new(
        bus.clone(),
        callbox_redact::service::CONSUMER,
        relay,
        callbox_redact::service::consumer_settings(),
    );
    let drain = lifecycle.drain.clone();
    lifecycle.spawn("redact", async move { Ok(consumer.run(drain).await?) });
    let grpc = RedactServiceServer::new(RedactGrpc::new(Engine::builtin()));
    services.add(grpc.max_decoding_message_size(MESSAGE_BYTES_MAX));
    Ok(())
}

fn classify(
    settings: &Settings,
    bus: &Bus,
    services: &mut Services,
    lifecycle: &mut Lifecycle,
) -> Result<()> {
    let classifier = Arc::new(Classifier::with_maps(settings.agencies.for_classify()?)?);
    let keys = settings.keys.classify_private.clone().context("keys.classify_private is missing")?;
    let transform = Classify { keys, classifier: Arc::clone(&classifier) };
    let relay = Relay { bus: bus.clone(), to: manifest::CLASSIFIED, transform };
    let consumer = Consumer::new(
        bus.clone(),
        callbox_classify::service::CONSUMER,
        relay,
        callbox_classify::service::consumer_settings(),
    );
    let drain = lifecycle.drain.clone();
    lifecycle.spawn("classify", async move { Ok(consumer.run(drain).await?) });
    let engine = Engine::builtin();
    let scrub = Arc::new(move |text: &str| engine.redact(text, &Known::none(), Mode::Strict).text);
    let grpc = ClassifyServiceServer::new(ClassifyGrpc::new(classifier, scrub));
    services.add(grpc.max_decoding_message_size(MESSAGE_BYTES_MAX));
    Ok(())
}

fn notify(
    settings: &Settings,
    bus: &Bus,
    store: &store::Shared,
    services: &mut Services,
    lifecycle: &mut Lifecycle,
) -> Result<()> {
    let agencies = settings.agencies.for_notify().agencies()?;
    let notify = callbox_notify::build(agencies, bus, store);
    services.add(notify.services.alerts).add(notify.services.subscriptions).add(notify.services.outcomes);
    let consumer = Consumer::new(
        bus.clone(),
        callbox_notify::handler::CONSUMER,
        notify.handler,
        callbox_notify::handler::consumer_settings(),
    );
    let drain = lifecycle.drain.clone();
    let background = notify.background;
    lifecycle.spawn("notify", async move { run_notify(consumer, background, drain).await });
    Ok(())
}

/// Runs notify. The outbox is published and watches are fed until the consumer has settled its last batch: what it
/// decided last is told too.
async fn run_notify(
    consumer: Consumer<callbox_notify::handler::NotifyHandler>,
    background: callbox_notify::Background,
    drain: CancellationToken,
) -> ComponentResult {
    let after = CancellationToken::new();
    let consuming = async {
        let result = consumer.run(drain).await;
        after.cancel();
        result
    };
    let (consumed, ()) = tokio::join!(consuming, background.run(after.clone()));
    Ok(consumed?)
}
