//! A private nats-server with JetStream.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::port::free_port;
use crate::process::Process;
use crate::{Error, data};

/// How long a start may take: recovery of a large store on a busy machine included.
const START: Duration = Duration::from_secs(20);

/// How often another port is tried when something else took the free one.
const PORTS: u32 = 3;

/// A private nats-server with JetStream on a free port.
pub struct Nats {
    program: PathBuf,
    directory: TempDir,
    port: u16,
    process: Option<Process>,
}

impl Nats {
    /// Starts a server that accepts everybody on the loopback interface.
    ///
    /// # Errors
    /// When nats-server is not installed or does not start.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with("").await
    }

    /// Starts a server with more configuration, in nats-server's own format: users and their permissions, limits.
    ///
    /// # Errors
    /// When nats-server is not installed or does not start, for instance because the configuration is wrong.
    pub async fn start_with(configuration: &str) -> Result<Self, Error> {
        let program = data::program("nats-server", &[])
            .ok_or(Error::NotInstalled { program: "nats-server", package: "nats-server" })?;
        let directory = data::directory()?;
        std::fs::write(directory.path().join("nats.conf"), configuration)
            .map_err(Error::system("write a configuration"))?;
        let mut nats = Self { program, directory, port: 0, process: None };
        let mut attempt = 1;
        loop {
            nats.port = free_port()?;
            match nats.restart().await {
                Err(Error::NotStarted { .. }) if attempt < PORTS => attempt += 1,
                done => return done.map(|()| nats),
            }
        }
    }

    /// Where it listens, without credentials: `nats://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its streams are on disk, for tests that look for leaks.
    pub fn store(&self) -> PathBuf {
        self.directory.path().join("jetstream")
    }

    /// Kills it with SIGKILL. Its port and its data stay for [`Self::restart`].
    pub fn kill9(&mut self) {
        self.process = None;
    }

    /// Stops the process without ending it, as a machine that hangs does.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> Result<(), Error> {
        self.process.as_ref().map_or(Ok(()), Process::stop)
    }

    /// Lets a paused process go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> Result<(), Error> {
        self.process.as_ref().map_or(Ok(()), Process::resume)
    }

    /// Starts it again on the same port with the same data; returns once it accepts clients.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.process = None;
        let store = self.directory.path().to_string_lossy().into_owned();
        let configuration = self.directory.path().join("nats.conf").to_string_lossy().into_owned();
        let port = self.port.to_string();
        let args =
            ["-c", &configuration, "-js", "-sd", &store, "-a", "127.0.0.1", "-p", &port].map(str::to_owned);
        let log = self.directory.path().join("nats.log");
        let mut process = Process::start(&self.program, None, &args, &log)?;
        let end = Instant::now() + START;
        // The server speaks first, and only once its streams are recovered.
        while !greets(self.port).await {
            if process.has_ended() || Instant::now() > end {
                return Err(Error::NotStarted { program: "nats-server", log: process.log_tail() });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.process = Some(process);
        Ok(())
    }
}

async fn greets(port: u16) -> bool {
    let greeting = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut start = [0; 5];
        stream.read_exact(&mut start).await?;
        Ok::<_, std::io::Error>(&start == b"INFO ")
    };
    tokio::time::timeout(Duration::from_secs(1), greeting).await.is_ok_and(|greeted| greeted.unwrap_or(false))
}
