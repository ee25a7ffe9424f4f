//! What CI runs is what people run.
#![allow(clippy::print_stderr, reason = "a command line tells its user what it does")]

mod lint;
mod run;
mod servers;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::run::{cargo, step};

/// Tasks of the Callbox workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs nats-server and PostgreSQL if they are missing (or says how), then runs every test.
    ///
    /// Tests start their own servers on free ports; nothing that runs on the machine is touched. Further arguments go
    /// to `cargo test`.
    #[command(after_help = "Examples:\n  cargo xtask test\n  cargo xtask test -- -p callbox-bus")]
    Test {
        /// Passed on to `cargo test`; without them, all packages of the workspace.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Formatting, clippy, documentation, and the schemas: buf lint, format and breaking.
    Lint,
    /// Everything that CI runs: lint, then test.
    Ci,
    /// Measures, always with a release build.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        what: Bench,
    },
    /// Scores an engine on every labelled set that is there.
    Eval {
        /// Which engine.
        engine: Engine,
    },
    /// Takes the schemas as they are as the baseline that `buf breaking` compares with. For releases.
    ProtoBaseline,
}

#[derive(Subcommand)]
enum Bench {
    /// The whole way: simulator, four services as processes of their own, private NATS and PostgreSQL.
    ///
    /// Further arguments go to the bench; see `cargo xtask bench pipeline -- --help`.
    Pipeline {
        /// Passed on.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// The redaction engine alone, one core.
    Redact,
    /// The classification engine alone, one core.
    Classify,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Engine {
    /// Redaction, scored span by span.
    Redact,
    /// Classification, scored by call type.
    Classify,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Test { arguments } => test(&arguments),
        Task::Lint => lint::all(),
        Task::Ci => {
            lint::all()?;
            test(&[])
        }
        Task::Bench { what } => bench(what),
        Task::Eval { engine: Engine::Redact } => example("callbox-redact", "eval_redact"),
        Task::Eval { engine: Engine::Classify } => example("callbox-classify", "eval_classify"),
        Task::ProtoBaseline => lint::proto_baseline(),
    }
}

/// Runs the tests with the servers that they need.
fn test(arguments: &[String]) -> Result<()> {
    servers::install()?;
    step("tests");
    let all = ["--workspace".to_owned(), "--no-fail-fast".to_owned()];
    let arguments = if arguments.is_empty() { &all } else { arguments };
    cargo().arg("test").args(arguments).run()
}

fn bench(what: Bench) -> Result<()> {
    match what {
        Bench::Pipeline { arguments } => {
            servers::install()?;
            cargo()
                .args(["build", "--release", "--package", "callbox", "--package", "callbox-bench"])
                .run()?;
            cargo()
                .args(["run", "--quiet", "--release", "--package", "callbox-bench", "--"])
                .args(&arguments)
                .run()
        }
        Bench::Redact => cargo().args(["bench", "--package", "callbox-redact"]).run(),
        Bench::Classify => cargo().args(["bench", "--package", "callbox-classify"]).run(),
    }
}

fn example(package: &str, example: &str) -> Result<()> {
    cargo().args(["run", "--quiet", "--release", "--package", package, "--example", example]).run()
}
