//! A deployment of the real binary: four processes, private NATS and PostgreSQL, keys and configuration in a folder of
//! its own. Tests and the benchmark use it.
#![allow(dead_code, unreachable_pub, reason = "each test is a crate of its own and uses its part")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callbox_testkit::{Durability, Nats, Postgres, wait_until};

/// How long a process may take to become ready: longer than any start seen, also on a machine that compiles beside it.
const READY: Duration = Duration::from_mins(1);

/// The services in the order of an incident's way.
pub const ROLES: [&str; 4] = ["ingest", "redact", "classify", "notify"];

/// The binary under test.
pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_callbox"))
}

/// The real feeds, if they are there; otherwise says that the test is skipped.
pub fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if shared.is_dir() {
        return Some(shared);
    }
    eprintln!("skipped: ../shared, which holds the real feeds, is absent");
    None
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A port for a process of the binary.
pub fn free_port() -> u16 {
    callbox_testkit::free_port().unwrap_or_else(|error| panic!("{error}"))
}

/// A command of the binary without any setting of this process's environment.
pub fn callbox() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CALLBOX_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running process of the binary. It is killed when dropped.
pub struct Process {
    child: Child,
    /// Where its gRPC listens.
    pub grpc: u16,
    /// Where its admin port listens.
    pub admin: u16,
    /// What it printed on standard error.
    pub log: PathBuf,
}

