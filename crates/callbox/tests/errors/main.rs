//! What goes wrong at the command line and at the start of a service: a clear message for each mistake, the exit code that
//! scripts rely on, no value of a row in any message, and nothing lost of what was good.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

mod configuration;
mod files;
mod servers;
#[path = "../support/mod.rs"]
mod support;
mod tools;

use support::callbox;

/// Done.
const DONE: i32 = 0;
/// Some line or row failed, or it failed.
const FAILED: i32 = 1;
/// Wrong usage or configuration.
const USAGE: i32 = 2;
/// After so long a command does not end by itself.
const ENDLESS: Duration = Duration::from_secs(40);

/// What stands in the rows and lines of these tests and must not come back in a message.
const PLANTED: [&str; 6] =
    ["555-0142", "Quillfeather", "ZT-77810", "4471 Wexcombe", "unhurriedly", "yestereve"];

/// What a finished command left.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
    took: Duration,
}

impl Ended {
    /// Asserts the exit code, and that each of `parts` stands on standard error.
    #[track_caller]
    fn says(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        for part in parts {
            assert!(self.err.contains(part), "expected «{part}» in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// Asserts that no planted value stands in what it printed.
    #[track_caller]
    fn is_discreet(&self) -> &Self {
        for planted in PLANTED {
            assert!(!self.err.contains(planted), "{planted} on standard error: {}", self.err);
            assert!(!self.out.contains(planted), "{planted} on standard output: {}", self.out);
        }
        self
    }
}

/// Runs a command to its end with this standard input. One that does not end is killed and has no exit code.
fn run(command: &mut Command, input: &[u8]) -> Ended {
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The inputs fit the pipe. A command that ends without reading them closes it, which is no failure here.
    let _ = child.stdin.take().unwrap().write_all(input);
    let (ended, watchdog) = mpsc::channel::<()>();
    let id = child.id().to_string();
    std::thread::spawn(move || {
        if watchdog.recv_timeout(ENDLESS) == Err(mpsc::RecvTimeoutError::Timeout) {
            Command::new("kill").args(["-9", &id]).status().unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        took: start.elapsed(),
    }
}

/// Runs the binary with these arguments and nothing on standard input.
fn run_with<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ended {
    run(callbox().args(arguments), b"")
}

/// A folder for files that a test writes.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A profile of the invented town's feed, in this format.
    fn profile(&self, format: &str) -> PathBuf {
        self.write(&format!("{format}.toml"), PROFILE.replace("FORMAT", format))
    }

    /// Keys for every service.
    fn keys(&self) -> PathBuf {
        let keys = self.path("keys");
        support::run(callbox().args(["keys", "generate", "--out"]).arg(&keys));
        keys
    }
}

const PROFILE: &str = r#"
agency = "testburg"
name = "Testburg"
format = "FORMAT"

[time]
zone = "America/Chicago"
formats = ["%Y-%m-%d %H:%M:%S"]

[bounds]
south = 41.0
west = -101.0
north = 42.0
east = -100.0

[call]
source_id = "Number"
received_time = "Received"
type_description = "Type"
priority = "Priority"
latitude = "Lat"
longitude = "Lon"
address = "Address"

[[notes]]
text = "Remarks"
"#;

const HEADER: &str = "Number,Received,Type,Priority,Lat,Lon,Address,Remarks\n";

/// Rows without a fault; each stands for itself, and the first three make an alert.
const GOOD: [&str; 5] = [
    "T-1,2026-03-01 10:00:00,SHOTS FIRED,1,41.50,-100.50,4471 Wexcombe Ave,RP Orla Quillfeather 555-0142\n",
    "T-2,2026-03-01 10:20:00,RESIDENTIAL BURGLARY IN PROGRESS,1,41.55,-100.55,100 Block Elm St,\n",
    "T-3,2026-03-01 10:40:00,ARMED ROBBERY,1,41.60,-100.60,200 Block Oak St,\n",
    "T-4,2026-03-01 11:00:00,PARKING COMPLAINT,4,41.50,-100.50,300 Block Ash St,caller walks unhurriedly\n",
    "T-5,2026-03-01 11:20:00,DOMESTIC DISTURBANCE,2,41.50,-100.50,4471 Wexcombe Ave,\n",
];

/// The good rows alone.
fn good_rows() -> Vec<u8> {
    [HEADER].into_iter().chain(GOOD).collect::<String>().into_bytes()
}

/// Plays a file and gives what the command left and the alerts without their ids.
fn replay(feed: &Path, file: &Path) -> (Ended, Vec<serde_json::Value>) {
    let folder = Folder::new();
    let alerts = folder.path("alerts.ndjson");
    let ended =
        run(callbox().arg("replay").arg(file).arg("--feed").arg(feed).arg("--alerts").arg(&alerts), b"");
    let lines = fs::read_to_string(alerts).unwrap_or_default();
    let parse = |line: &str| {
        let mut alert: serde_json::Value = serde_json::from_str(line).unwrap();
        alert.as_object_mut().unwrap().remove("id").unwrap();
        alert
    };
    (ended, lines.lines().map(parse).collect())
}
