//! What goes wrong at the command line and at the start of a service: a clear message for each mistake, the exit code that
//! scripts rely on, no value of a row in any message, and nothing lost of what was good.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use callbox_testkit::{Nats, Postgres};

mod support;
use support::callbox;

/// Done.
const DONE: i32 = 0;
/// Some line or row failed, or it failed.
const FAILED: i32 = 1;
/// Wrong usage or configuration.
const USAGE: i32 = 2;

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

/// Runs a command to its end with this standard input.
fn run(command: &mut Command, input: &[u8]) -> Ended {
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The inputs fit the pipe. A command that ends without reading them closes it, which is no failure here.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
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

/// Rows with one fault each, and what is said of it.
const BAD: [(&[u8], &str); 5] = [
    (
        b",2026-03-01 10:05:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,Quillfeather\n",
        "call.source_id: missing",
    ),
    (
        b"ZT-77810,yestereve,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,\n",
        "call.received_time: in none of the expected time formats",
    ),
    (b"ZT-77810,2026-03-01 10:06:00,SHOTS FIRED,1,41.5\n", "5 columns, expected 8"),
    (
        b"ZT-77810,2026-03-01 10:07:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe,Quillfeather\xFF 555-0142\n",
        "column \"Remarks\": wrong encoding; expected UTF-8",
    ),
    (
        b"ZT-77810,1971-03-01 10:08:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,unhurriedly\n",
        "call.received_time: expected a time from 1990",
    ),
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

/// The table at the end of a replay.
fn table(out: &str) -> BTreeMap<String, u64> {
    let cells = |line: &str| {
        let line = line.trim().trim_matches('|').trim();
        let (name, count) = line.rsplit_once(' ')?;
        Some((name.trim().trim_end_matches('|').trim().to_owned(), count.parse().ok()?))
    };
    out.lines().filter_map(cells).collect()
}

/// Asserts that every row that was read came to one outcome.
#[track_caller]
fn adds_up(ended: &Ended, rows: u64, rejected: u64) {
    let table = table(&ended.out);
    assert_eq!(table.get("rows read"), Some(&rows), "{}", ended.out);
    assert_eq!(table.get("sum of outcomes"), Some(&rows), "{}", ended.out);
    assert_eq!(table.get("rejected"), Some(&rejected), "{}", ended.out);
}

#[test]
fn good_rows_of_a_bad_file_come_to_their_outcomes() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let (clean, expected) = replay(&profile, &folder.write("good.csv", good_rows()));
    clean.says(DONE, &[]).is_discreet();
    adds_up(&clean, 5, 0);
    assert_eq!(expected.len(), 3, "the fixture makes three alerts: {}", clean.out);

    let mut mixed = HEADER.as_bytes().to_vec();
    for (good, (bad, _)) in GOOD.iter().zip(BAD) {
        mixed.extend_from_slice(bad);
        mixed.extend_from_slice(good.as_bytes());
    }
    let file = folder.write("mixed.csv", &mixed);
    let (ended, alerts) = replay(&profile, &file);
    ended.says(FAILED, &BAD.map(|(_, problem)| problem)).is_discreet();
    // Each message names file, line and row; the header is line 1, and bad rows stand on the even lines.
    for row in [1, 3, 5, 7, 9] {
        let place = format!("mixed.csv:{}: row {row}: ", row + 1);
        assert!(ended.err.contains(&place), "expected {place} in: {}", ended.err);
    }
    adds_up(&ended, 10, 5);
    assert_eq!(alerts, expected, "the bad rows changed what the good ones come to");

    let check = run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()]);
    check.says(FAILED, &[]).is_discreet();
    for (_, problem) in BAD {
        let problem = problem.rsplit(": ").next().unwrap();
        assert!(check.out.contains(problem), "expected «{problem}» in: {}", check.out);
    }
}

