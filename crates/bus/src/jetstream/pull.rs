//! Pulling messages of a consumer.
//!
//! A request to JetStream asks for a number of messages and stays open until all have come, so one that waits must ask
//! for one message only. Hence up to three requests: what is there now; if that is nothing, wait for one message; then
//! what came with it. Under load the first one is all there is.
//!
//! A caller that goes away does not end a request. Its task stays until the server has ended it, and gives back what came:
//! ending the subscription instead would lose what is on its way, and nats-server 2.9 forgets until `ack_wait` a message
//! that was due again just when the one who asked is gone.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, Message, Subscriber};
use futures::StreamExt as _;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::api::PREFIX;
use super::connection::Connection;
use super::settle;
use crate::manifest::ConsumerSpec;
use crate::{Delivery, DeliveryToken, Error, Headers, ID_HEADER, Settlement, Stored};

/// How much longer than asked the end of a request is awaited.
const GRACE: Duration = Duration::from_secs(2);

/// Up to `max` messages. Whoever drops the future loses none.
pub(super) async fn pull(
    connection: &Arc<Connection>,
    consumer: &ConsumerSpec,
    max: usize,
    wait: Duration,
) -> Result<Vec<Delivery>, Error> {
    let (answer, answered) = oneshot::channel();
    let work = work(Arc::clone(connection), *consumer, max, wait);
    connection.pulls().spawn(async move {
        // If nobody is left to take it, the batch is dropped and gives itself back.
        let _ = answer.send(work.await);
    });
    let batch: Batch = answered.await.map_err(|lost| connection.unavailable(lost))??;
    Ok(batch.take())
}

async fn work(
    connection: Arc<Connection>,
    consumer: ConsumerSpec,
    max: usize,
    wait: Duration,
) -> Result<Batch, Error> {
    let epoch = connection.epoch(consumer.stream).await?;
    let mut batch = Batch { connection: Arc::clone(&connection), deliveries: Vec::new() };
    let mut pull = Pull::open(connection, consumer).await?;
    let max = max.clamp(1, consumer.ack_pending_max as usize);
    let result = pull.requests(&mut batch, max, wait, epoch).await;
    // Also sent when the subscriber is dropped, but then not if the channel to the connection is full.
    let _ = tokio::time::timeout(GRACE, pull.subscriber.unsubscribe()).await;
    match result {
        Err(error) if batch.deliveries.is_empty() => Err(error),
        _ => Ok(batch),
    }
}

/// Deliveries on their way to the caller. Dropped on the way, they are given back.
struct Batch {
    connection: Arc<Connection>,
    deliveries: Vec<Delivery>,
}

impl Batch {
    fn take(mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.deliveries.is_empty() {
            return;
        }
        let back =
            self.deliveries.drain(..).map(|delivery| (delivery.token, Settlement::Nak(Duration::ZERO)));
        let (connection, back) = (Arc::clone(&self.connection), back.collect());
        // Without a runtime the process is ending, and `ack_wait` brings them back.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { settle::settle(&connection, back).await });
        }
    }
}

struct Pull {
    connection: Arc<Connection>,
    consumer: ConsumerSpec,
    generation: watch::Receiver<u64>,
    inbox: String,
    subscriber: Subscriber,
}

/// How a request ended.
#[derive(PartialEq, Eq)]
enum End {
    /// All that was asked for has come, or the server has no more.
    Complete,
    /// The connection was made again.
    Broken,
}

/// What is asked of the server (ADR-13).
#[derive(serde::Serialize)]
struct Ask {
    batch: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_wait: bool,
    /// In nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

impl Ask {
    /// What is there, at most this much.
    fn now(batch: usize) -> Self {
        Self { batch, no_wait: true, expires: None }
    }

    /// One message as soon as there is one.
    fn one_within(wait: Duration) -> Self {
        Self { batch: 1, no_wait: false, expires: Some(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX)) }
    }
}

impl Pull {
    async fn open(connection: Arc<Connection>, consumer: ConsumerSpec) -> Result<Self, Error> {
        let generation = connection.generation();
        let inbox = connection.client().new_inbox();
        let subscribed = connection.client().subscribe(format!("{inbox}.*"));
        let subscriber = tokio::time::timeout(GRACE, subscribed)
            .await
            .map_err(|elapsed| connection.unavailable(elapsed))?
            .map_err(|error| connection.unavailable(error))?;
        Ok(Self { connection, consumer, generation, inbox, subscriber })
    }

    async fn requests(
        &mut self,
        batch: &mut Batch,
        max: usize,
        wait: Duration,
        epoch: u64,
    ) -> Result<(), Error> {
        let first = self.request("now", Ask::now(max), GRACE).await;
        if first.collect(batch, epoch)? == End::Broken || !batch.deliveries.is_empty() {
            return Ok(());
        }
        let second = self.request("wait", Ask::one_within(wait), wait + GRACE).await;
        if second.collect(batch, epoch)? == End::Broken || batch.deliveries.is_empty() || max == 1 {
            return Ok(());
        }
        let third = self.request("rest", Ask::now(max - batch.deliveries.len()), GRACE).await;
        third.collect(batch, epoch).map(|_| ())
    }

