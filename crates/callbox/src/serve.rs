//! `callbox serve` and `callbox migrate`.

use anyhow::{Context as _, Result};
use callbox_bus::manifest;
use callbox_notify::store;
use callbox_service::telemetry::Telemetry;
use secrecy::ExposeSecret as _;

use crate::agencies::Agencies;
use crate::cli::{Config, Serve};
use crate::process::{Process, connect_jetstream, patiently};
use crate::settings::{BusSettings, Preset, Role, Settings, StoreSettings};

/// Runs one service until a signal.
///
/// # Errors
/// If the configuration is wrong, a server cannot be reached, or a component fails.
pub(crate) async fn serve(arguments: &Serve) -> Result<()> {
    let (settings, effective) = read(&[arguments.role], &arguments.config)?;
    if arguments.print_config {
        print!("{effective}");
        return Ok(());
    }
    let telemetry = Telemetry::install(&settings.telemetry)?;
    let process = Process::start(settings, telemetry.page.clone()).await?;
    tracing::info!(role = arguments.role.as_str(), grpc = %process.grpc, admin = %process.admin, "serving");
    let result = process.run(std::future::pending()).await;
    tokio::task::spawn_blocking(|| telemetry.flush()).await?;
    result
}

/// Applies the migrations and declares streams and consumers.
///
/// # Errors
/// If a server cannot be reached, or refuses.
pub(crate) async fn migrate(arguments: &Config) -> Result<()> {
    let (settings, _) = read(&[Role::Notify], arguments)?;
    if let Some(StoreSettings::Postgres { url }) = &settings.store {
        let url = url.expose_secret();
        let shown = callbox_service::config::without_password(url);
        patiently(|| store::postgres::migrate(url)).await.with_context(|| {
            format!("the migrations were not applied to PostgreSQL at {shown} (store.url)")
        })?;
        println!("migrated PostgreSQL at {shown}");
    }
    if let BusSettings::JetStream { url } = &settings.bus {
        let bus = connect_jetstream(url.expose_secret(), "migrate").await?;
        bus.declare(manifest::STREAMS, manifest::CONSUMERS)
            .await
            .context("streams and consumers were not declared")?;
        bus.close().await;
        println!(
            "declared {} streams and {} consumers on NATS at {}",
            manifest::STREAMS.len(),
            manifest::CONSUMERS.len(),
            callbox_service::config::without_password(url.expose_secret()),
        );
    }
    Ok(())
}

/// The settings of a distributed process, and the effective configuration.
fn read(roles: &[Role], config: &Config) -> Result<(Settings, String)> {
    let preset = Preset { roles, file: config.config.as_deref(), data: None, agencies: Agencies::default() };
    Ok(Settings::read(preset, std::env::vars().filter(|(name, _)| name != "CALLBOX_CONFIG"))?)
}
