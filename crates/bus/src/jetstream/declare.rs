//! Making the streams and consumers of the manifest.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, ReplayPolicy};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};

use super::connection::Connection;
use crate::Error;
use crate::manifest::{ConsumerSpec, Retention, StreamSpec};

pub(super) async fn stream(connection: &Connection, spec: &StreamSpec, replicas: usize) -> Result<(), Error> {
    let config = stream_config(spec, replicas);
    let missing = || format!("stream {}", spec.name);
    let created: Result<Info, _> = connection.ask(&format!("STREAM.CREATE.{}", spec.name), &config).await?;
    match created {
        Ok(_) => Ok(()),
        // It is there with other limits.
        Err(refusal) if refusal.is(ErrorCode::STREAM_NAME_EXIST) => {
            let _: Info = connection.api(&format!("STREAM.UPDATE.{}", spec.name), &config, missing).await?;
            Ok(())
        }
        Err(refusal) => Err(Error::failed("declare a stream")(refusal)),
    }
}

fn stream_config(spec: &StreamSpec, replicas: usize) -> Config {
    let (retention, discard) = match spec.retention {
        Retention::WorkQueue => (RetentionPolicy::WorkQueue, DiscardPolicy::New),
        Retention::Limits => (RetentionPolicy::Limits, DiscardPolicy::Old),
    };
    Config {
        name: spec.name.to_owned(),
        subjects: vec![format!("{}.*", spec.subject_stem)],
        retention,
        discard,
        max_age: spec.age_max,
        max_bytes: i64::try_from(spec.bytes_max).unwrap_or(i64::MAX),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        duplicate_window: spec.duplicate_window.min(spec.age_max),
        storage: StorageType::File,
        num_replicas: replicas,
        ..Config::default()
    }
}

/// What a consumer is created or updated with.
#[derive(serde::Serialize)]
struct Creation {
    stream_name: &'static str,
    config: consumer::Config,
}

pub(super) async fn consumer(connection: &Connection, spec: &ConsumerSpec) -> Result<(), Error> {
    let config = consumer::Config {
        durable_name: Some(spec.name.to_owned()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: spec.ack_wait,
        // Only a handler gives up, never the number of attempts.
        max_deliver: -1,
        max_ack_pending: i64::from(spec.ack_pending_max),
        replay_policy: ReplayPolicy::Instant,
        ..consumer::Config::default()
    };
    let subject = format!("CONSUMER.DURABLE.CREATE.{}.{}", spec.stream, spec.name);
    let creation = Creation { stream_name: spec.stream, config };
    let missing = || format!("stream {}", spec.stream);
    let _: consumer::Info = connection.api(&subject, &creation, missing).await?;
    Ok(())
}
