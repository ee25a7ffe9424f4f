//! Ingest from a configuration.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use callbox_bus::seal::PublicKey;
use callbox_bus::{Bus, Headers};
use callbox_proto::domain::AgencyId;
use callbox_proto_raw::ingest::v1::ingest_service_server::IngestServiceServer;
use secrecy::SecretString;
use serde::Deserialize;

use crate::accept::{Acceptor, Keys, Settings};
use crate::grpc;
use crate::identity::IdentityKey;

/// The configuration of ingest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The slugs of the agencies whose calls are accepted; at least one.
    pub agencies: Vec<String>,
    /// The id of redact's key, 1 to 64 visible characters.
    pub redact_key_id: String,
    /// Redact's public key: base64 of 32 bytes.
    pub redact_public_key: String,
    /// The key of the incidents' names: 64 hexadecimal digits. It never rotates.
    pub identity_key: SecretString,
    /// The limits.
    #[serde(default)]
    pub limits: Limits,
}

/// The limits of ingest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How long the first call of an envelope waits for others, in milliseconds, 0 to 2.
    pub linger_ms: u64,
    /// How many calls of one agency may be queued, 1 to 65,536.
    pub queue_max: usize,
    /// How many envelopes of one agency may be without the broker's answer, 1 to 4,096.
    pub envelopes_in_flight_max: usize,
    /// How many items of one stream may be without an answer, 1 to 65,536.
    pub stream_window: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { linger_ms: 2, queue_max: 4_096, envelopes_in_flight_max: 128, stream_window: 4_096 }
    }
}

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The setting.
    pub key: &'static str,
    /// What is wrong with it and what was expected; never a secret.
    pub problem: String,
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in the configuration of ingest", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {}: {}", mistake.key, mistake.problem))
    }
}

/// A configuration that was checked.
#[derive(Clone)]
pub struct Checked {
    agencies: BTreeSet<AgencyId>,
    keys: Keys,
    limits: Limits,
}

impl Config {
    /// Checks everything.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn check(&self) -> Result<Checked, Mistakes> {
        let mut mistakes = Vec::new();
        let mut note = |key, problem: String| mistakes.push(Mistake { key, problem });
        let mut agencies = BTreeSet::new();
        for slug in &self.agencies {
            match slug.parse::<AgencyId>() {
                Ok(agency) => {
                    if !agencies.insert(agency) {
                        note("agencies", format!("{slug} is given twice"));
                    }
                }
                Err(error) => note("agencies", error.problem.to_owned()),
            }
        }
        if self.agencies.is_empty() {
            note("agencies", "expected at least one agency".to_owned());
        }
        let id = &self.redact_key_id;
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            note("redact_key_id", "expected 1 to 64 visible ASCII characters".to_owned());
        }
        let redact_key = self.redact_public_key.parse::<PublicKey>();
        let redact_key = redact_key.map_err(|error| note("redact_public_key", error.to_string())).ok();
        let identity = IdentityKey::from_text(&self.identity_key);
        let identity = identity.map_err(|error| note("identity_key", error.to_string())).ok();
        self.limits.check(&mut note);
        match (redact_key, identity) {
            (Some(redact_key), Some(identity)) if mistakes.is_empty() => {
                let keys = Keys { identity, redact_key_id: id.clone(), redact_key };
                Ok(Checked { agencies, keys, limits: self.limits })
            }
            _ => Err(Mistakes(mistakes)),
        }
    }
}

impl Limits {
    fn check(&self, note: &mut impl FnMut(&'static str, String)) {
        if self.linger_ms > 2 {
            note("limits.linger_ms", "expected 0 to 2".to_owned());
        }
        let mut within = |key, value: usize, max: usize| {
            if value == 0 || value > max {
                note(key, format!("expected 1 to {max}"));
            }
        };
        within("limits.queue_max", self.queue_max, 65_536);
        within("limits.envelopes_in_flight_max", self.envelopes_in_flight_max, 4_096);
        within("limits.stream_window", self.stream_window, 65_536);
    }
}

/// Ingest, running.
pub struct Ingest {
    acceptor: Acceptor,
    stream_window: usize,
}

/// Builds ingest on the current Tokio runtime. `trace` gives the trace context of the caller at hand for the headers of
/// envelopes; `Vec::new` gives none.
///
/// # Errors
/// All mistakes of the configuration at once.
pub fn build(config: &Config, bus: &Bus, trace: fn() -> Headers) -> Result<Ingest, Mistakes> {
    Ok(Ingest::new(config.check()?, bus, trace))
}

impl Ingest {
    /// Ingest with a checked configuration, on the current Tokio runtime.
    pub fn new(checked: Checked, bus: &Bus, trace: fn() -> Headers) -> Self {
        let Checked { agencies, keys, limits } = checked;
        let settings = Settings {
            linger: Duration::from_millis(limits.linger_ms),
            queue_max: limits.queue_max,
            window: limits.envelopes_in_flight_max,
            trace,
        };
        let acceptor = Acceptor::new(bus, agencies, &keys, &settings);
        Self { acceptor, stream_window: limits.stream_window }
    }

    /// The gRPC service, to be added to a server.
    pub fn grpc(&self) -> IngestServiceServer<grpc::Ingest> {
        grpc::Ingest::new(self.acceptor.clone()).with_window(self.stream_window).into_server()
    }

    /// The acceptor, for callers in the same process.
    pub fn acceptor(&self) -> &Acceptor {
        &self.acceptor
    }

    /// Takes no more calls, publishes what is queued and waits for the broker's answers. After the server has stopped
    /// taking calls, before the bus is closed.
    pub async fn drain(&self) {
        self.acceptor.drain().await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Limits};
    use callbox_bus::seal::PrivateKey;
    use secrecy::SecretString;

    fn config() -> Config {
        Config {
            agencies: vec!["simville".into()],
            redact_key_id: "2026-09".into(),
            redact_public_key: PrivateKey::generate().public().to_string(),
            identity_key: "07".repeat(32).into(),
            limits: Limits::default(),
        }
    }

    #[test]
    fn a_good_configuration_is_taken() {
        assert!(config().check().is_ok());
    }

    #[test]
    fn every_mistake_is_reported_at_once_and_no_secret() {
        let mistakes = Config {
            agencies: vec!["simville".into(), "simville".into(), "No Slug".into()],
            redact_key_id: String::new(),
            redact_public_key: "short".into(),
            identity_key: SecretString::from("hunter2"),
            limits: Limits { linger_ms: 3, queue_max: 0, envelopes_in_flight_max: 5_000, stream_window: 0 },
        }
        .check()
        .err()
        .unwrap();
        let keys: Vec<_> = mistakes.0.iter().map(|mistake| mistake.key).collect();
        assert_eq!(
            keys,
            [
                "agencies",
                "agencies",
                "redact_key_id",
                "redact_public_key",
                "identity_key",
                "limits.linger_ms",
                "limits.queue_max",
                "limits.envelopes_in_flight_max",
                "limits.stream_window",
            ]
        );
        assert!(!mistakes.to_string().contains("hunter2"));
        assert!(!format!("{:?}", config()).contains("0707"));
    }
}
