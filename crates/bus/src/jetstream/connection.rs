//! The connection and what is known through it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::stream::Info;
use async_nats::{Client, ConnectOptions, Event};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::config::{JetStreamConfig, addresses, user_and_password};
use crate::{Error, StreamInfo, metering};

/// How long the first connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How often the server is asked for a sign of life. Two unanswered make the connection count as lost.
const PING: Duration = Duration::from_secs(5);

/// The longest pause between two attempts to connect again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// How long closing waits for requests for messages to end.
const PULLS: Duration = Duration::from_secs(2);

/// How long closing may take to send what is left.
const CLOSE: Duration = Duration::from_secs(5);

/// A connection that is made again whenever it is lost.
pub(super) struct Connection {
    client: Client,
    server: String,
    /// Counts the connections made: whoever waits for an answer sees that it will not come.
    generation: watch::Receiver<u64>,
    epochs: Mutex<Epochs>,
    pulls: TaskTracker,
}

/// The epochs of streams, as long as the connection lasts: a stream may be made anew while it is lost.
#[derive(Default)]
struct Epochs {
    generation: u64,
    of: HashMap<String, u64>,
}

impl Connection {
    pub(super) async fn open(config: &JetStreamConfig) -> Result<Self, Error> {
        let servers = config.servers()?;
        let server = addresses(&servers);
        let (generations, generation) = watch::channel(0);
        let mut options = ConnectOptions::new()
            .name(&config.name)
            .connection_timeout(CONNECT)
            .ping_interval(PING)
            .reconnect_delay_callback(pause)
            .event_callback(listener(server.clone(), generations));
        if let Some((user, password)) = user_and_password(&servers) {
            options = options.user_and_password(user, password);
        }
        if let Some(prefix) = &config.inbox_prefix {
            options = options.custom_inbox_prefix(prefix);
        }
        if let Some(file) = &config.credentials {
            options = options
                .credentials_file(file)
                .await
                .map_err(|_| Error::Settings { reason: "the broker's credentials file cannot be read" })?;
        }
        let connected = tokio::time::timeout(CONNECT * 2, options.connect(servers)).await;
        let unavailable = |source| Error::Unavailable { server: server.clone(), source: Some(source) };
        let client = match connected {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(unavailable(error.into())),
            Err(elapsed) => return Err(unavailable(elapsed.into())),
        };
        Ok(Self { client, server, generation, epochs: Mutex::default(), pulls: TaskTracker::new() })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The requests for messages that are out.
    pub(super) fn pulls(&self) -> &TaskTracker {
        &self.pulls
    }

    /// The error for a broker that did not answer.
    pub(super) fn unavailable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Unavailable { server: self.server.clone(), source: Some(source.into()) }
    }

    /// Changes whenever the connection was made again.
    pub(super) fn generation(&self) -> watch::Receiver<u64> {
        let mut generation = self.generation.clone();
        generation.mark_unchanged();
        generation
    }

    pub(super) async fn stream_info(&self, stream: &str) -> Result<StreamInfo, Error> {
        let missing = || format!("stream {stream}");
        let info: Info = self.api(&format!("STREAM.INFO.{stream}"), &(), missing).await?;
        let state = info.state;
        Ok(StreamInfo {
            messages: state.messages,
            bytes: state.bytes,
            // A stream that never held anything says 0.
            first_sequence: if state.messages == 0 { state.last_sequence + 1 } else { state.first_sequence },
            last_sequence: state.last_sequence,
            epoch: u64::try_from(info.created.unix_timestamp()).unwrap_or(0),
        })
    }

    /// When the stream was made. Asked once for each connection.
    pub(super) async fn epoch(&self, stream: &str) -> Result<u64, Error> {
        let generation = *self.generation.borrow();
        {
            let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
            if epochs.generation != generation {
                *epochs = Epochs { generation, of: HashMap::new() };
            }
            if let Some(&epoch) = epochs.of.get(stream) {
                return Ok(epoch);
            }
        }
        let epoch = self.stream_info(stream).await?.epoch;
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        if epochs.generation == generation {
            epochs.of.insert(stream.to_owned(), epoch);
        }
        Ok(epoch)
    }

    /// Forgets the epoch of a stream that turned out to be gone.
    pub(super) fn forget_epoch(&self, stream: &str) {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner).of.remove(stream);
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        if self.client.connection_state() != State::Connected {
            return Err(Error::Unavailable { server: self.server.clone(), source: None });
        }
        let _: serde_json::Value = self.api("INFO", &(), || "a JetStream account".to_owned()).await?;
        Ok(())
    }

    /// Sends what is left and ends the connection.
    pub(super) async fn close(&self) {
        // What the server sends to a request that is still out goes back only while the connection is there.
        self.pulls.close();
        let _ = tokio::time::timeout(PULLS, self.pulls.wait()).await;
        // Nobody waits for more than an attempt: the process is ending.
        let _ = tokio::time::timeout(CLOSE, self.client.flush()).await;
        let _ = tokio::time::timeout(CLOSE, self.client.drain()).await;
    }
}

/// The pause before an attempt to connect again, from its number.
fn pause(attempt: usize) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(10);
    (Duration::from_millis(10) * (1 << doublings)).min(RECONNECT_PAUSE)
}

/// Follows the state of the connection: logs each change once, and counts.
fn listener(
    server: String,
    generations: watch::Sender<u64>,
) -> impl Fn(Event) -> std::future::Ready<()> + Send + Sync + 'static {
    let server: Arc<str> = server.into();
    move |event| {
        match event {
            Event::Connected => {
                generations.send_modify(|generation| *generation += 1);
                if *generations.borrow() > 1 {
                    metering::reconnect();
                    tracing::info!(%server, "connected to the broker again");
                }
            }
            Event::Disconnected => tracing::warn!(%server, "lost the connection to the broker"),
            Event::LameDuckMode => tracing::info!(%server, "the broker is about to shut down"),
            Event::SlowConsumer(_) => {
                tracing::warn!(%server, "the broker sends faster than this process reads");
            }
            Event::ServerError(error) => tracing::warn!(%server, %error, "the broker reports an error"),
            // Each failed attempt to connect again comes here too: once was enough to say.
            Event::ClientError(error) => {
                tracing::debug!(%server, %error, "the broker's client reports an error");
            }
            Event::Draining | Event::Closed => tracing::debug!(%server, "the connection to the broker ends"),
        }
        std::future::ready(())
    }
}
