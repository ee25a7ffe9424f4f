//! The whole way, measured: the simulator drives ingest over gRPC, four services run as processes of their own over
//! private NATS and PostgreSQL servers (or all in one process, embedded), and a watch of notify sees the alerts.
//!
//! It tells incidents a second from the first submission to the last outcome, latency from submission to delivery of the
//! alerts, and processor time per incident for every process. Everything shares the machine: the load generator too.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark prints or fails"
)]

mod drive;
mod processes;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::Path;

use clap::{Parser, ValueEnum};

use crate::drive::Load;
use crate::support::{Deployment, Process, free_port};

/// Measures the pipeline from accepted call to delivered alert.
#[derive(Parser)]
struct Arguments {
    /// Which shape; without it, both.
    #[arg(long)]
    mode: Option<Mode>,
    /// Incidents a second; 0 is as fast as they go. Without it, 0 and then 400.
    #[arg(long)]
    rate: Option<u32>,
    /// How many incidents in the run without a rate.
    #[arg(long, default_value_t = 60_000)]
    incidents: usize,
    /// How long a run at a rate takes, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: usize,
    /// Where the simulator's randomness comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// `cargo bench` passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Four processes over NATS and PostgreSQL, which waits for the disk.
    Distributed,
    /// One process with the embedded broker and store.
    Embedded,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let modes = arguments.mode.map_or_else(|| vec![Mode::Distributed, Mode::Embedded], |mode| vec![mode]);
    let rates = arguments.rate.map_or_else(|| vec![0, 400], |rate| vec![rate]);
    println!("load average before: {}", processes::load_average());
    for mode in modes {
        for rate in &rates {
            let count = if *rate == 0 { arguments.incidents } else { *rate as usize * arguments.seconds };
            let load = Load { rate: *rate, count, seed: arguments.seed };
            match mode {
                Mode::Distributed => distributed(load).await,
                Mode::Embedded => embedded(load).await,
            }
        }
    }
}

async fn distributed(load: Load) {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("simulated.toml");
    std::fs::write(&profile, callbox_simulator::write::PROFILE).unwrap();
    let mut deployment = Deployment::prepare(&[&profile], callbox_testkit::Durability::Disk).await;
    deployment.set("CALLBOX_TELEMETRY__LOG_FILTER", "warn");
    deployment.start_all().await;
    drive::run(
        "distributed: four processes, NATS, PostgreSQL",
        load,
        &deployment.url("ingest"),
        &deployment.url("notify"),
    )
    .await;
}

async fn embedded(load: Load) {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("simulated.toml");
    std::fs::write(&profile, callbox_simulator::write::PROFILE).unwrap();
    let mut process = up(folder.path(), &profile);
    process.ready().await;
    drive::run("embedded: one process, SQLite", load, &process.url(), &process.url()).await;
}

/// `callbox up` on a fresh folder.
fn up(folder: &Path, profile: &Path) -> Process {
    let data = folder.join("data");
    let profiles = format!("[{:?}]", profile.to_str().unwrap());
    let environment =
        [("CALLBOX_FEEDS__PROFILES", profiles.as_str()), ("CALLBOX_TELEMETRY__LOG_FILTER", "warn")];
    let arguments = ["up", "--data", data.to_str().unwrap()];
    Process::start(&arguments, free_port(), free_port(), &environment, folder.join("up.log"))
}
