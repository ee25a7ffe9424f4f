//! A process of Callbox: listeners, broker, store and roles, put together, run and drained.
//!
//! `up`, `serve` and an embedded replay are the same process with other settings.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use callbox_bus::jetstream::JetStreamConfig;
use callbox_bus::{Bus, embedded, jetstream, manifest};
use callbox_ingest::accept::Acceptor;
use callbox_notify::store;
use callbox_service::grpc::{self, Services};
use callbox_service::lifecycle::Lifecycle;
use callbox_service::telemetry::MetricsPage;
use callbox_service::{admin, config};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::roles;
use crate::settings::{BusSettings, Role, Settings, StoreSettings};

/// Connections of notify to PostgreSQL: one for the transactions that decide, the others for readers.
const STORE_CONNECTIONS: u32 = 8;
/// How long a start waits for a broker or database that is still starting itself.
const START_PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two attempts at it.
const START_RETRY: Duration = Duration::from_millis(500);

/// A process that runs.
pub(crate) struct Process {
    /// Its components.
    pub lifecycle: Lifecycle,
    /// Where gRPC listens.
    pub grpc: SocketAddr,
    /// Where live, ready and metrics listen.
    pub admin: SocketAddr,
    /// What takes calls, where ingest is among the roles.
    pub acceptor: Option<Acceptor>,
    bus: Bus,
    store: Option<store::Shared>,
}

impl Process {
    /// Binds, connects, builds and starts everything. Embedded back ends are made and migrated here; servers must have
    /// been migrated.
    ///
    /// # Errors
    /// If a port is taken, a server cannot be reached or is not migrated, or a setting makes no sense.
    pub(crate) async fn start(settings: Settings, page: MetricsPage) -> Result<Self> {
        let grpc_listener = bind("listen.grpc", settings.grpc).await?;
        let admin_listener = bind("listen.admin", settings.admin).await?;
        let (grpc, admin) = (grpc_listener.local_addr()?, admin_listener.local_addr()?);
        let mut lifecycle = Lifecycle::new(settings.drain)?;
        let starting = lifecycle.readiness.latch("the start");
        let (readiness, drain) = (lifecycle.readiness.clone(), lifecycle.drain.clone());
        lifecycle
            .spawn("admin", async move { Ok(admin::serve(admin_listener, readiness, page, drain).await?) });

        callbox_bus::describe_metrics();
        callbox_ingest::metering::describe();
        let bus = connect(&settings).await?;
        if settings.roles.contains(&Role::Ingest) {
            // The other roles learn from their consumers whether the streams are there; ingest must not say that it
            // takes calls before it can.
            bus.info(&manifest::RAW).await?;
        }
        let store = match &settings.store {
            Some(store) => Some(open(store).await?),
            None => None,
        };
        let mut services = Services::default();
        let acceptor = roles::start(&settings, &bus, store.as_ref(), &mut services, &mut lifecycle)?;
        let (readiness, drain) = (lifecycle.readiness.clone(), lifecycle.drain.clone());
        let descriptors: &[&[u8]] = &[callbox_proto::DESCRIPTORS, callbox_proto_raw::DESCRIPTORS];
        lifecycle.spawn("gRPC", async move {
            Ok(grpc::serve(grpc_listener, services, descriptors, readiness, drain).await?)
        });
        drop(starting);
        Ok(Self { lifecycle, grpc, admin, acceptor, bus, store })
    }

    /// Runs until a signal, a failure or `finished`; drains and closes.
    ///
    /// # Errors
    /// If a component failed or did not drain in time.
    pub(crate) async fn run(self, finished: impl Future<Output = ()>) -> Result<()> {
        let result = self.lifecycle.run(finished).await;
        if let Some(store) = &self.store {
            store.close().await;
        }
        self.bus.close().await;
        Ok(result?)
    }
}

/// Binds a listener, or says which setting names the taken address.
async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set {setting} to another address"))
}

/// Connects to the broker; an embedded one is made and declared.
async fn connect(settings: &Settings) -> Result<Bus> {
    match &settings.bus {
        BusSettings::JetStream { url } => {
            let name = settings.roles.first().map_or("callbox", |role| role.as_str());
            connect_jetstream(url.expose_secret(), name).await
        }
        BusSettings::Embedded { directory } => open_embedded(directory).await,
    }
}

/// Connects to a NATS server, with patience.
///
/// # Errors
/// If it does not answer, or has no JetStream.
pub(crate) async fn connect_jetstream(url: &str, role: &str) -> Result<Bus> {
    let configuration = JetStreamConfig {
        name: format!("callbox-{role}"),
        inbox_prefix: Some(format!("_INBOX_{role}")),
        ..JetStreamConfig::new(url)
    };
    patiently(|| jetstream::connect(configuration.clone())).await.with_context(|| {
        format!(
            "no NATS JetStream at {} (bus.url); is nats-server running with --jetstream?",
            config::without_password(url)
        )
    })
}

/// Opens the embedded broker of a data folder and declares its streams.
///
/// # Errors
/// If another process has it open, or the folder cannot be used.
pub(crate) async fn open_embedded(directory: &Path) -> Result<Bus> {
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let bus = embedded::open(directory)
        .await
        .with_context(|| format!("the data folder {} cannot be opened", directory.display()))?;
    bus.declare(manifest::STREAMS, manifest::CONSUMERS).await?;
    Ok(bus)
}

/// Opens notify's store; an embedded one is migrated first.
async fn open(settings: &StoreSettings) -> Result<store::Shared> {
    match settings {
        StoreSettings::Postgres { url } => {
            let url = url.expose_secret();
            let open = || store::postgres::open(url, STORE_CONNECTIONS);
            patiently(open).await.with_context(|| {
                format!("PostgreSQL at {} (store.url) cannot be used", config::without_password(url))
            })
        }
        StoreSettings::Sqlite { directory } => {
            let path = directory.join("notify.db");
            store::sqlite::migrate(&path).await?;
            Ok(store::sqlite::open(&path).await?)
        }
    }
}

/// Whether a failure may pass by itself while a deployment starts.
pub(crate) trait Passing {
    /// Whether another attempt may succeed.
    fn may_pass(&self) -> bool;
}

impl Passing for callbox_bus::Error {
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl Passing for store::Error {
    fn may_pass(&self) -> bool {
        self.is_transient()
    }
}

/// Tries again for a while, since servers of one deployment start at the same time.
///
/// # Errors
/// The last failure.
pub(crate) async fn patiently<T, E: Passing, F: Future<Output = Result<T, E>>>(
    attempt: impl Fn() -> F,
) -> Result<T, E> {
    let deadline = tokio::time::Instant::now() + START_PATIENCE;
    loop {
        match attempt().await {
            Err(error) if error.may_pass() && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(START_RETRY).await;
            }
            result => return result,
        }
    }
}
