//! The key pairs of services that read what is sealed.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callbox_proto::bus::v1::Seal;
use hpke::{Deserializable as _, Kem as _, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use super::{HpkePrivateKey, HpkePublicKey, INFO, OpenError, Opener, SenderContext, Suite};

/// Length of a key of either kind in bytes (RFC 9180, section 7.1: `Nsk` and `Npk` of DHKEM(X25519)).
const KEY_BYTES: usize = 32;

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a key of 32 bytes in base64")]
pub struct InvalidKey;

/// What a writer seals to. Its text form is base64 of the 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(pub(super) HpkePublicKey);

impl PublicKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let key = HpkePublicKey::from_bytes(bytes).map_err(|_| InvalidKey)?;
        // A point of small order gives every sender the same, known secret. HPKE refuses it at encapsulation; asking
        // here moves the refusal to where keys are configured.
        let trial: Result<(_, SenderContext), _> = hpke::setup_sender(&OpModeS::Base, &key, INFO);
        trial.map(|_| Self(key)).map_err(|_| InvalidKey)
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::from_bytes(&decode(text)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// What opens. It is wiped when it is dropped and does not print itself.
#[derive(Clone)]
pub struct PrivateKey(pub(super) HpkePrivateKey);

impl PrivateKey {
    /// A new key, of the operating system's randomness.
    pub fn generate() -> Self {
        Self(Suite::gen_keypair().0)
    }

    /// The key that writers get.
    pub fn public(&self) -> PublicKey {
        PublicKey(Suite::sk_to_pk(&self.0))
    }

    /// The text form, base64 of the 32 bytes, for the file that keeps the key.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
        self.0.write_exact(&mut *bytes);
        Zeroizing::new(STANDARD.encode(*bytes))
    }
}

impl FromStr for PrivateKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        HpkePrivateKey::from_bytes(&decode(text)?).map(Self).map_err(|_| InvalidKey)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// The private keys of a service, by key id.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    keys: HashMap<String, PrivateKey>,
}

impl KeyRing {
    /// A ring without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key. A second one with the same id replaces the first.
    #[must_use]
    pub fn with(mut self, key_id: impl Into<String>, key: PrivateKey) -> Self {
        self.keys.insert(key_id.into(), key);
        self
    }

    /// The ids of the keys that are there, sorted.
    pub fn key_ids(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self.keys.keys().map(String::as_str).collect();
        ids.sort_unstable();
        ids
    }

    /// What opens the records of the envelope with this seal.
    ///
    /// # Errors
    /// When the key is not there, or the encapsulated key is invalid.
    pub fn opener(&self, seal: &Seal) -> Result<Opener, OpenError> {
        let key = self.keys.get(&seal.key_id).ok_or(OpenError::UnknownKey)?;
        Opener::new(&key.0, seal)
    }
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, InvalidKey> {
    STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| InvalidKey)
}
