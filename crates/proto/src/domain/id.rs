//! Identifiers, each a type of its own so that swapped ones do not compile.

use std::fmt;
use std::str::FromStr;

use super::Invalid;

/// An agency: a slug of 1 to 63 characters, `[a-z0-9-]`, beginning and ending with a letter or digit.
/// The rule is that of a DNS label (RFC 1123), so that it fits subjects, metrics and host names alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyId(std::sync::Arc<str>);

impl AgencyId {
    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgencyId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let edge =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = text.as_bytes();
        let inner =
            bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
        if bytes.len() <= 63 && inner && edge(bytes.first()) && edge(bytes.last()) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new(
                "agency",
                "expected 1 to 63 characters a-z, 0-9 or -, not beginning or ending with -",
            ))
        }
    }
}

impl fmt::Display for AgencyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The keyed hash of an agency and its number of a call, 16 bytes. Without ingest's key nobody can tell which call it
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentKey(pub [u8; 16]);

impl IncidentKey {
    /// Parses the message form.
    ///
    /// # Errors
    /// If it is not 16 bytes long.
    pub fn parse(field: &'static str, bytes: &[u8]) -> Result<Self, Invalid> {
        bytes.try_into().map(Self).map_err(|_| Invalid::new(field, "expected 16 bytes"))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for IncidentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Recognises a submission that comes twice: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionId(String);

impl SubmissionId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SubmissionId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("submission_id", "expected 1 to 128 visible ASCII characters"))
        }
    }
}

/// An alert: a random UUID, the same in every revision and every delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub uuid::Uuid);

impl AlertId {
    /// A new id. Random throughout (version 4): an id that tells a time would tell when a call came in.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }
}

impl FromStr for AlertId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        uuid::Uuid::try_parse(text).map(Self).map_err(|_| Invalid::new("id", "expected a UUID"))
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::AgencyId;

    #[test]
    fn an_agency_is_a_dns_label() {
        for good in ["a", "nashville", "san-jose", "x9", &"a".repeat(63)] {
            assert!(good.parse::<AgencyId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a b", "a*", ">", "é", &"a".repeat(64)] {
            assert!(bad.parse::<AgencyId>().is_err(), "{bad}");
        }
    }
}
