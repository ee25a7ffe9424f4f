//! The settings of a process, read once and complete before anything starts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use callbox_bus::seal::{KeyRing, PublicKey};
use callbox_service::config::{Mistakes, Reader};
use callbox_service::lifecycle::DrainSettings;
use callbox_service::telemetry;
use secrecy::{ExposeSecret as _, SecretString};

use crate::agencies::Agencies;
use crate::keys;

/// The services that a process can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Role {
    /// Reads feeds, takes submissions, seals.
    Ingest,
    /// Opens, scrubs, masks places.
    Redact,
    /// Decides which crime it is, if any.
    Classify,
    /// Keeps state, composes and delivers alerts.
    Notify,
}

impl Role {
    /// All of them, in the order of an incident's way.
    pub(crate) const ALL: [Self; 4] = [Self::Ingest, Self::Redact, Self::Classify, Self::Notify];

    /// The name on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Redact => "redact",
            Self::Classify => "classify",
            Self::Notify => "notify",
        }
    }

    /// The default gRPC port. The admin port is 90 above it.
    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Ingest => 7101,
            Self::Redact => 7102,
            Self::Classify => 7103,
            Self::Notify => 7104,
        }
    }
}

/// The default gRPC port of `callbox up`, which serves every role on it.
pub(crate) const UP_PORT: u16 = 7100;
/// How far the default admin port is above the gRPC port.
pub(crate) const ADMIN_OFFSET: u16 = 90;

/// Where events go.
#[derive(Clone, Debug)]
pub(crate) enum BusSettings {
    /// NATS JetStream.
    JetStream {
        /// Its address, maybe with credentials.
        url: SecretString,
    },
    /// Embedded, in this folder.
    Embedded {
        /// The data folder.
        directory: PathBuf,
    },
}

/// Where notify's state is.
#[derive(Clone, Debug)]
pub(crate) enum StoreSettings {
    /// PostgreSQL.
    Postgres {
        /// Its address, maybe with a password.
        url: SecretString,
    },
    /// SQLite in this folder.
    Sqlite {
        /// The data folder.
        directory: PathBuf,
    },
}

/// The keys that a process holds. Which ones, is a matter of its roles (invariant I2): ingest only has the public key of
/// redact.
#[derive(Default)]
pub(crate) struct Keys {
    /// What opens calls: only redact has it.
    pub redact_private: Option<KeyRing>,
    /// What narratives are sealed to: redact has it.
    pub classify_public: Option<(String, PublicKey)>,
    /// What opens narratives: only classify has it.
    pub classify_private: Option<KeyRing>,
}

/// The settings of a process.
pub(crate) struct Settings {
    /// What it runs.
    pub roles: Vec<Role>,
    /// Where gRPC listens.
    pub grpc: SocketAddr,
    /// Where live, ready and metrics listen.
    pub admin: SocketAddr,
    /// Where events go.
    pub bus: BusSettings,
    /// Where notify's state is; `None` without that role.
    pub store: Option<StoreSettings>,
    /// Ingest's part, with its keys; `None` without that role.
    pub ingest: Option<callbox_ingest::service::Checked>,
    /// The keys that the other roles need.
    pub keys: Keys,
    /// The agencies.
    pub agencies: Agencies,
    /// Logs, traces, metrics.
    pub telemetry: telemetry::Settings,
    /// How it stops.
    pub drain: DrainSettings,
}

/// What the command line says before the configuration is read.
pub(crate) struct Preset<'a> {
    /// What is to run.
    pub roles: &'a [Role],
    /// The configuration file, if any.
    pub file: Option<&'a Path>,
    /// The data folder: embedded bus and store unless the configuration names servers.
    pub data: Option<&'a Path>,
    /// Agencies beyond the configured ones.
    pub agencies: Agencies,
}

