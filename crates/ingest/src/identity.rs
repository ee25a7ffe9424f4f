//! Which incident a call is, and which submission of it.
//!
//! An incident is known by `HMAC-SHA256(key, agency || 0 || source id)`, cut to 16 bytes: nothing downstream can find
//! the agency's own number of a call from it. The key never rotates, because an incident must keep its name.
//!
//! A submission is known by a keyed hash as well: of the caller's request id, or of the call's content where there is
//! none. A request id is hashed like the rest, because callers like to build them from their own call numbers; and an
//! unkeyed hash of the content would let a reader downstream confirm a guess of what was in it.

use std::collections::HashMap;
use std::fmt;

use callbox_proto::domain::{AgencyId, IncidentKey};
use callbox_proto_raw::cad::v1::Call;
use hmac::{Hmac, KeyInit as _, Mac as _};
use prost::Message as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The length of the key: that of the hash (RFC 2104, section 3, discourages shorter ones).
const KEY_BYTES: usize = 32;
/// The block of SHA-256 (FIPS 180-4, section 1).
const BLOCK_BYTES: usize = 64;

/// How much of a hash makes an id. At a billion incidents two share 16 bytes with a probability of 10^-21.
const ID_BYTES: usize = 16;

/// What keeps the hashes apart that stand for different things. An agency is never empty, so that no incident's
/// message begins with a zero byte, as these do.
const BY_REQUEST: &[u8] = b"\0request\0";
const BY_CONTENT: &[u8] = b"\0content\0";

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a key of 64 hexadecimal digits")]
pub struct InvalidKey;

/// The key of the keyed hashes. It is wiped when it is dropped and does not print itself.
#[derive(Clone)]
pub struct IdentityKey(Hmac<Sha256>);

impl IdentityKey {
    /// The key of these bytes.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        // The algorithm fills a key up with zeros to the length of its block (RFC 2104, section 2).
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        block[..KEY_BYTES].copy_from_slice(bytes);
        Self(Hmac::new((&*block).into()))
    }

    /// The key that a text of 64 hexadecimal digits stands for.
    ///
    /// # Errors
    /// If it is not such a text.
    pub fn from_text(text: &SecretString) -> Result<Self, InvalidKey> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(text.expose_secret().trim(), &mut *bytes).map_err(|_| InvalidKey)?;
        Ok(Self::from_bytes(&bytes))
    }

    /// The incident of an agency's call.
    pub fn incident(&self, agency: &AgencyId, source_id: &str) -> IncidentKey {
        IncidentKey(self.hash(&[agency.as_str().as_bytes(), b"\0", source_id.as_bytes()]))
    }

    /// The submission id of a caller's own request id, 32 hexadecimal digits.
    pub fn of_request(&self, incident: IncidentKey, request_id: &str) -> String {
        hex::encode(self.hash(&[BY_REQUEST, incident.as_bytes(), request_id.as_bytes()]))
    }

    /// The submission id of a call's content, which its source version is part of; 32 hexadecimal digits.
    pub fn of_content(&self, incident: IncidentKey, content: &[u8]) -> String {
        hex::encode(self.hash(&[BY_CONTENT, incident.as_bytes(), content]))
    }

    fn hash(&self, parts: &[&[u8]]) -> [u8; ID_BYTES] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        cut(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(..)")
    }
}

fn cut(hash: &[u8]) -> [u8; ID_BYTES] {
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&hash[..ID_BYTES]);
    id
}

/// The longest encoding of a time with its field: two tags and a length, and two numbers of up to ten bytes.
const TIME_BYTES_MAX: usize = 32;

/// A call's content: everything but when it was observed, which says nothing about the call.
pub(crate) fn content(call: &mut Call) -> Zeroizing<Vec<u8>> {
    let observed = call.observed_time.take();
    // Room for one more time, so that adding it later leaves no copy behind that is not wiped.
    let mut content = Zeroizing::new(Vec::with_capacity(call.encoded_len() + TIME_BYTES_MAX));
    call.encode_raw(&mut *content);
    call.observed_time = observed;
    content
}

