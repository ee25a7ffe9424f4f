//! Reading and writing envelopes.
//!
//! What comes out of [`decode`] keeps the promises of the schema, so that no stage has to ask again whether there is a
//! record, or whether a selected position exists. What the stages themselves put into records is theirs to parse.

use bytes::Bytes;
use callbox_proto::bus::v1::{Envelope, Record};
use callbox_proto::domain::{AgencyId, IncidentKey, SubmissionId};
use prost::Message as _;

use crate::PAYLOAD_MAX;

/// The layout version that this release writes, and the latest that it reads.
pub const VERSION: u32 = 1;

/// Records in one envelope. From 16 on a broker message costs less than its records; past 64 nothing is gained and a
/// redelivery repeats more.
pub const RECORDS_MAX: usize = 64;

/// The largest encoded envelope, in bytes. The rest of a broker message is left for the dead letter around it.
pub const BYTES_MAX: usize = PAYLOAD_MAX - (4 << 10);

/// The longest names in an envelope: key ids and the closed vocabularies, in bytes.
const NAME_MAX: usize = 64;

/// Length of an X25519 public key (RFC 9180, section 7.1).
const ENCAPSULATED_KEY: usize = 32;

/// Bytes are not an envelope that this release reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// They are no protobuf message of this type.
    #[error("bytes are not an envelope")]
    Undecodable,
    /// A later release wrote it.
    #[error("envelope version {0} is later than 1")]
    Version(u32),
    /// A field does not hold what it must.
    #[error("invalid envelope: {field} {problem}")]
    Field {
        /// The field, as a path from the envelope.
        field: &'static str,
        /// What was expected.
        problem: &'static str,
    },
}

impl Invalid {
    /// The word for it among the reasons of dead letters.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::Version(_) => "unknown_version",
            Self::Field { .. } => "invalid_envelope",
        }
    }
}

/// The broker's payload of an envelope.
pub fn encode(envelope: &Envelope) -> Bytes {
    envelope.encode_to_vec().into()
}

/// Reads and checks an envelope. Byte fields share the memory of `bytes`.
///
/// # Errors
/// When the bytes are no envelope, or one that breaks a rule of its schema.
pub fn decode(bytes: &Bytes) -> Result<Envelope, Invalid> {
    let envelope = Envelope::decode(bytes.clone()).map_err(|_| Invalid::Undecodable)?;
    check(&envelope)?;
    Ok(envelope)
}

/// Checks an envelope against the rules of its schema.
///
/// # Errors
/// When it breaks one.
pub fn check(envelope: &Envelope) -> Result<(), Invalid> {
    match envelope.version {
        VERSION => {}
        0 => return Err(field("version", "is missing")),
        later => return Err(Invalid::Version(later)),
    }
    uuid::Uuid::try_parse(&envelope.id).map_err(|_| field("id", "is not a UUID"))?;
    envelope
        .agency
        .parse::<AgencyId>()
        .map_err(|_| field("agency", "is not a slug of 1 to 63 characters"))?;
    if envelope.records.is_empty() || envelope.records.len() > RECORDS_MAX {
        return Err(field("records", "are not 1 to 64"));
    }
    envelope.records.iter().try_for_each(check_record)?;
    check_seal(envelope)?;
    if envelope.selected.iter().any(|&index| index as usize >= envelope.records.len()) {
        return Err(field("selected", "names a record that does not exist"));
    }
    match envelope.position {
        Some(position) if position.sequence == 0 => Err(field("position.sequence", "is 0")),
        _ => Ok(()),
    }
}

fn check_record(record: &Record) -> Result<(), Invalid> {
    IncidentKey::parse("records.incident", &record.incident)
        .map_err(|_| field("records.incident", "is not 16 bytes long"))?;
    record
        .submission_id
        .parse::<SubmissionId>()
        .map_err(|_| field("records.submission_id", "is not a submission id of 1 to 128 characters"))?;
    match &record.failure {
        Some(failure) if !is_name(&failure.stage) => Err(field("records.failure.stage", "is not a name")),
        Some(failure) if !is_name(&failure.reason) => Err(field("records.failure.reason", "is not a name")),
        _ => Ok(()),
    }
}