impl Settings {
    /// Reads the settings, and the effective configuration as TOML.
    ///
    /// # Errors
    /// Every mistake at once.
    pub(crate) fn read(
        preset: Preset<'_>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Self, String), Mistakes> {
        let mut reader = Reader::new(preset.file, environment);
        let roles = preset.roles.to_vec();
        let port = if roles.len() == 1 { roles[0].port() } else { UP_PORT };
        let grpc = reader.or("listen.grpc", SocketAddr::from(([127, 0, 0, 1], port)));
        let admin = reader.or("listen.admin", SocketAddr::from(([127, 0, 0, 1], port + ADMIN_OFFSET)));
        let bus = bus(&mut reader, preset.data);
        let store = if roles.contains(&Role::Notify) {
            Some(store(&mut reader, preset.data))
        } else {
            reader.ignore("store.url");
            None
        };
        let agencies = agencies(&mut reader, preset.agencies);
        let mut keys = KeyReader::new(&mut reader, preset.data);
        let ingest = ingest(&mut keys, roles.contains(&Role::Ingest), &agencies);
        let keys = keys.of_readers(&roles);
        let telemetry = telemetry(&mut reader, &roles);
        let drain = DrainSettings {
            unready_for: Duration::from_secs(reader.or("drain.unready_seconds", 0)),
            deadline: Duration::from_secs(reader.or("drain.deadline_seconds", 20)),
        };
        let effective = reader.effective();
        reader.finish()?;
        // Without a mistake every required setting is there.
        let (Some(bus), Ok(store)) = (bus, store.map_or(Ok(None), |store| store.map(Some).ok_or(()))) else {
            return Err(Mistakes(Vec::new()));
        };
        Ok((Self { roles, grpc, admin, bus, store, ingest, keys, agencies, telemetry, drain }, effective))
    }
}

/// Where events go: the named server, or the data folder.
fn bus(reader: &mut Reader, data: Option<&Path>) -> Option<BusSettings> {
    let url = reader.url("bus.url");
    match (url, data) {
        (Some(url), _) if url.starts_with("nats://") || url.starts_with("tls://") => {
            Some(BusSettings::JetStream { url: url.into() })
        }
        (Some(_), _) => {
            reader.mistake("bus.url", "expected an address such as nats://127.0.0.1:4222");
            None
        }
        (None, Some(directory)) => Some(BusSettings::Embedded { directory: directory.to_path_buf() }),
        (None, None) => {
            reader.mistake(
                "bus.url",
                "missing: the NATS server, such as nats://127.0.0.1:4222 (or CALLBOX_BUS__URL)",
            );
            None
        }
    }
}

/// Where notify's state is: the named server, or the data folder.
fn store(reader: &mut Reader, data: Option<&Path>) -> Option<StoreSettings> {
    let url = reader.url("store.url");
    match (url, data) {
        (Some(url), _) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Some(StoreSettings::Postgres { url: url.into() })
        }
        (Some(_), _) => {
            reader.mistake("store.url", "expected an address such as postgres://callbox@127.0.0.1/callbox");
            None
        }
        (None, Some(directory)) => Some(StoreSettings::Sqlite { directory: directory.to_path_buf() }),
        (None, None) => {
            reader.mistake(
                "store.url",
                "missing: the PostgreSQL server, such as postgres://callbox@127.0.0.1/callbox (or CALLBOX_STORE__URL)",
            );
            None
        }
    }
}

/// Reads keys. With a data folder they are made there at first use.
struct KeyReader<'a> {
    reader: &'a mut Reader,
    made: Option<keys::Files>,
}

impl<'a> KeyReader<'a> {
    fn new(reader: &'a mut Reader, data: Option<&Path>) -> Self {
        let made = match data.map(|data| keys::Files::make_missing(&data.join("keys"), false)) {
            Some(Ok(files)) => Some(files),
            Some(Err(error)) => {
                reader.mistake("data", format!("its keys cannot be made: {error}"));
                None
            }
            None => None,
        };
        Self { reader, made }
    }

    /// The text of a key, if this process is to hold it.
    fn text(&mut self, wanted: bool, name: &str, purpose: &str) -> Option<SecretString> {
        if !wanted {
            // The setting may stand in a file that all services share; its key is not for this one.
            self.reader.ignore(name);
            return None;
        }
        let text = self.reader.secret(name).or_else(|| self.made.as_ref().map(|files| files.read(name)));
        if text.is_none() && !self.reader.has_mistake(name) {
            let how = "make one with `callbox keys generate` and name its file as";
            self.reader.mistake(name, format!("missing: {purpose}; {how} {name}_file"));
        }
        text
    }

