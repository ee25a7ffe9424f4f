//! A private PostgreSQL.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::{Uid, User};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::port::free_port;
use crate::process::{Process, run};
use crate::{Error, data};

/// How long a start may take: recovery after a kill on a busy machine included.
const START: Duration = Duration::from_secs(30);

/// How often another port is tried when something else took the free one.
const PORTS: u32 = 3;

/// Whom the server runs as when the tests run as root, which it refuses.
const USER: &str = "postgres";

/// Whether commits wait for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// They wait for the kernel only (`fsync = off`): what was committed survives `kill -9` of the server, but not the
    /// loss of the machine. Right for tests.
    #[default]
    Process,
    /// They wait for the disk, as in production. Right for measurements.
    Disk,
}

/// A private PostgreSQL server on a free port. Everybody on the loopback interface may connect, as `postgres`.
pub struct Postgres {
    binaries: PathBuf,
    user: Option<&'static str>,
    durability: Durability,
    directory: TempDir,
    port: u16,
    process: Option<Process>,
}

impl Postgres {
    /// The one server that all tests of this process share. Each takes its own [`Self::database`].
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; the message says what to install.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Postgres> = OnceCell::const_new();
        SHARED
            .get_or_init(|| async {
                Self::start().await.unwrap_or_else(|error| panic!("no private postgres: {error}"))
            })
            .await
    }

    /// Starts a server of one's own, which may be killed.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with(Durability::Process).await
    }

    /// Starts a server of one's own with the durability that is asked for.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start_with(durability: Durability) -> Result<Self, Error> {
        let binaries = binaries()?;
        let directory = data::directory()?;
        let user = if Uid::effective().is_root() { Some(USER) } else { None };
        if let Some(name) = user {
            hand_over(directory.path(), name)?;
        }
        let mut postgres = Self { binaries, user, durability, directory, port: 0, process: None };
        postgres.initialise()?;
        let mut attempt = 1;
        loop {
            postgres.port = free_port()?;
            match postgres.restart().await {
                Err(Error::NotStarted { .. }) if attempt < PORTS => attempt += 1,
                done => return done.map(|()| postgres),
            }
        }
    }

    /// Makes an empty database and returns its URL: `postgres://postgres@127.0.0.1:PORT/NAME`.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn database(&self) -> String {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        self.create(&name).await.unwrap_or_else(|error| panic!("no database: {error}"));
        self.url(&name)
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files are, for tests that look for leaks.
    pub fn store(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Kills it with SIGKILL; its children end when they notice. Its port and its data stay for [`Self::restart`].
    pub fn kill9(&mut self) {
        self.process = None;
    }

    /// Starts it again on the same port with the same data; returns once it answers queries.
    ///
    /// # Errors
    /// When it does not start in time.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.process = None;
        let end = Instant::now() + START;
        let mut process = self.launch()?;
        while !self.answers().await {
            if Instant::now() > end {
                return Err(Error::NotStarted { program: "postgres", log: process.log_tail() });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            if process.has_ended() {
                // Children of the killed server may still hold its shared memory for a moment. A taken port is another
                // matter, and the caller's.
                if process.log_tail().contains("Address already in use") {
                    return Err(Error::NotStarted { program: "postgres", log: process.log_tail() });
                }
                process = self.launch()?;
            }
        }
        self.process = Some(process);
        Ok(())
    }

    fn initialise(&self) -> Result<(), Error> {
        let data = self.store().to_string_lossy().into_owned();
        let args = ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            .map(str::to_owned);
        let (status, log) = run(&self.binaries.join("initdb"), self.user, &args)?;
        if status.success() { Ok(()) } else { Err(Error::NotStarted { program: "initdb", log }) }
    }

    fn launch(&self) -> Result<Process, Error> {
        let data = self.store().to_string_lossy().into_owned();
        let port = self.port.to_string();
        let sockets = format!("unix_socket_directories={}", self.directory.path().display());
        let mut args = ["-D", &data, "-p", &port, "-c", &sockets, "-c", "listen_addresses=127.0.0.1"]
            .map(str::to_owned)
            .to_vec();
        args.extend(["-c", "max_connections=200"].map(str::to_owned));
        if self.durability == Durability::Process {
            args.extend(["-c", "fsync=off", "-c", "full_page_writes=off"].map(str::to_owned));
        }
        let log = self.directory.path().join("postgres.log");
        Process::start(&self.binaries.join("postgres"), self.user, &args, &log)
    }

    async fn answers(&self) -> bool {
        let look = async {
            let mut connection = PgConnection::connect(&self.url("postgres")).await?;
            connection.ping().await
        };
        tokio::time::timeout(Duration::from_secs(2), look).await.is_ok_and(|answer| answer.is_ok())
    }

    async fn create(&self, name: &str) -> Result<(), Error> {
        let failed = |source| Error::Database { what: "create a database", source };
        let mut connection = PgConnection::connect(&self.url("postgres")).await.map_err(failed)?;
        // The name is made of hexadecimal digits above: nothing to quote.
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(statement).execute(&mut connection).await.map_err(failed)?;
        connection.close().await.map_err(failed)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

/// The directory that has both initdb and postgres: Debian keeps initdb out of the PATH.
fn binaries() -> Result<PathBuf, Error> {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort_by_key(|path| std::cmp::Reverse(version(path)));
    versions
        .into_iter()
        .chain(data::program("initdb", &[]).and_then(|found| found.parent().map(Path::to_owned)))
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        .ok_or(Error::NotInstalled { program: "postgres", package: "postgresql" })
}

/// The number in `/usr/lib/postgresql/NUMBER/bin`.
fn version(binaries: &Path) -> u32 {
    let name = binaries.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn hand_over(directory: &Path, user: &str) -> Result<(), Error> {
    let found = User::from_name(user)
        .map_err(|errno| Error::System { what: "look up a user", source: errno.into() })?;
    let found = found.ok_or(Error::NotInstalled { program: "the user postgres", package: "postgresql" })?;
    std::os::unix::fs::chown(directory, Some(found.uid.as_raw()), Some(found.gid.as_raw()))
        .map_err(Error::system("hand a directory to the user postgres"))
}
