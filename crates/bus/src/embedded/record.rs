//! What is in the blobs, and how rows are keyed.

use bytes::Bytes;
use prost::Message as _;

use crate::{Headers, ID_HEADER, Outgoing, Stored};

/// Bits of a key that hold the sequence: a million messages a second for twelve days, or ours for centuries.
const SEQUENCE_BITS: u32 = 40;

/// The key of a stream's message.
pub(super) fn key(stream: i64, sequence: u64) -> i64 {
    (stream << SEQUENCE_BITS) | i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// The sequence in a key.
pub(super) fn sequence(key: i64) -> u64 {
    key.cast_unsigned() & ((1 << SEQUENCE_BITS) - 1)
}

/// The stream in a key.
pub(super) fn stream(key: i64) -> i64 {
    key >> SEQUENCE_BITS
}

/// A stored message.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(super) struct Record {
    #[prost(string, tag = "1")]
    subject: String,
    #[prost(string, tag = "2")]
    id: String,
    /// Names and values in turn.
    #[prost(string, repeated, tag = "3")]
    headers: Vec<String>,
    #[prost(bytes = "bytes", tag = "4")]
    payload: Bytes,
}

/// The ids of messages stored together.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Ids {
    #[prost(string, repeated, tag = "1")]
    pub(super) ids: Vec<String>,
}

/// The blob of a message.
pub(super) fn encode(message: &Outgoing) -> Vec<u8> {
    let headers = message.headers.iter().flat_map(|(name, value)| [name.clone(), value.clone()]);
    let record = Record {
        subject: message.subject.clone(),
        id: message.id.clone(),
        headers: headers.collect(),
        payload: message.payload.clone(),
    };
    record.encode_to_vec()
}

/// The message in a blob.
pub(super) fn decode(sequence: u64, blob: Vec<u8>) -> Result<Stored, prost::DecodeError> {
    let record = Record::decode(Bytes::from(blob))?;
    let pairs = record.headers.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
    Ok(Stored {
        sequence,
        subject: record.subject,
        headers: with_id(pairs.collect(), record.id),
        payload: record.payload,
    })
}

/// The message as it will be delivered.
pub(super) fn stored(sequence: u64, message: Outgoing) -> Stored {
    Stored {
        sequence,
        subject: message.subject,
        headers: with_id(message.headers, message.id),
        payload: message.payload,
    }
}

fn with_id(mut headers: Headers, id: String) -> Headers {
    headers.push((ID_HEADER.to_owned(), id));
    headers.sort();
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was() {
        let message = Outgoing {
            subject: "callbox.raw.exampleville".to_owned(),
            id: "one".to_owned(),
            headers: vec![("traceparent".to_owned(), "00-1-2-3".to_owned())],
            payload: Bytes::from_static(b"payload"),
        };
        let read = decode(7, encode(&message)).unwrap();
        let direct = stored(7, message);
        assert_eq!(read.headers, direct.headers);
        assert_eq!(read.headers[0], ("Nats-Msg-Id".to_owned(), "one".to_owned()));
        assert_eq!((read.sequence, &read.subject, &read.payload), (7, &direct.subject, &direct.payload));
    }

    #[test]
    fn keys_keep_streams_apart_and_sequences_in_order() {
        assert_eq!((stream(key(3, 1_000_000)), sequence(key(3, 1_000_000))), (3, 1_000_000));
        assert!(key(1, (1 << 40) - 1) < key(2, 0));
        assert!(key(2, 9) < key(2, 10));
    }
}