#[test]
fn truncated_files_give_what_stands_before_the_cut() {
    let folder = Folder::new();
    let record = |number: u32, kind: &str| {
        format!(
            r#"{{"Number":"T-{number}","Received":"2026-03-01 10:0{number}:00","Type":"{kind}","Lat":41.5,"Lon":-100.5,"Remarks":"Quillfeather 555-0142"}}"#
        )
    };
    let (whole, next) = (record(1, "SHOTS FIRED"), record(2, "ARMED ROBBERY"));
    let cut = &next[..next.len() - 9];
    let cases = [
        ("csv", format!("{HEADER}{}{}", GOOD[0], &GOOD[1][..30]), "3 columns, expected 8: cut off"),
        (
            "csv",
            format!("{HEADER}{}T-2,\"2026-03-01 10:20:00,4471 Wexcombe\n", GOOD[0]),
            "2 columns, expected 8: cut off",
        ),
        ("json", format!("[{whole},{cut}"), "cut off: the file ends in the middle of a record"),
        ("json", format!("[{whole},"), "cut off: the file ends in the middle of a record"),
        ("ndjson", format!("{whole}\n{cut}"), "cut off: the file ends in the middle of a record"),
    ];
    for (index, (format, content, problem)) in cases.iter().enumerate() {
        let profile = folder.profile(format);
        let (ended, alerts) = replay(&profile, &folder.write(&format!("{index}.{format}"), content));
        ended.says(FAILED, &[problem]).is_discreet();
        adds_up(&ended, 2, 1);
        assert_eq!(alerts.len(), 1, "case {index}: {}", ended.out);
    }
}

#[test]
fn files_that_cannot_be_read_at_all() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let utf16: Vec<u8> =
        b"\xFF\xFE".iter().copied().chain(good_rows().into_iter().flat_map(|byte| [byte, 0])).collect();
    let header = b"Incident,When\nZT-77810,yestereve\n".to_vec();
    let cases = [
        ("wide.csv", Some(utf16), "UTF-16"),
        ("packed.csv", Some(b"\x1F\x8B\x08Quillfeather".to_vec()), "gzip"),
        ("header.csv", Some(header), "the header has none of \"Number\""),
        ("absent.csv", None, "cannot be read"),
    ];
    for (name, content, problem) in cases {
        if let Some(content) = content {
            folder.write(name, content);
        }
        let file = folder.path(name);
        let (ended, alerts) = replay(&profile, &file);
        ended.says(FAILED, &[name, problem]).is_discreet();
        assert!(alerts.is_empty());
        let check = run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()]);
        check.is_discreet();
        assert_eq!(check.code, Some(FAILED), "{name}");
        assert!(
            format!("{}{}", check.out, check.err).contains(problem),
            "{name}: {}{}",
            check.out,
            check.err
        );
    }
    fs::create_dir(folder.path("empty")).unwrap();
    let (ended, _) = replay(&profile, &folder.path("empty"));
    ended.says(FAILED, &["the folder has no file of the feed's formats"]);
}

#[test]
fn a_profile_with_mistakes_is_wrong_configuration() {
    let folder = Folder::new();
    let file = folder.write("good.csv", good_rows());
    let text = PROFILE
        .replace("FORMAT", "csv")
        .replace("priority =", "prioritty =")
        .replace("America/Chicago", "America/Chikago");
    let profile = folder.write("wrong.toml", &text);
    let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    let expected = [
        "2 mistakes in the feed profile".to_owned(),
        format!("wrong.toml:{}: unknown time zone", line("Chikago")),
        format!("wrong.toml:{}: ", line("prioritty")),
        "did you mean".to_owned(),
    ];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    replay(&profile, &file).0.says(USAGE, &expected);
    run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()])
        .says(USAGE, &expected);
    run_with(["map".as_ref(), "propose".as_ref(), "--feed".as_ref(), profile.as_os_str(), file.as_os_str()])
        .says(USAGE, &expected);
    let absent = folder.path("absent.toml");
    replay(&absent, &file).0.says(USAGE, &["absent.toml", "cannot be read"]);

    let config = folder.write("callbox.toml", "[feeds]\nprofiles = [\"wrong.toml\"]\n");
    let served = run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), config.as_os_str()]);
    served.says(USAGE, &["feeds.profiles", expected[1], expected[2]]);
}

