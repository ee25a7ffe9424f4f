//! Dead letters: what could not be handled, sealed as it was.
//!
//! The consumer loop stores them before it lets go of a message. An operator lists them, and either discards one or
//! replays it: then its envelope goes back to the stream that it came from, under an id derived from the old one and the
//! dead letter. A replay that is interrupted and made again therefore carries the same id, which the duplicate window and
//! the ids that notify handled make harmless.

use bytes::Bytes;
use callbox_proto::bus::v1::{DeadLetter, Failure, Position};
use prost::Message as _;

use crate::manifest::{DEAD_LETTERS, RAW};
use crate::{Bus, Delivery, Error, Outgoing, Stored, envelope};

/// The header that keeps the epoch of the stream that a dead letter came from.
const EPOCH_HEADER: &str = "Callbox-Epoch";

/// What a message that came without an agency is filed under.
const NO_AGENCY: &str = "unknown";

/// Why and for what a dead letter is made.
pub(crate) struct Grave {
    pub(crate) stream: &'static str,
    pub(crate) stage: &'static str,
    pub(crate) reason: &'static str,
    /// The records given up; none for the whole message.
    pub(crate) records: Vec<u32>,
}

/// Stores the dead letter of a delivery. Made twice, it is stored once, within the duplicate window.
pub(crate) async fn bury(bus: &Bus, delivery: &Delivery, grave: Grave) -> Result<(), Error> {
    let message = &delivery.message;
    let id = format!("{}-{}-{}-{}", grave.stream, delivery.epoch, message.sequence, grave.reason);
    let failure = Failure { stage: grave.stage.to_owned(), reason: grave.reason.to_owned() };
    let mut letter = DeadLetter {
        stream: grave.stream.to_owned(),
        subject: message.subject.clone(),
        sequence: message.sequence,
        payload: message.payload.clone(),
        records: grave.records,
        failure: Some(failure),
    };
    let agency = message.subject.rsplit('.').next().filter(|agency| !agency.is_empty()).unwrap_or(NO_AGENCY);
    let outgoing = |letter: &DeadLetter| Outgoing {
        subject: DEAD_LETTERS.subject(agency),
        id: id.clone(),
        headers: vec![(EPOCH_HEADER.to_owned(), delivery.epoch.to_string())],
        payload: letter.encode_to_vec().into(),
    };
    match publish(bus, outgoing(&letter)).await {
        // Bytes that fill a whole message leave no room for the rest of the dead letter. No envelope of ours is that
        // large, so nothing that could be replayed is lost; that it came is still on record.
        Err(Error::Refused { .. }) => {
            letter.payload = Bytes::new();
            publish(bus, outgoing(&letter)).await
        }
        done => done,
    }
}

async fn publish(bus: &Bus, message: Outgoing) -> Result<(), Error> {
    bus.publish(message).await?.await.map(|_| ())
}

/// A dead letter and where it stands.
#[derive(Clone)]
pub struct Entry {
    /// Its sequence among the dead letters, from 1.
    pub sequence: u64,
    /// The epoch of the stream that it came from, seconds since 1970-01-01 UTC.
    pub epoch: u64,
    /// The dead letter. Sealed parts are still sealed.
    pub letter: DeadLetter,
}

/// Some of the dead letters.
pub struct Listing {
    /// The dead letters, oldest first.
    pub entries: Vec<Entry>,
    /// The sequence to go on after; nothing when these were the last.
    pub next: Option<u64>,
}

/// Why a dead letter is not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such dead letter, or no longer.
    #[error("there is no dead letter {sequence}")]
    NotFound {
        /// The sequence asked for.
        sequence: u64,
    },
    /// Its bytes are no envelope, so nobody could handle them.
    #[error("dead letter {sequence} holds no envelope and can only be discarded")]
    NotAnEnvelope {
        /// The sequence asked for.
        sequence: u64,
        /// What is wrong with them.
        #[source]
        source: envelope::Invalid,
    },
    /// The broker.
    #[error("the dead letter was not replayed")]
    Bus(#[from] Error),
}

/// Up to `max` dead letters behind the sequence `after` (0 for the first).
///
/// # Errors
/// When the broker does not give them.
pub async fn list(bus: &Bus, after: u64, max: usize) -> Result<Listing, Error> {
    let page = bus.read(&DEAD_LETTERS, after, max).await?;
    let last = page.messages.last().map(|message| message.sequence);
    let next = last.filter(|&sequence| sequence < page.last_sequence);
    Ok(Listing { entries: page.messages.iter().filter_map(entry).collect(), next })
}

/// The dead letter in a message. Other bytes are skipped: only this module writes to the stream.
fn entry(message: &Stored) -> Option<Entry> {
    let letter = DeadLetter::decode(message.payload.clone()).ok()?;
    let epoch = message.headers.iter().find(|(name, _)| name == EPOCH_HEADER);
    let epoch = epoch.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    Some(Entry { sequence: message.sequence, epoch, letter })
}

/// Sends the envelope of a dead letter to the stream that it came from, then deletes the dead letter. The envelope is
/// marked as replayed, keeps its position in the order, and has those records selected that were given up. Returns its
/// new id.
///
/// # Errors
/// When there is no such dead letter, when it holds no envelope, or when the broker fails; then it can be tried again.
pub async fn replay(bus: &Bus, sequence: u64) -> Result<String, ReplayError> {
    let entry = find(bus, sequence).await?.ok_or(ReplayError::NotFound { sequence })?;
    let letters = bus.info(&DEAD_LETTERS).await?;
    let mut envelope = envelope::decode(&entry.letter.payload)
        .map_err(|source| ReplayError::NotAnEnvelope { sequence, source })?;
    let original = uuid::Uuid::try_parse(&envelope.id).unwrap_or_default();
    let name = format!("dead-letter/{}/{sequence}", letters.epoch);
    envelope.id = uuid::Uuid::new_v5(&original, name.as_bytes()).to_string();
    envelope.replayed = true;
    if !entry.letter.records.is_empty() {
        envelope.selected.clone_from(&entry.letter.records);
    }
    if envelope.position.is_none() && entry.letter.stream == RAW.name {
        envelope.position = Some(Position { epoch: entry.epoch, sequence: entry.letter.sequence });
    }
    let id = envelope.id.clone();
    let message = Outgoing {
        subject: entry.letter.subject,
        id: id.clone(),
        headers: Vec::new(),
        payload: envelope::encode(&envelope),
    };
    publish(bus, message).await?;
    bus.delete(&DEAD_LETTERS, sequence).await?;
    Ok(id)
}

/// Deletes a dead letter. Returns whether there was one.
///
/// # Errors
/// When the broker does not do it.
pub async fn discard(bus: &Bus, sequence: u64) -> Result<bool, Error> {
    let page = read_one(bus, sequence).await?;
    bus.delete(&DEAD_LETTERS, sequence).await?;
    Ok(page.is_some())
}

async fn find(bus: &Bus, sequence: u64) -> Result<Option<Entry>, Error> {
    Ok(read_one(bus, sequence).await?.as_ref().and_then(entry))
}

async fn read_one(bus: &Bus, sequence: u64) -> Result<Option<Stored>, Error> {
    let Some(before) = sequence.checked_sub(1) else { return Ok(None) };
    let page = bus.read(&DEAD_LETTERS, before, 1).await?;
    Ok(page.messages.into_iter().find(|message| message.sequence == sequence))
}
