//! Publishing through a window of unacknowledged messages.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self, Context, ErrorCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::time::Instant;

use super::config::JetStreamConfig;
use super::connection::Connection;
use crate::{AckFuture, Error, ID_HEADER, Outgoing, Published, check, metering};

/// How long one answer is awaited before the message is sent again.
const ANSWER: Duration = Duration::from_secs(5);

/// The pause before the next attempt after a refusal that may pass.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the answer "nobody stores this subject" is not believed: right after a restart or an election it passes.
const NO_STREAM: Duration = Duration::from_secs(3);

/// How long closing waits for answers.
const FINISH: Duration = Duration::from_secs(5);

/// The library's own window. Ours is narrower; what we have sent again still counts there until its time is over.
const LIBRARY_WINDOW: usize = 1 << 16;

pub(super) struct Publisher {
    context: Context,
    connection: Arc<Connection>,
    window: Arc<Semaphore>,
    window_size: usize,
    deadline: Duration,
}

impl Publisher {
    pub(super) fn new(connection: Arc<Connection>, config: &JetStreamConfig) -> Self {
        let context = ContextBuilder::new()
            .timeout(ANSWER)
            .ack_timeout(ANSWER)
            .max_ack_inflight(LIBRARY_WINDOW)
            .build(connection.client().clone());
        Self {
            context,
            connection,
            window: Arc::new(Semaphore::new(config.in_flight_max)),
            window_size: config.in_flight_max,
            deadline: config.publish_deadline,
        }
    }

    pub(super) async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error> {
        check::message(&message)?;
        let window = Arc::clone(&self.window);
        let permit = tokio::time::timeout(self.deadline, window.acquire_owned())
            .await
            .map_err(|elapsed| self.connection.unavailable(elapsed))?
            .map_err(|closed| self.connection.unavailable(closed))?;
        let attempt = Attempt {
            context: self.context.clone(),
            connection: Arc::clone(&self.connection),
            generation: self.connection.generation(),
            message,
            deadline: Instant::now() + self.deadline,
        };
        // Here and not in the task, so that messages go out in the order in which they were handed over.
        let first = attempt.send().await;
        let (answer, answered) = oneshot::channel();
        tokio::spawn(async move {
            let result = attempt.until_answered(first).await;
            release(permit);
            // Nobody is left to hear it if the caller dropped the future.
            let _ = answer.send(result);
        });
        let connection = Arc::clone(&self.connection);
        Ok(Box::pin(async move { answered.await.map_err(|lost| connection.unavailable(lost))? }))
    }

    /// Waits for the answers that are still out, then refuses further messages.
    pub(super) async fn finish(&self) {
        let all = u32::try_from(self.window_size).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(FINISH, self.window.acquire_many(all)).await;
        self.window.close();
    }
}

/// Gives the place in the window back before the caller hears the answer and asks for one again.
fn release(permit: OwnedSemaphorePermit) {
    drop(permit);
}

/// One message until the broker has answered it.
struct Attempt {
    context: Context,
    connection: Arc<Connection>,
    generation: watch::Receiver<u64>,
    message: Outgoing,
    deadline: Instant,
}

/// What to do about a failed attempt.
enum Verdict {
    /// Send it again, after a pause if there is one.
    Again(Option<Duration>),
    /// Give up.
    Final(Error),
}

impl Attempt {
    async fn send(&self) -> Result<PublishAckFuture, PublishError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.message.headers {
            headers.append(name.as_str(), value.as_str());
        }
        headers.insert(ID_HEADER, self.message.id.as_str());
        let publish = jetstream::message::PublishMessage::build()
            .headers(headers)
            .payload(self.message.payload.clone());
        self.context.send_publish(self.message.subject.clone(), publish).await
    }

    async fn until_answered(
        mut self,
        first: Result<PublishAckFuture, PublishError>,
    ) -> Result<Published, Error> {
        let begin = Instant::now();
        let mut sent = first;
        loop {
            let answer = match sent {
                Ok(future) => self.answer(future).await,
                Err(error) => Some(Err(error)),
            };
            let verdict = match answer {
                Some(Ok(ack)) => return Ok(Published { sequence: ack.sequence, duplicate: ack.duplicate }),
                Some(Err(error)) => self.verdict(error, begin.elapsed()),
                // The connection was made again: the answer will not come.
                None => Verdict::Again(None),
            };
            match verdict {
                Verdict::Final(error) => return Err(error),
                Verdict::Again(pause) => tokio::time::sleep(pause.unwrap_or_default()).await,
            }
            if Instant::now() >= self.deadline {
                return Err(self.connection.unavailable("no answer within the deadline"));
            }
            metering::publish_retry();
            sent = self.send().await;
        }
    }

    /// The broker's answer, or nothing if the connection on which it was to come is gone.
    async fn answer(&mut self, future: PublishAckFuture) -> Option<Result<PublishAck, PublishError>> {
        tokio::select! {
            biased;
            answer = future.into_future() => Some(answer),
            Ok(()) = self.generation.changed() => None,
        }
    }

    fn verdict(&self, error: PublishError, elapsed: Duration) -> Verdict {
        match error.kind() {
            PublishErrorKind::StreamNotFound if elapsed >= NO_STREAM => {
                let what = format!("a stream for the subject {}", self.message.subject);
                Verdict::Final(Error::Missing { what })
            }
            PublishErrorKind::MaxPayloadExceeded => {
                Verdict::Final(Error::Refused { reason: "the message is larger than the broker takes" })
            }
            PublishErrorKind::Other => refused(error, &self.message.subject),
            _ => Verdict::Again(Some(PAUSE)),
        }
    }
}

/// What an error of the broker itself means.
fn refused(error: PublishError, subject: &str) -> Verdict {
    let refusal = std::error::Error::source(&error)
        .and_then(|source| source.downcast_ref::<jetstream::Error>())
        .map(|refusal| (refusal.error_code(), refusal.code(), refusal.to_string()));
    match refusal {
        Some((ErrorCode::STREAM_STORE_FAILED, _, text)) if text.contains("maximum") => {
            let stream = subject.rsplit_once('.').map_or(subject, |(stem, _)| stem);
            Verdict::Final(Error::Full { stream: stream.to_owned() })
        }
        Some((ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM, ..)) => {
            Verdict::Final(Error::Refused { reason: "the message is larger than the stream takes" })
        }
        // The server is short of something, or its stream without a leader.
        Some((_, 503, _)) => Verdict::Again(Some(PAUSE)),
        _ => Verdict::Final(Error::failed("store a message")(error)),
    }
}