#[test]
fn several_configuration_mistakes_come_at_once() {
    let folder = Folder::new();
    folder.profile("csv");
    let config = folder.write(
        "callbox.toml",
        "[bus]\nurl = \"http://127.0.0.1:4222\"\n[store]\nurl = \"mysql://root:hidden-word@127.0.0.1/x\"\n\
         [listen]\ngrpc = \"nowhere\"\n[drain]\ndeadline_seconds = \"hidden-word\"\n[telemetry]\nlog_formt = \"json\"\n\
         [feeds]\nprofiles = [\"csv.toml\", \"absent.toml\"]\n[agencies.atlantis]\nname = \"Atlantis\"\n",
    );
    let ended = run_with(["serve".as_ref(), "notify".as_ref(), "--config".as_ref(), config.as_os_str()]);
    ended.says(
        USAGE,
        &[
            "7 mistakes in the configuration",
            "bus.url: expected an address such as nats://",
            "store.url: expected an address such as postgres://",
            "listen.grpc: ",
            "drain.deadline_seconds: ",
            "telemetry.log_formt: unknown setting; did you mean telemetry.log_format?",
            "absent.toml",
            "agencies.atlantis: no feed profile is of this agency",
        ],
    );
    assert!(!ended.err.contains("hidden-word"), "{}", ended.err);

    let broken = folder.write("broken.toml", "[keys]\nidentity = hidden-word\n");
    let ended = run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), broken.as_os_str()]);
    ended.says(USAGE, &["broken.toml"]);
    assert!(!ended.err.contains("hidden-word"), "a malformed file may hold a secret: {}", ended.err);

    let absent = folder.path("absent-config.toml");
    run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), absent.as_os_str()])
        .says(USAGE, &["absent-config.toml", "cannot be read"]);
}

#[test]
fn missing_keys_and_wrong_keys() {
    let folder = Folder::new();
    folder.profile("csv");
    let serve = |role: &str, keys: &str| {
        let config = folder.write(
            "callbox.toml",
            format!(
                "[bus]\nurl = \"nats://127.0.0.1:4222\"\n[feeds]\nprofiles = [\"csv.toml\"]\n[keys]\n{keys}"
            ),
        );
        run_with(["serve".as_ref(), role.as_ref(), "--config".as_ref(), config.as_os_str()])
    };
    let how = "callbox keys generate";
    serve("ingest", "")
        .says(USAGE, &["2 mistakes", "keys.redact_public: missing", "keys.identity: missing", how]);
    serve("redact", "").says(USAGE, &["2 mistakes", "keys.redact_private", "keys.classify_public", how]);
    serve("classify", "").says(USAGE, &["1 mistake ", "keys.classify_private: missing", how]);
    serve("classify", "classify_private_file = \"nowhere.key\"")
        .says(USAGE, &["keys.classify_private_file", "nowhere.key cannot be read"]);
    let wrong = serve("classify", "classify_private = \"hidden-word\"");
    wrong.says(USAGE, &["keys.classify_private: expected lines of `<key id>:<base64>`"]);
    assert!(!wrong.err.contains("hidden-word"), "{}", wrong.err);
}