    /// The keys of redact and classify.
    fn of_readers(mut self, roles: &[Role]) -> Keys {
        let (redact, classify) = (roles.contains(&Role::Redact), roles.contains(&Role::Classify));
        let redact_private = self.text(redact, "keys.redact_private", "what opens calls");
        let classify_public = self.text(redact, "keys.classify_public", "what narratives are sealed to");
        let classify_private = self.text(classify, "keys.classify_private", "what opens narratives");
        Keys {
            redact_private: redact_private.and_then(|text| ring(self.reader, "keys.redact_private", &text)),
            classify_public: classify_public
                .and_then(|text| public(self.reader, "keys.classify_public", &text)),
            classify_private: classify_private
                .and_then(|text| ring(self.reader, "keys.classify_private", &text)),
        }
    }
}

/// Ingest's part: its two keys, the slugs, its limits.
fn ingest(
    keys: &mut KeyReader<'_>,
    wanted: bool,
    agencies: &Agencies,
) -> Option<callbox_ingest::service::Checked> {
    let public = keys.text(wanted, "keys.redact_public", "what calls are sealed to");
    let identity = keys.text(wanted, "keys.identity", "what makes incident keys");
    let defaults = callbox_ingest::service::Limits::default();
    let reader = &mut *keys.reader;
    let limits = callbox_ingest::service::Limits {
        linger_ms: reader.or("ingest.linger_ms", defaults.linger_ms),
        queue_max: reader.or("ingest.queue_max", defaults.queue_max),
        envelopes_in_flight_max: reader
            .or("ingest.envelopes_in_flight_max", defaults.envelopes_in_flight_max),
        stream_window: reader.or("ingest.stream_window", defaults.stream_window),
    };
    let (public, identity) = (public?, identity?);
    let (redact_key_id, redact_public_key) =
        public.expose_secret().trim().split_once(':').unwrap_or_default();
    let config = callbox_ingest::service::Config {
        agencies: agencies.ids().map(ToString::to_string).collect(),
        redact_key_id: redact_key_id.to_owned(),
        redact_public_key: redact_public_key.to_owned(),
        identity_key: identity,
        limits,
    };
    match config.check() {
        Ok(checked) => Some(checked),
        Err(mistakes) => {
            for mut mistake in mistakes.0 {
                if mistake.key == "agencies" && config.agencies.is_empty() {
                    mistake.problem = "expected at least one feed profile (or `callbox up --demo`)".into();
                }
                let key = match mistake.key {
                    "agencies" => "feeds.profiles".to_owned(),
                    "identity_key" => "keys.identity".to_owned(),
                    "redact_key_id" | "redact_public_key" => "keys.redact_public".to_owned(),
                    limit => limit.replace("limits.", "ingest."),
                };
                reader.mistake(&key, mistake.problem);
            }
            None
        }
    }
}

/// A public key with its id.
fn public(reader: &mut Reader, name: &str, text: &SecretString) -> Option<(String, PublicKey)> {
    let parsed = keys::parse_public(text.expose_secret());
    parsed.map_err(|problem| reader.mistake(name, problem)).ok()
}

/// Private keys with their ids.
fn ring(reader: &mut Reader, name: &str, text: &SecretString) -> Option<KeyRing> {
    let parsed = keys::parse_ring(text.expose_secret());
    parsed.map_err(|problem| reader.mistake(name, problem)).ok()
}

/// The agencies of the configured feed profiles, and the given ones.
fn agencies(reader: &mut Reader, given: Agencies) -> Agencies {
    let profiles: Vec<PathBuf> = reader.or("feeds.profiles", Vec::new());
    let mut agencies = given;
    for path in profiles {
        let path = reader.path(path);
        if let Err(error) = agencies.add_profiles(&path) {
            reader.mistake("feeds.profiles", error.to_string());
        }
    }
    agencies.configure(reader);
    agencies
}

fn telemetry(reader: &mut Reader, roles: &[Role]) -> telemetry::Settings {
    let name = if roles.len() == 1 { format!("callbox-{}", roles[0].as_str()) } else { "callbox".to_owned() };
    telemetry::Settings {
        service_name: reader.or("telemetry.service_name", name),
        log_format: reader.or("telemetry.log_format", telemetry::LogFormat::Pretty),
        log_filter: reader.or("telemetry.log_filter", "info".to_owned()),
        otlp_endpoint: reader.optional("telemetry.otlp_endpoint"),
    }
}