    /// Makes one request and takes in what comes until its end.
    async fn request(&mut self, name: &str, ask: Ask, limit: Duration) -> Taken {
        let mut taken = Taken { messages: Vec::new(), end: Ok(End::Broken) };
        let reply = match self.send(name, &ask).await {
            Ok(reply) => reply,
            Err(error) => return taken.failed(error),
        };
        let end = Instant::now() + limit;
        while taken.messages.len() < ask.batch {
            let message = tokio::select! {
                biased;
                message = self.subscriber.next() => message,
                Ok(()) = self.generation.changed() => return taken,
                () = tokio::time::sleep_until(end) => None,
            };
            let Some(message) = message else {
                // The server answers each request in time, unless it hangs or there is no such consumer.
                return match self.consumer_exists().await {
                    Ok(()) => taken.complete(),
                    Err(error) => taken.failed(error),
                };
            };
            match message.status.map(|status| status.as_u16()) {
                None if message.reply.is_some() => taken.messages.push(message),
                // Of an earlier request, which we thought over.
                Some(_) if message.subject.as_str() != reply => {}
                Some(503) => return taken.failed(self.connection.unavailable("nobody serves the consumer")),
                Some(409) if is_gone(&message) => return taken.failed(self.missing()),
                Some(100) | None => {}
                Some(_) => return taken.complete(),
            }
        }
        taken.complete()
    }

    /// Sends a request; its answers go to the subject that it returns.
    async fn send(&self, name: &str, ask: &Ask) -> Result<String, Error> {
        let body = serde_json::to_vec(ask).map_err(Error::failed("encode a pull request"))?;
        let subject = format!("{PREFIX}.CONSUMER.MSG.NEXT.{}.{}", self.consumer.stream, self.consumer.name);
        let reply = format!("{}.{name}", self.inbox);
        let sent = self.connection.client().publish_with_reply(subject, reply.clone(), body.into());
        match tokio::time::timeout(GRACE, sent).await {
            Ok(Ok(())) => Ok(reply),
            Ok(Err(error)) => Err(self.connection.unavailable(error)),
            Err(elapsed) => Err(self.connection.unavailable(elapsed)),
        }
    }

    async fn consumer_exists(&self) -> Result<(), Error> {
        let subject = format!("CONSUMER.INFO.{}.{}", self.consumer.stream, self.consumer.name);
        let info: Result<serde_json::Value, _> = self.connection.api(&subject, &(), || self.name()).await;
        info.map(|_| ()).inspect_err(|_| self.connection.forget_epoch(self.consumer.stream))
    }

    fn missing(&self) -> Error {
        self.connection.forget_epoch(self.consumer.stream);
        Error::Missing { what: self.name() }
    }

    fn name(&self) -> String {
        format!("consumer {} of stream {}", self.consumer.name, self.consumer.stream)
    }
}

/// What one request brought.
struct Taken {
    messages: Vec<Message>,
    end: Result<End, Error>,
}

impl Taken {
    fn complete(mut self) -> Self {
        self.end = Ok(End::Complete);
        self
    }

    fn failed(mut self, error: Error) -> Self {
        self.end = Err(error);
        self
    }

    fn collect(self, batch: &mut Batch, epoch: u64) -> Result<End, Error> {
        batch.deliveries.extend(self.messages.into_iter().filter_map(|message| delivery(message, epoch)));
        self.end
    }
}

/// Whether a refusal says that the consumer was deleted, rather than that it is at one of its limits.
fn is_gone(status: &Message) -> bool {
    status.description.as_deref().is_some_and(|description| description.contains("Consumer Deleted"))
}

fn delivery(message: Message, epoch: u64) -> Option<Delivery> {
    let token = DeliveryToken(message.reply.as_ref()?.to_string());
    let (attempt, sequence) = numbers(&token.0)?;
    let stored = Stored {
        sequence,
        subject: message.subject.to_string(),
        headers: message.headers.as_ref().map(headers).unwrap_or_default(),
        payload: message.payload,
    };
    Some(Delivery { message: stored, attempt, epoch, token })
}

/// The attempt and the sequence in an acknowledgement subject: `$JS.ACK.STREAM.CONSUMER.ATTEMPT.SEQUENCE.…`, or with a
/// domain and an account before the stream (ADR-15).
fn numbers(reply: &str) -> Option<(u64, u64)> {
    let words: Vec<_> = reply.split('.').collect();
    let skipped = match words.len() {
        9 => 4,
        11.. => 6,
        _ => return None,
    };
    Some((words.get(skipped)?.parse().ok()?, words.get(skipped + 1)?.parse().ok()?))
}

/// Headers without the ones that only the server and the library need.
pub(super) fn headers(map: &HeaderMap) -> Headers {
    let mut headers: Headers = map
        .iter()
        .flat_map(|(name, values)| {
            values.iter().map(move |value| (name.to_string(), value.as_str().to_owned()))
        })
        .filter(|(name, _)| name == ID_HEADER || !name.starts_with("Nats-"))
        .collect();
    headers.sort();
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_the_acknowledgement_subject() {
        assert_eq!(numbers("$JS.ACK.RAW.redact.3.100.7.1790230470084404000.42"), Some((3, 100)));
        assert_eq!(numbers("$JS.ACK._.HASH.RAW.redact.3.100.7.1790230470084404000.42.token"), Some((3, 100)));
        assert_eq!(numbers("$JS.ACK.RAW.redact.3"), None);
    }

    #[test]
    fn keeps_the_id_and_our_own_headers() {
        let mut map = HeaderMap::new();
        map.insert("Nats-Msg-Id", "one");
        map.insert("Nats-Expected-Stream", "RAW");
        map.insert("traceparent", "00-1-2-3");
        let expected =
            [("Nats-Msg-Id", "one"), ("traceparent", "00-1-2-3")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(headers(&map), expected);
    }
}