#[test]
fn bad_lines_of_the_tools_are_told_by_number() {
    let lines: [&[u8]; 7] = [
        br#"{"id":"1","text":"RP Orla Quillfeather 555-0142","description":"SHOTS FIRED"}"#,
        br#"{"id":"2","text":"Quillfeather 555-0142"#,
        br#"Quillfeather 555-0142"#,
        br#"["ZT-77810","4471 Wexcombe"]"#,
        b"{\"id\":\"5\",\"text\":\"Quillfeather\xFF 555-0142\"}",
        b"",
        br#"{"id":"7","text":"at 4471 Wexcombe Ave","description":"ARMED ROBBERY"}"#,
    ];
    let mut input = lines.join(&b'\n');
    input.push(b'\n');
    let wrong_types = "{\"id\":\"8\",\"text\":[\"555-0142\"],\"description\":{\"x\":\"Quillfeather\"}}\n";
    input.extend_from_slice(wrong_types.as_bytes());
    let cases = [("redact", "\"text\":\"…\""), ("classify", "\"description\"?")];
    for (tool, expected) in cases {
        let ended = run(callbox().arg(tool), &input);
        ended.says(
            FAILED,
            &[
                "line 2: ",
                "line 3: not JSON at column 1",
                "line 4: ",
                "line 5: not UTF-8 at byte",
                "line 8: ",
                expected,
            ],
        );
        assert!(
            !ended.err.contains("line 1:")
                && !ended.err.contains("line 6:")
                && !ended.err.contains("line 7:")
        );
        ended.is_discreet();
        let ids: Vec<String> = ended
            .out
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(ids, ["1", "7"], "{tool}: the rest goes on");
        run(callbox().arg(tool), [lines[0], b"\n", lines[6]].concat().as_slice()).says(DONE, &[]);
        // The last line may lack its newline, an empty input is no mistake.
        run(callbox().arg(tool), b"").says(DONE, &[]);
    }
    let known = b"{\"id\":1,\"text\":\"x\",\"known\":{\"name\":5550142}}\n";
    run(callbox().arg("redact"), known).says(FAILED, &["line 1: known: expected an object or list of texts"]);
}

#[test]
fn wrong_usage() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let file = folder.write("good.csv", good_rows());
    run_with(["redact", "--mode", "loud"]).says(USAGE, &["--mode"]);
    run_with(["redact", "--known", "Quillfeather"])
        .says(USAGE, &["--known: expected a JSON object or list"])
        .is_discreet();
    run_with(["serve", "everything"]).says(USAGE, &["ingest, redact, classify, notify"]);
    run_with(["watch", "--near", "36.16,-86.78"]).says(USAGE, &["--within"]);
    run_with(["watch", "--near", "nowhere", "--within", "1"]).says(USAGE, &["36.16,-86.78"]);
    run_with(["watch", "--near", "36.16,-86.78", "--within", "-1"]).says(USAGE, &["--within"]);
    run_with(["watch", "--category", "jaywalking"]).says(USAGE, &["--category"]);
    run_with(["dance"]).says(USAGE, &["dance"]);
    let speed = [
        "replay".as_ref(),
        file.as_os_str(),
        "--feed".as_ref(),
        profile.as_os_str(),
        "--speed".as_ref(),
        "0".as_ref(),
    ];
    run_with(speed).says(USAGE, &["--speed"]);
    run_with(["classify", "--map", "no-such-map.toml"]).says(USAGE, &["no-such-map.toml", "cannot be read"]);
}

#[test]
fn a_port_in_use() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (setting, variable) in
        [("listen.grpc", "CALLBOX_LISTEN__GRPC"), ("listen.admin", "CALLBOX_LISTEN__ADMIN")]
    {
        let mut command = callbox();
        command
            .args(["up", "--data"])
            .arg(folder.path("data"))
            .envs([("CALLBOX_LISTEN__GRPC", "127.0.0.1:0"), ("CALLBOX_LISTEN__ADMIN", "127.0.0.1:0")])
            .env(variable, &address);
        let said = format!("cannot listen on {address}; set {setting} to another address");
        run(&mut command, b"").says(FAILED, &[&said]);
    }
}

#[test]
fn nobody_answers() {
    let nowhere = format!("http://127.0.0.1:{}", support::free_port());
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let file = folder.write("good.csv", good_rows());
    let to = [
        "replay".as_ref(),
        file.as_os_str(),
        "--feed".as_ref(),
        profile.as_os_str(),
        "--to".as_ref(),
        nowhere.as_ref(),
    ];
    run_with(to).says(FAILED, &["nobody answers at", &nowhere]);
    run_with(["watch", "--from", &nowhere]).says(FAILED, &["nobody answers at", &nowhere]);
    let admin = nowhere.trim_start_matches("http://");
    run_with(["health", "--admin", admin]).says(FAILED, &["nobody answers at", admin]);
}

