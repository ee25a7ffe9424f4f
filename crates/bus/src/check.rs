//! What both back ends refuse alike.

use crate::manifest::{ConsumerSpec, Retention, StreamSpec};
use crate::{Error, ID_HEADER, Outgoing, PAYLOAD_MAX};

/// Refuses a message that one of the back ends could not store.
pub(crate) fn message(message: &Outgoing) -> Result<(), Error> {
    let refuse = |reason| Err(Error::Refused { reason });
    if message.payload.len() > PAYLOAD_MAX {
        return refuse("the payload is larger than a message may be");
    }
    if !is_subject(&message.subject) {
        return refuse("the subject is malformed");
    }
    if message.id.is_empty() || !is_header(ID_HEADER, &message.id) {
        return refuse("the message id is empty or not visible ASCII");
    }
    if !message.headers.iter().all(|(name, value)| is_header(name, value)) {
        return refuse("a header is not visible ASCII");
    }
    Ok(())
}

/// Refuses what one of the back ends could not declare, so that a manifest means the same on both.
pub(crate) fn manifest(streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> Result<(), Error> {
    let refuse = |reason| Err(Error::Settings { reason });
    for (index, consumer) in consumers.iter().enumerate() {
        let limits =
            |stream: &StreamSpec| stream.name == consumer.stream && stream.retention == Retention::Limits;
        if streams.iter().any(limits) {
            return refuse("a consumer needs a work queue: streams that keep by limits are read");
        }
        if consumers[..index].iter().any(|earlier| earlier.stream == consumer.stream) {
            return refuse("a work queue has one consumer");
        }
    }
    Ok(())
}

/// Whether a text is a subject without wildcards.
pub(crate) fn is_subject(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'*' | b'>'))
    };
    text.split('.').all(is_word)
}

fn is_header(name: &str, value: &str) -> bool {
    let name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    name && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{ALERTS, CONSUMERS, NOTIFY, REDACT, STREAMS};
    use bytes::Bytes;

    fn sound() -> Outgoing {
        Outgoing {
            subject: "callbox.raw.exampleville".to_owned(),
            id: "one".to_owned(),
            headers: vec![("traceparent".to_owned(), "00-1-2-3".to_owned())],
            payload: Bytes::from(vec![0; PAYLOAD_MAX]),
        }
    }

    #[test]
    fn each_broken_rule_is_refused() {
        message(&sound()).unwrap();
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let wrong = [
            Outgoing { payload: Bytes::from(vec![0; PAYLOAD_MAX + 1]), ..sound() },
            Outgoing { subject: "callbox.raw.".to_owned(), ..sound() },
            Outgoing { subject: "callbox.raw.*".to_owned(), ..sound() },
            Outgoing { subject: "callbox raw".to_owned(), ..sound() },
            Outgoing { id: String::new(), ..sound() },
            Outgoing { id: "one\r\ntwo".to_owned(), ..sound() },
            Outgoing { headers: header("a:b", "c"), ..sound() },
            Outgoing { headers: header("a", "b\nc"), ..sound() },
        ];
        for (index, outgoing) in wrong.iter().enumerate() {
            assert!(matches!(message(outgoing), Err(Error::Refused { .. })), "{index}");
        }
    }

    #[test]
    fn our_manifest_passes_and_impossible_ones_do_not() {
        manifest(STREAMS, CONSUMERS).unwrap();
        let reader = ConsumerSpec { stream: ALERTS.name, ..NOTIFY };
        assert!(manifest(STREAMS, &[reader]).is_err());
        assert!(manifest(STREAMS, &[REDACT, ConsumerSpec { name: "second", ..REDACT }]).is_err());
    }
}