fn check_seal(envelope: &Envelope) -> Result<(), Invalid> {
    let Some(seal) = &envelope.seal else {
        let sealed = envelope.records.iter().any(|record| !record.sealed.is_empty());
        return if sealed { Err(field("seal", "is missing")) } else { Ok(()) };
    };
    if seal.key_id.is_empty() || seal.key_id.len() > NAME_MAX {
        return Err(field("seal.key_id", "is not 1 to 64 characters long"));
    }
    if seal.encapsulated_key.len() != ENCAPSULATED_KEY {
        return Err(field("seal.encapsulated_key", "is not 32 bytes long"));
    }
    Ok(())
}

/// Whether a text can be of a closed vocabulary: 1 to 64 of `a-z`, `0-9` and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !text.is_empty() && text.len() <= NAME_MAX && text.bytes().all(inner)
}

fn field(field: &'static str, problem: &'static str) -> Invalid {
    Invalid::Field { field, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callbox_proto::bus::v1::{Failure, Position, Seal};

    fn valid() -> Envelope {
        Envelope {
            version: 1,
            id: "0192f0c1-2b3c-7d4e-8f50-617283940516".to_owned(),
            agency: "exampleville".to_owned(),
            records: vec![Record {
                incident: vec![7; 16].into(),
                submission_id: "one".to_owned(),
                payload: Bytes::from_static(b"x"),
                ..Record::default()
            }],
            ..Envelope::default()
        }
    }

    #[test]
    fn a_valid_envelope_comes_back_as_it_was() {
        let mut envelope = valid();
        envelope.seal = Some(Seal { key_id: "k1".to_owned(), encapsulated_key: vec![1; 32].into() });
        envelope.records[0].sealed = Bytes::from_static(b"sealed");
        envelope.selected = vec![0];
        envelope.position = Some(Position { epoch: 1, sequence: 2 });
        assert_eq!(decode(&encode(&envelope)).unwrap(), envelope);
    }

    #[test]
    fn bytes_that_are_no_envelope_are_undecodable() {
        assert_eq!(decode(&Bytes::from_static(b"\xff\xff\xff")), Err(Invalid::Undecodable));
    }

    #[test]
    fn each_broken_rule_names_its_field() {
        type Breaker = fn(&mut Envelope);
        let rules: [(&str, Breaker); 14] = [
            ("version", |e| e.version = 0),
            ("id", |e| e.id = "7".to_owned()),
            ("agency", |e| e.agency = "Example Ville".to_owned()),
            ("records", |e| e.records.clear()),
            ("records", |e| e.records = vec![e.records[0].clone(); 65]),
            ("records.incident", |e| e.records[0].incident = vec![7; 15].into()),
            ("records.submission_id", |e| e.records[0].submission_id.clear()),
            ("records.failure.stage", |e| e.records[0].failure = Some(Failure::default())),
            ("records.failure.reason", |e| {
                let failure = Failure { stage: "redact".to_owned(), reason: "Free text".to_owned() };
                e.records[0].failure = Some(failure);
            }),
            ("seal", |e| e.records[0].sealed = Bytes::from_static(b"x")),
            ("seal.key_id", |e| e.seal = Some(Seal::default())),
            ("seal.encapsulated_key", |e| {
                e.seal = Some(Seal { key_id: "k".to_owned(), encapsulated_key: Bytes::new() });
            }),
            ("selected", |e| e.selected = vec![1]),
            ("position.sequence", |e| e.position = Some(Position { epoch: 1, sequence: 0 })),
        ];
        for (name, breaker) in rules {
            let mut envelope = valid();
            breaker(&mut envelope);
            match decode(&encode(&envelope)) {
                Err(Invalid::Field { field, .. }) => assert_eq!(field, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        let mut envelope = valid();
        envelope.version = 2;
        let error = decode(&encode(&envelope)).unwrap_err();
        assert_eq!(error, Invalid::Version(2));
        assert_eq!(error.reason(), "unknown_version");
    }

    #[test]
    fn errors_do_not_repeat_what_the_envelope_held() {
        let mut envelope = valid();
        envelope.agency = "Jane Roe 555-0100".to_owned();
        let error = format!("{0} {0:?}", check(&envelope).unwrap_err());
        assert!(!error.contains("Roe") && !error.contains("555"), "{error}");
    }
}
