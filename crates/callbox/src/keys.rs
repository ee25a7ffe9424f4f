//! Key files: made, read, parsed.
//!
//! A public key stands as `<key id>:<base64>`; a file of private keys has one on each line, the newest first, so that
//! a key that was replaced still opens what was sealed to it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use callbox_bus::seal::{KeyRing, PrivateKey, PublicKey};
use secrecy::SecretString;

/// Where a private key goes and where its public half goes: each folder is what one service may hold.
const PAIRS: [(&str, &str); 2] =
    [("redact/redact.key", "ingest/redact.pub"), ("classify/classify.key", "redact/classify.pub")];
/// Where the key goes that makes incident keys.
const IDENTITY: &str = "ingest/identity.key";

/// A folder with a whole set of keys, one folder below it for each service that holds any.
pub(crate) struct Files {
    directory: PathBuf,
}

impl Files {
    /// Makes those that are missing. Private ones are readable by the owner alone, unless `readable`.
    ///
    /// # Errors
    /// If a folder or file cannot be written, or a key file that is there cannot be read.
    pub(crate) fn make_missing(directory: &Path, readable: bool) -> std::io::Result<Self> {
        for role in ["ingest", "redact", "classify"] {
            fs::create_dir_all(directory.join(role))?;
        }
        let mode = if readable { 0o644 } else { 0o600 };
        for (private, public) in PAIRS {
            let path = directory.join(private);
            if !path.exists() {
                let id = hex::encode(rand::random::<[u8; 8]>());
                write_new(&path, mode, &format!("{id}:{}\n", PrivateKey::generate().to_text().as_str()))?;
            }
            let text = fs::read_to_string(&path)?;
            let public_half = newest_public(&text)
                .map_err(|problem| std::io::Error::other(format!("{}: {problem}", path.display())))?;
            fs::write(directory.join(public), format!("{public_half}\n"))?;
        }
        let identity = directory.join(IDENTITY);
        if !identity.exists() {
            write_new(&identity, mode, &format!("{}\n", hex::encode(rand::random::<[u8; 32]>())))?;
        }
        Ok(Self { directory: directory.to_path_buf() })
    }

    /// The text of the key of this setting. A file that cannot be read gives an empty text, which does not parse.
    pub(crate) fn read(&self, setting: &str) -> SecretString {
        let file = match setting {
            "keys.redact_private" => PAIRS[0].0,
            "keys.redact_public" => PAIRS[0].1,
            "keys.classify_private" => PAIRS[1].0,
            "keys.classify_public" => PAIRS[1].1,
            _ => IDENTITY,
        };
        fs::read_to_string(self.directory.join(file)).unwrap_or_default().trim().to_owned().into()
    }
}

/// The public half, with its id, of the first key of a private key file.
fn newest_public(text: &str) -> Result<String, &'static str> {
    let line = text.lines().next().unwrap_or_default().trim();
    let (id, key) = line.split_once(':').ok_or("expected lines of `<key id>:<base64>`")?;
    let key: PrivateKey = key.parse().map_err(|_| "expected 32 bytes in base64 after the key id")?;
    Ok(format!("{id}:{}", key.public()))
}

/// Writes a new file.
fn write_new(path: &Path, mode: u32, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A public key with its id.
///
/// # Errors
/// What was expected.
pub(crate) fn parse_public(text: &str) -> Result<(String, PublicKey), &'static str> {
    let (id, key) = text.trim().split_once(':').ok_or("expected `<key id>:<base64>`")?;
    Ok((id.to_owned(), key.parse().map_err(|_| "expected 32 bytes in base64 after the key id")?))
}

/// Private keys with their ids, one on each line.
///
/// # Errors
/// What was expected.
pub(crate) fn parse_ring(text: &str) -> Result<KeyRing, &'static str> {
    let mut ring = KeyRing::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (id, key) = line.split_once(':').ok_or("expected lines of `<key id>:<base64>`")?;
        let key: PrivateKey = key.parse().map_err(|_| "expected 32 bytes in base64 after the key id")?;
        ring = ring.with(id, key);
    }
    if ring.key_ids().is_empty() {
        Err("expected at least one line of `<key id>:<base64>`")
    } else {
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, parse_public, parse_ring};
    use secrecy::ExposeSecret as _;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_made_once_and_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Files::make_missing(folder.path(), false).unwrap();
        let second = Files::make_missing(folder.path(), false).unwrap();
        for setting in ["keys.redact_private", "keys.classify_private", "keys.identity"] {
            assert_eq!(first.read(setting).expose_secret(), second.read(setting).expose_secret());
        }
        for file in ["redact/redact.key", "classify/classify.key", "ingest/identity.key"] {
            let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{file}");
        }
        parse_ring(first.read("keys.redact_private").expose_secret()).unwrap();
        parse_public(first.read("keys.redact_public").expose_secret()).unwrap();
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(parse_public("nothing").is_err());
        assert!(parse_public("id:AAAA").is_err());
        assert!(parse_ring("").is_err());
    }
}