impl Process {
    /// Starts `callbox` with these arguments and ports of its own; its output goes to `log`.
    pub fn start(
        arguments: &[&str],
        grpc: u16,
        admin: u16,
        environment: &[(&str, &str)],
        log: PathBuf,
    ) -> Self {
        let output = File::options().create(true).append(true).open(&log).unwrap();
        let child = callbox()
            .args(arguments)
            .env("CALLBOX_LISTEN__GRPC", format!("127.0.0.1:{grpc}"))
            .env("CALLBOX_LISTEN__ADMIN", format!("127.0.0.1:{admin}"))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Self { child, grpc, admin, log }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.grpc)
    }

    /// Waits until it is ready. Fails the test with its log if it ended.
    pub async fn ready(&mut self) {
        let admin = self.admin;
        let child = &mut self.child;
        let log = &self.log;
        let mut ended = None;
        for _ in 0..READY.as_millis() / 20 {
            if http_ok(admin, "/ready").await {
                return;
            }
            ended = child.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not ready ({ended:?}): {}", fs::read_to_string(log).unwrap_or_default());
    }

    /// Sends a signal by its name.
    pub fn signal(&self, signal: &str) {
        let status =
            Command::new("kill").args([&format!("-{signal}"), &self.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Kills it and waits for its end.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end and gives the exit code.
    pub async fn exit_code(&mut self, deadline: Duration) -> Option<i32> {
        let child = std::cell::RefCell::new(&mut self.child);
        wait_until("the process ended", deadline, || async {
            child.borrow_mut().try_wait().unwrap().is_some()
        })
        .await;
        child.into_inner().wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Whether a GET is answered with 200.
pub async fn http_ok(port: u16, path: &str) -> bool {
    http_get(port, path).await.is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The answer to a GET, head and body.
pub async fn http_get(port: u16, path: &str) -> Option<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Four services over private servers.
pub struct Deployment {
    /// The broker.
    pub nats: Nats,
    /// The database server.
    pub postgres: Postgres,
    /// Keys, configuration, logs.
    pub folder: tempfile::TempDir,
    /// The services that run.
    pub processes: BTreeMap<&'static str, Process>,
    environment: Vec<(String, String)>,
    with_users: bool,
}

impl Deployment {
    /// Servers and configuration, migrated, no service yet. `profiles` are feed profiles or folders of them.
    pub async fn prepare(profiles: &[&Path], durability: Durability) -> Self {
        Self::prepare_with(profiles, durability, "").await
    }

    /// Like [`Deployment::prepare`], with more configuration of the broker: users, each with its own name as password.
    pub async fn prepare_with(profiles: &[&Path], durability: Durability, broker: &str) -> Self {
        let (nats, postgres) = tokio::join!(Nats::start_with(broker), Postgres::start_with(durability));
        let (nats, postgres) = (nats.unwrap(), postgres.unwrap());
        let with_users = !broker.is_empty();
        let database = postgres.database().await;
        let folder = tempfile::tempdir().unwrap();
        let profiles: Vec<String> =
            profiles.iter().map(|path| quoted(&path.canonicalize().unwrap())).collect();
        let configuration = format!(
            "[bus]\nurl = {:?}\n[store]\nurl = {database:?}\n[feeds]\nprofiles = [{}]\n[telemetry]\nlog_format = \"json\"\n\
             [keys]\nredact_public_file = \"keys/ingest/redact.pub\"\nidentity_file = \"keys/ingest/identity.key\"\n\
             redact_private_file = \"keys/redact/redact.key\"\nclassify_public_file = \"keys/redact/classify.pub\"\n\
             classify_private_file = \"keys/classify/classify.key\"\n",
            nats.url(),
            profiles.join(", "),
        );
        fs::write(folder.path().join("callbox.toml"), configuration).unwrap();
        let environment = Vec::new();
        let deployment = Self { nats, postgres, folder, processes: BTreeMap::new(), environment, with_users };
        let keys = deployment.folder.path().join("keys");
        run(callbox().args(["keys", "generate", "--out"]).arg(keys));
        run(callbox()
            .args(["migrate", "--config"])
            .arg(deployment.config())
            .envs(deployment.broker("operator")));
        deployment
    }

    /// A whole deployment, ready.
    pub async fn start(profiles: &[&Path]) -> Self {
        let mut deployment = Self::prepare(profiles, Durability::Process).await;
        deployment.start_all().await;
        deployment
    }

    /// The setting of the broker's address for this user, if the broker has users.
    pub fn broker(&self, user: &str) -> Option<(String, String)> {
        let url = self.nats.url().replace("nats://", &format!("nats://{user}:{user}@"));
        self.with_users.then(|| ("CALLBOX_BUS__URL".to_owned(), url))
    }

    /// Adds a setting for services that start from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("callbox.toml")
    }

    /// Starts every service and waits until all are ready.
    pub async fn start_all(&mut self) {
        for role in ROLES {
            self.start_role(role);
        }
        for process in self.processes.values_mut() {
            process.ready().await;
        }
    }

    /// Starts one service (again), on the ports that it had.
    pub fn start_role(&mut self, role: &'static str) {
        let ports = self.processes.get(role).map(|process| (process.grpc, process.admin));
        let (grpc, admin) = ports.unwrap_or_else(|| (free_port(), free_port()));
        let config = self.config();
        let broker = self.broker(role);
        let settings = self.environment.iter().chain(&broker);
        let environment: Vec<(&str, &str)> =
            settings.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let log = self.folder.path().join(format!("{role}.log"));
        let arguments = ["serve", role, "--config", config.to_str().unwrap()];
        self.processes.insert(role, Process::start(&arguments, grpc, admin, &environment, log));
    }

    /// Kills one service and starts it again.
    pub fn kill9_and_restart(&mut self, role: &'static str) {
        self.processes.get_mut(role).unwrap().kill9();
        self.start_role(role);
    }

    /// Where a service listens.
    pub fn url(&self, role: &str) -> String {
        self.processes[role].url()
    }

    /// The arguments that make a replay play to this deployment.
    pub fn replay_target(&self) -> [String; 4] {
        ["--to".into(), self.url("ingest"), "--notify".into(), self.url("notify")]
    }
}

/// A path as a TOML string.
pub fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

/// Runs a command to its end and fails the test with what it printed if it fails. Gives its standard output.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {error}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