/// A configuration over these servers.
fn configuration(folder: &Folder, name: &str, nats: &str, postgres: &str) -> PathBuf {
    let keys = folder.path("keys");
    let text = format!(
        "[bus]\nurl = {nats:?}\n[store]\nurl = {postgres:?}\n[feeds]\nprofiles = [\"csv.toml\"]\n\
         [listen]\ngrpc = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n[keys]\nredact_public_file = {:?}\n\
         identity_file = {:?}\nredact_private_file = {:?}\nclassify_public_file = {:?}\nclassify_private_file = {:?}\n",
        keys.join("ingest/redact.pub"),
        keys.join("ingest/identity.key"),
        keys.join("redact/redact.key"),
        keys.join("redact/classify.pub"),
        keys.join("classify/classify.key"),
    );
    folder.write(name, text)
}

/// Runs a command off the runtime's workers.
async fn run_aside(arguments: Vec<String>) -> Ended {
    tokio::task::spawn_blocking(move || run_with(arguments)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_nats_and_no_postgres() {
    let nats = Nats::start().await.unwrap();
    let folder = Folder::new();
    folder.profile("csv");
    folder.keys();
    let closed = support::free_port();
    let (no_nats, no_postgres) = (
        format!("nats://callbox:hidden-word@127.0.0.1:{closed}"),
        format!("postgres://callbox:hidden-word@127.0.0.1:{closed}/callbox"),
    );
    let without_nats = configuration(&folder, "without-nats.toml", &no_nats, &no_postgres);
    let without_postgres = configuration(&folder, "without-postgres.toml", &nats.url(), &no_postgres);
    let command = |words: &[&str], config: &Path| {
        let words = words.iter().copied().chain(["--config", config.to_str().unwrap()]);
        run_aside(words.map(str::to_owned).collect())
    };
    let (ingest, letters, notify, migrate) = tokio::join!(
        command(&["serve", "ingest"], &without_nats),
        command(&["dead-letters", "list"], &without_nats),
        command(&["serve", "notify"], &without_postgres),
        command(&["migrate"], &without_postgres),
    );
    let nats_said = [
        &format!("no NATS JetStream at nats://callbox:********@127.0.0.1:{closed} (bus.url)"),
        "is nats-server running with --jetstream?",
    ];
    let postgres_said =
        [&*format!("PostgreSQL at postgres://callbox:********@127.0.0.1:{closed}/callbox (store.url)")];
    ingest.says(FAILED, &nats_said);
    letters.says(FAILED, &nats_said);
    notify.says(FAILED, &postgres_said);
    migrate.says(FAILED, &postgres_said);
    for ended in [ingest, letters, notify, migrate] {
        assert!(!ended.err.contains("hidden-word"), "{}", ended.err);
        // They wait for servers that start at the same time, ten seconds, and not much longer.
        let seconds = ended.took.as_secs();
        assert!((9..30).contains(&seconds), "gave up after {seconds} s: {}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_were_not_migrated() {
    let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
    let (nats, postgres) = (nats.unwrap(), postgres.unwrap());
    let folder = Folder::new();
    folder.profile("csv");
    folder.keys();
    let config = configuration(&folder, "callbox.toml", &nats.url(), &postgres.database().await);
    for role in support::ROLES {
        let mut arguments = vec!["serve".to_owned(), role.to_owned()];
        arguments.extend(["--config".to_owned(), config.to_str().unwrap().to_owned()]);
        let ended = tokio::time::timeout(Duration::from_secs(30), run_aside(arguments)).await;
        let ended = ended.unwrap_or_else(|_| panic!("{role} runs on servers without streams and tables"));
        ended.says(FAILED, &["callbox migrate"]);
    }
}
