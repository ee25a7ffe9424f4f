//! Sealing what only one service may read (HPKE, RFC 9180).
//!
//! Mode base with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305. A writer makes one context for each
//! envelope with [`Sealer::new`] and seals its records in their order; the reader opens them in the same order. That
//! spares a key exchange for each record. Each record is bound to where it belongs by its [`Associated`] data: moved to
//! another incident, agency or stage it does not open.
//!
//! Keys have ids so that they can be rotated: a reader holds several private keys in a [`KeyRing`], a writer uses the
//! newest public one. Destroying a private key makes everything that was sealed to it unreadable.

mod keys;

use callbox_proto::bus::v1::Seal;
use hpke::aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

pub use keys::{InvalidKey, KeyRing, PrivateKey, PublicKey};

type Suite = X25519HkdfSha256;
type SenderContext = AeadCtxS<ChaCha20Poly1305, HkdfSha256, Suite>;
type ReceiverContext = AeadCtxR<ChaCha20Poly1305, HkdfSha256, Suite>;
type HpkePublicKey = <Suite as Kem>::PublicKey;
type HpkePrivateKey = <Suite as Kem>::PrivateKey;
type EncapsulatedKey = <Suite as Kem>::EncappedKey;

/// HPKE's `info`: keeps these contexts apart from any other use of the same keys.
const INFO: &[u8] = b"callbox.bus.v1.Seal";

/// By how much sealing lengthens a plaintext, in bytes: the tag of ChaCha20-Poly1305 (RFC 8439, section 2.8).
pub const OVERHEAD: usize = 16;

/// What a sealed record is bound to.
#[derive(Clone, Copy)]
pub struct Associated<'a> {
    /// The stage that reads it, such as `redact`.
    pub stage: &'a str,
    /// The agency's slug.
    pub agency: &'a str,
    /// The incident's keyed hash.
    pub incident: &'a [u8],
    /// The submission's id.
    pub submission_id: &'a str,
}

impl Associated<'_> {
    /// The fields, each preceded by its length in four bytes, big-endian: no two sets give the same bytes.
    fn encode(&self) -> Vec<u8> {
        let fields =
            [self.stage.as_bytes(), self.agency.as_bytes(), self.incident, self.submission_id.as_bytes()];
        let mut bytes = Vec::with_capacity(fields.iter().map(|field| field.len() + 4).sum());
        for field in fields {
            let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(field);
        }
        bytes
    }
}

/// Seals the records of one envelope, in their order.
pub struct Sealer {
    header: Seal,
    context: SenderContext,
}

impl Sealer {
    /// Makes a context for one envelope. The key id, 1 to 64 characters, tells the reader which key to take.
    pub fn new(key_id: &str, key: &PublicKey) -> Self {
        let (encapsulated, context) = encapsulate(&key.0);
        let encapsulated_key = encapsulated.to_bytes().to_vec().into();
        Self { header: Seal { key_id: key_id.to_owned(), encapsulated_key }, context }
    }

    /// What the reader needs, for [`Envelope::seal`](callbox_proto::bus::v1::Envelope::seal).
    pub fn header(&self) -> Seal {
        self.header.clone()
    }

    /// Seals the next record. The answer is [`OVERHEAD`] bytes longer than the plaintext.
    #[expect(clippy::expect_used, reason = "fails after 2^64 messages only, and an envelope has 64")]
    pub fn seal(&mut self, associated: &Associated<'_>, plaintext: &[u8]) -> Vec<u8> {
        self.context.seal(plaintext, &associated.encode()).expect("a context seals 2^64 messages")
    }
}

#[expect(clippy::expect_used, reason = "PublicKey is only made of keys that can be encapsulated to")]
fn encapsulate(key: &HpkePublicKey) -> (EncapsulatedKey, SenderContext) {
    hpke::setup_sender(&OpModeS::Base, key, INFO).expect("the public key was checked when it was read")
}

/// Why something sealed stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No private key with this id is there; perhaps it was destroyed.
    #[error("no private key with the seal's key id")]
    UnknownKey,
    /// The encapsulated key is no X25519 public key, or a degenerate one.
    #[error("the seal's encapsulated key is invalid")]
    InvalidSeal,
    /// Another key, other associated data, another order, or changed bytes.
    #[error("the sealed record cannot be opened")]
    CannotOpen,
}

impl OpenError {
    /// The word for it among the reasons of dead letters.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown_key",
            Self::InvalidSeal => "invalid_seal",
            Self::CannotOpen => "cannot_open",
        }
    }
}

/// Opens the sealed records of one envelope, in their order.
pub struct Opener {
    context: ReceiverContext,
}

impl Opener {
    fn new(key: &HpkePrivateKey, seal: &Seal) -> Result<Self, OpenError> {
        let encapsulated =
            EncapsulatedKey::from_bytes(&seal.encapsulated_key).map_err(|_| OpenError::InvalidSeal)?;
        let context = hpke::setup_receiver(&OpModeR::Base, key, &encapsulated, INFO)
            .map_err(|_| OpenError::InvalidSeal)?;
        Ok(Self { context })
    }

    /// Opens the next sealed record. After a failure the records behind it stay closed too: the place in the order is
    /// part of the key stream.
    ///
    /// # Errors
    /// When it was not sealed by this context, at this place, with this associated data.
    pub fn open(
        &mut self,
        associated: &Associated<'_>,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.context
            .open(ciphertext, &associated.encode())
            .map(Zeroizing::new)
            .map_err(|_| OpenError::CannotOpen)
    }
}

#[cfg(test)]
mod tests;
