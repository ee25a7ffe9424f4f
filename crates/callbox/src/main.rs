//! The one binary of Callbox: every service, and the tools.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its user")]

mod agencies;
mod alert_text;
mod cli;
mod dead_letters;
mod demo;
mod health;
mod keys;
mod output;
mod process;
mod replay;
mod roles;
mod serve;
mod settings;
mod tools;
mod up;
mod watch;

use std::process::ExitCode;

use anyhow::Result;
use callbox_service::config::Mistakes;
use clap::{CommandFactory as _, Parser as _};

use crate::cli::{Cli, Command, Feed, Keys, Map};

/// The arguments are of the right form and make no sense: what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Done, but some lines or rows failed; or it failed.
const FAILED: u8 = 1;
/// Wrong usage or configuration. What clap gives for wrong arguments, too.
const USAGE: u8 = 2;

/// Where a panic happened, and nothing of what it says: a message about a text repeats the text.
fn tell_where_a_panic_was() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        eprintln!("callbox: internal error{place}");
    }));
}

fn main() -> ExitCode {
    tell_where_a_panic_was();
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("callbox: {error:#}");
            let usage = error.downcast_ref::<Usage>().is_some()
                || error.downcast_ref::<Mistakes>().is_some()
                || error.downcast_ref::<callbox_ingest::feed::ProfileErrors>().is_some();
            ExitCode::from(if usage { USAGE } else { FAILED })
        }
    }
}

/// Runs a command. Returns how many lines or rows failed.
fn run(command: Command) -> Result<u64> {
    match command {
        Command::Up(arguments) => runtime()?.block_on(up::up(&arguments)).map(|()| 0),
        Command::Serve(arguments) => runtime()?.block_on(serve::serve(&arguments)).map(|()| 0),
        Command::Migrate(arguments) => runtime()?.block_on(serve::migrate(&arguments)).map(|()| 0),
        Command::Replay(arguments) => runtime()?.block_on(replay::replay(&arguments)),
        Command::Watch(arguments) => runtime()?.block_on(watch::watch(&arguments)).map(|()| 0),
        Command::DeadLetters(command) => runtime()?.block_on(dead_letters::run(&command)).map(|()| 0),
        Command::Redact(arguments) => tools::redact::redact(arguments.mode, arguments.known.as_deref()),
        Command::Classify(arguments) => tools::classify::classify(&arguments.map, arguments.explain),
        Command::Feed(Feed::Check { profile, file, json }) => tools::feed::check_feed(&profile, &file, json),
        Command::Map(Map::Propose { feed, file }) => tools::map::propose(&feed, &file),
        Command::Keys(Keys::Generate { out, readable }) => {
            keys::Files::make_missing(&out, readable)?;
            println!("the keys are in {}", out.display());
            Ok(0)
        }
        Command::Health { admin } => health::health(admin).map(|()| 0),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "callbox", &mut std::io::stdout());
            Ok(0)
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