/// Counts the states of calls whose source has no versions, so that a call that goes from A to B and back to A makes
/// three submissions, and the same state seen again makes none.
///
/// It lasts as long as its reader: a poller keeps it, a replay begins anew. Calls and contents are kept as hashes only.
#[derive(Default)]
pub struct StateCounter {
    calls: HashMap<[u8; ID_BYTES], State>,
}

struct State {
    content: [u8; ID_BYTES],
    count: u64,
}

impl StateCounter {
    /// A counter that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The request id under which to submit the call: the same as the last one for it if nothing in it has changed.
    pub fn request_id(&mut self, call: &mut Call) -> String {
        let content = cut(&Sha256::digest(content(call).as_slice()));
        let name = Sha256::new().chain_update(&call.agency).chain_update(b"\0").chain_update(&call.source_id);
        let state = self.calls.entry(cut(&name.finalize())).or_insert(State { content, count: 1 });
        if state.content != content {
            *state = State { content, count: state.count + 1 };
        }
        format!("{}-{}", state.count, hex::encode(content))
    }

    /// How many calls it has seen.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether it has seen none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{IdentityKey, StateCounter};
    use callbox_proto::domain::{AgencyId, IncidentKey};
    use callbox_proto_raw::cad::v1::Call;

    fn key() -> IdentityKey {
        IdentityKey::from_bytes(&[7; 32])
    }

    fn agency(text: &str) -> AgencyId {
        text.parse().unwrap()
    }

    #[test]
    fn an_incident_is_the_documented_hash() {
        // Computed apart, with Python: hmac.new(bytes([7] * 32), b"simville\0S-1", "sha256").hexdigest()[:32]
        let incident = key().incident(&agency("simville"), "S-1");
        assert_eq!(incident.to_string(), "83a320878ca70d60ac346797ff5a06f7");
    }

    #[test]
    fn incidents_differ_by_agency_call_and_key() {
        let one = key().incident(&agency("a"), "1");
        assert_ne!(one, key().incident(&agency("b"), "1"));
        assert_ne!(one, key().incident(&agency("a"), "2"));
        assert_ne!(one, IdentityKey::from_bytes(&[8; 32]).incident(&agency("a"), "1"));
        assert_ne!(key().incident(&agency("ab"), "c"), key().incident(&agency("a"), "bc"));
    }

    #[test]
    fn submissions_differ_by_incident_and_kind() {
        let (one, two) = (IncidentKey([1; 16]), IncidentKey([2; 16]));
        assert_eq!(key().of_request(one, "r"), key().of_request(one, "r"));
        assert_ne!(key().of_request(one, "r"), key().of_request(two, "r"));
        assert_ne!(key().of_request(one, "r"), key().of_content(one, b"r"));
        assert!(!key().of_request(one, "CALL-77").contains("77-CALL"));
        assert_eq!(key().of_request(one, "r").len(), 32);
    }

    #[test]
    fn keys_are_hexadecimal_and_do_not_print() {
        let parse = |text: &str| IdentityKey::from_text(&text.to_owned().into());
        let same = parse(&format!("{}\n", "07".repeat(32))).unwrap();
        assert_eq!(same.incident(&agency("a"), "1"), key().incident(&agency("a"), "1"));
        for bad in ["", "07", "not a key", &"07".repeat(33), &"0g".repeat(32)] {
            assert!(parse(bad).is_err());
        }
        assert_eq!(format!("{:?}", key()), "IdentityKey(..)");
    }

    #[test]
    fn back_to_a_is_a_third_state() {
        let call = |status: &str| Call { source_id: "S-1".into(), status: status.into(), ..Call::default() };
        let mut counter = StateCounter::new();
        let mut seen = |status| counter.request_id(&mut call(status));
        let [a, again, b, back] = [seen("A"), seen("A"), seen("B"), seen("A")];
        assert_eq!(a, again);
        assert!(a != b && b != back && a != back);
    }

    #[test]
    fn when_a_state_was_observed_is_no_change() {
        let mut counter = StateCounter::new();
        let mut call = Call { source_id: "S-1".into(), ..Call::default() };
        let first = counter.request_id(&mut call);
        call.observed_time = Some(prost_types::Timestamp { seconds: 5, nanos: 0 });
        assert_eq!(counter.request_id(&mut call), first);
        assert!(call.observed_time.is_some() && counter.len() == 1 && !counter.is_empty());
    }
}
