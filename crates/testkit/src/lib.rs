//! Private servers for tests: [`Nats`] and [`Postgres`], each on a free port with its data in a directory of its own.
//!
//! They are real servers, found in the `PATH` or where Debian puts them, never containers and never ones that happen to
//! run already. They end with the test process, also when that is killed. Their data stays through
//! [`Nats::kill9`] and [`Nats::restart`], which is what crash tests need, and goes when the handle is dropped.

mod data;
mod nats;
mod port;
mod postgres;
mod process;
mod wait;

pub use nats::Nats;
pub use port::free_port;
pub use postgres::{Durability, Postgres};
pub use wait::wait_until;

/// Why a private server is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server is not installed.
    #[error(
        "{program} was not found in the PATH or in /usr/lib/postgresql: run `cargo xtask test`, which installs it, \
         or install the package {package}"
    )]
    NotInstalled {
        /// What was looked for.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// It ended at once, or did not answer in time.
    #[error("{program} did not start: {log}")]
    NotStarted {
        /// Which server.
        program: &'static str,
        /// The end of what it printed.
        log: String,
    },
    /// The operating system refused something that the test setup needs.
    #[error("cannot {what}")]
    System {
        /// What, such as `make a directory`.
        what: &'static str,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// The started server refused a statement.
    #[error("the private postgres refused to {what}")]
    Database {
        /// What, such as `create a database`.
        what: &'static str,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
}

impl Error {
    /// For `map_err` on operations of the file system and on processes.
    fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}
