//! Reading a stream that keeps by limits.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;

use super::api::Refusal;
use super::connection::Connection;
use crate::manifest::StreamSpec;
use crate::{Error, Headers, ID_HEADER, Page, Stored};

/// How many requests for messages are out at once.
const REQUESTS: usize = 64;

/// How often a waiter looks for itself, in case that the message which was to wake it got lost.
const LOOK: Duration = Duration::from_secs(1);

/// The first pause until a message that was seen on its way is stored.
const STORED: Duration = Duration::from_millis(1);

/// Messages are asked for by sequence, from the stream's leader: a follower that lags could leave one out, and a reader
/// that goes on behind it would never see it. Sequences that are gone are skipped.
pub(super) async fn read(
    connection: &Connection,
    stream: &StreamSpec,
    after: u64,
    max: usize,
) -> Result<Page, Error> {
    let info = connection.stream_info(stream.name).await?;
    let mut messages = Vec::new();
    let mut next = info.first_sequence.max(after.saturating_add(1));
    while messages.len() < max && next <= info.last_sequence {
        let some = (max - messages.len()) as u64;
        let last = info.last_sequence.min(next.saturating_add(some - 1));
        let found: Vec<Option<Stored>> = stream::iter(next..=last)
            .map(|sequence| get(connection, stream, sequence))
            .buffered(REQUESTS)
            .try_collect()
            .await?;
        messages.extend(found.into_iter().flatten());
        next = last + 1;
    }
    Ok(Page { messages, first_sequence: info.first_sequence, last_sequence: info.last_sequence })
}

#[derive(serde::Serialize)]
struct BySequence {
    seq: u64,
}

#[derive(serde::Deserialize)]
struct Found {
    message: Raw,
}

/// A message as the request interface gives it.
#[derive(serde::Deserialize)]
struct Raw {
    subject: String,
    seq: u64,
    /// Base64 of the header block.
    #[serde(default)]
    hdrs: String,
    /// Base64 of the payload.
    #[serde(default)]
    data: String,
}

async fn get(connection: &Connection, stream: &StreamSpec, sequence: u64) -> Result<Option<Stored>, Error> {
    let subject = format!("STREAM.MSG.GET.{}", stream.name);
    let found: Result<Found, Refusal> = connection.ask(&subject, &BySequence { seq: sequence }).await?;
    match found {
        Ok(found) => stored(found.message).map(Some),
        Err(refusal) if is_no_message(&refusal) => Ok(None),
        Err(refusal) => Err(Error::failed("read a message")(refusal)),
    }
}

fn is_no_message(refusal: &Refusal) -> bool {
    [ErrorCode::NO_MESSAGE_FOUND, ErrorCode::SEQUENCE_NOT_FOUND].into_iter().any(|code| refusal.is(code))
}

fn stored(raw: Raw) -> Result<Stored, Error> {
    let decode = |text: &str| STANDARD.decode(text).map_err(Error::failed("read a stored message"));
    Ok(Stored {
        sequence: raw.seq,
        subject: raw.subject,
        headers: headers(&String::from_utf8_lossy(&decode(&raw.hdrs)?)),
        payload: decode(&raw.data)?.into(),
    })
}

/// The headers of a block: a line `NATS/1.0`, then `Name: value` lines.
fn headers(block: &str) -> Headers {
    let mut headers: Headers = block
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .filter(|(name, _)| name == ID_HEADER || !name.starts_with("Nats-"))
        .collect();
    headers.sort();
    headers
}

/// Listens for messages on their way to the stream, which costs the server less than asking it again and again, then
/// looks whether they are stored.
pub(super) async fn wait_beyond(
    connection: &Connection,
    stream: &StreamSpec,
    after: u64,
    wait: Duration,
) -> Result<(), Error> {
    let end = Instant::now() + wait;
    let subscribed = connection.client().subscribe(format!("{}.*", stream.subject_stem));
    let mut passing = tokio::time::timeout_at(end, subscribed)
        .await
        .map_err(|elapsed| connection.unavailable(elapsed))?
        .map_err(|error| connection.unavailable(error))?;
    let mut pause = LOOK;
    loop {
        if connection.stream_info(stream.name).await?.last_sequence > after || Instant::now() >= end {
            return Ok(());
        }
        let look = (Instant::now() + pause).min(end);
        pause = match tokio::time::timeout_at(look, passing.next()).await {
            // It was seen before it was stored: look again at once, then less and less often.
            Ok(Some(_)) => STORED,
            Ok(None) => return Err(connection.unavailable("the subscription ended")),
            Err(_) => (pause * 2).min(LOOK),
        };
    }
}

/// Deletes a message; its bytes are overwritten too.
pub(super) async fn delete(connection: &Connection, stream: &StreamSpec, sequence: u64) -> Result<(), Error> {
    let subject = format!("STREAM.MSG.DELETE.{}", stream.name);
    let deleted: Result<serde_json::Value, Refusal> =
        connection.ask(&subject, &BySequence { seq: sequence }).await?;
    match deleted {
        Ok(_) => Ok(()),
        Err(refusal) if is_no_message(&refusal) => Ok(()),
        Err(refusal) if refusal.is(ErrorCode::STREAM_MESSAGE_DELETE_FAILED) => {
            match get(connection, stream, sequence).await? {
                None => Ok(()),
                Some(_) => Err(Error::failed("delete a message")(refusal)),
            }
        }
        Err(refusal) if refusal.is(ErrorCode::STREAM_NOT_FOUND) => {
            Err(Error::Missing { what: format!("stream {}", stream.name) })
        }
        Err(refusal) => Err(Error::failed("delete a message")(refusal)),
    }
}

pub(super) async fn purge(connection: &Connection, stream: &StreamSpec) -> Result<(), Error> {
    let missing = || format!("stream {}", stream.name);
    let _: serde_json::Value = connection.api(&format!("STREAM.PURGE.{}", stream.name), &(), missing).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_header_block() {
        let block = "NATS/1.0\r\nNats-Msg-Id: one\r\nce-type: alert: new\r\nNats-Stream: X\r\n\r\n";
        let expected =
            [("Nats-Msg-Id", "one"), ("ce-type", "alert: new")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(headers(block), expected);
        assert_eq!(headers(""), Headers::new());
    }
}
