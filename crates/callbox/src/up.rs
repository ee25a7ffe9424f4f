//! `callbox up` and the embedded pipeline of a replay: every role in one process, in one data folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use callbox_service::telemetry::Telemetry;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::agencies::Agencies;
use crate::cli::Up;
use crate::demo;
use crate::process::Process;
use crate::settings::{Preset, Role, Settings};

/// Runs every role until a signal.
///
/// # Errors
/// If the configuration is wrong, or a component fails.
pub(crate) async fn up(arguments: &Up) -> Result<()> {
    let mut agencies = Agencies::default();
    if arguments.demo {
        demo::add_agency(&mut agencies)?;
    }
    let preset = Preset {
        roles: &Role::ALL,
        file: arguments.config.config.as_deref(),
        data: Some(&arguments.data),
        agencies,
    };
    let (settings, effective) = Settings::read(preset, std::env::vars())?;
    if arguments.print_config {
        print!("{effective}");
        return Ok(());
    }
    let telemetry = Telemetry::install(&settings.telemetry)?;
    let mut process = Process::start(settings, telemetry.page.clone()).await?;
    if arguments.demo {
        let acceptor = process.acceptor.clone().context("the demo needs ingest")?;
        let drain = process.lifecycle.drain.clone();
        process.lifecycle.spawn("demo", demo::play(acceptor, arguments.rate, drain));
    }
    announce(&process, arguments);
    let result = process.run(std::future::pending()).await;
    tokio::task::spawn_blocking(|| telemetry.flush()).await?;
    result
}

/// Tells a person where to look.
fn announce(process: &Process, arguments: &Up) {
    let watch = match process.grpc.port() {
        crate::settings::UP_PORT => "callbox watch".to_owned(),
        _ => format!("callbox watch --from http://{}", process.grpc),
    };
    println!("callbox is up; its data is in {}", arguments.data.display());
    println!("  alerts     {watch}");
    println!("  gRPC       http://{} (with reflection)", process.grpc);
    println!("  metrics    http://{}/metrics", process.admin);
    if arguments.demo {
        println!("  the demo plays {} calls a second of an invented city; Ctrl-C ends", arguments.rate);
    }
}

/// The whole pipeline in this process, on free ports, for as long as a replay takes.
pub(crate) struct Local {
    url: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<()>>,
    _temporary: Option<tempfile::TempDir>,
}

impl Local {
    /// Starts it in a data folder, or in a temporary one.
    ///
    /// # Errors
    /// If it cannot start.
    pub(crate) async fn start(data: Option<&Path>, agencies: Agencies) -> Result<Self> {
        let (directory, temporary): (PathBuf, _) = if let Some(data) = data {
            (data.to_path_buf(), None)
        } else {
            let folder = tempfile::tempdir().context("no temporary folder can be made")?;
            (folder.path().to_path_buf(), Some(folder))
        };
        let preset = Preset { roles: &Role::ALL, file: None, data: Some(&directory), agencies };
        // Nothing of the environment but how loud to be: a replay must not reach for a configured broker.
        let environment = std::env::vars().filter(|(name, _)| name.starts_with("CALLBOX_TELEMETRY__"));
        let (mut settings, _) = Settings::read(preset, environment)?;
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        (settings.grpc, settings.admin) = (any_port, any_port);
        if !std::env::vars().any(|(name, _)| name == "CALLBOX_TELEMETRY__LOG_FILTER") {
            settings.telemetry.log_filter = "warn".into();
        }
        let telemetry = Telemetry::install(&settings.telemetry)?;
        let process = Process::start(settings, telemetry.page.clone()).await?;
        let url = format!("http://{}", process.grpc);
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let result = process.run(async { drop(stopped.await) }).await;
            tokio::task::spawn_blocking(|| telemetry.flush()).await?;
            result
        });
        Ok(Self { url, stop, running, _temporary: temporary })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Resolves when it fails, or a signal ended it.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        match (&mut self.running).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => anyhow::anyhow!("interrupted"),
            Err(_) => anyhow::anyhow!("the pipeline panicked"),
        }
    }

    /// Drains it.
    ///
    /// # Errors
    /// If a component failed.
    pub(crate) async fn stop(self) -> Result<()> {
        let _ = self.stop.send(());
        self.running.await?
    }
}
