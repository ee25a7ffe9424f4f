//! A client that knows nothing but an address: `buf curl`, which asks the services themselves for their schemas, submits a
//! call to a distributed deployment and sees its alert on a watch.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

mod support;
use support::{Deployment, workspace};

/// How long an alert may take from acceptance to the watch, on a machine that compiles beside the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// The agency of this test, in a profile that has nothing but what must be there.
const PROFILE: &str = r#"
agency = "testburg"
name = "Testburg Police"
format = "csv"

[time]
zone = "America/Chicago"

[bounds]
south = 41.0
west = -101.0
north = 42.0
east = -100.0

[call]
source_id = "Number"
received_time = "Received"
"#;

/// The tool, if it is installed; otherwise says that the test is skipped.
#[expect(clippy::print_stderr, reason = "whoever runs the tests has to know what they left out")]
fn buf() -> Option<PathBuf> {
    let buf = workspace().join("target/tools/node_modules/.bin/buf");
    if buf.is_file() {
        return Some(buf);
    }
    eprintln!("skipped: buf is absent; `cargo xtask lint` installs it");
    None
}

/// `buf curl` without any schema of its own.
fn curl(buf: &PathBuf, arguments: &[&str]) -> Command {
    let mut command = Command::new(buf);
    command
        .args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"])
        .args(arguments)
        // No file of the project is in sight there.
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// What it prints, and its exit code: 0, or eight times the gRPC status.
async fn ask(buf: &PathBuf, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = timeout(PATIENCE, curl(buf, arguments).output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A call as a stranger would write it from the schema.
fn call(agency: &str) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let received = jiff::Timestamp::from_second(now.try_into().unwrap()).unwrap().to_string();
    json!({
        "requestId": "stranger-1",
        "call": {
            "agency": agency,
            "sourceId": "T-1",
            "receivedTime": received,
            "typeDescription": "SHOTS FIRED",
            "location": { "latitude": 41.5, "longitude": -100.5, "address": "4471 Wexcombe Ave" },
            "notes": [{ "text": "RP Orla Quillfeather 555-0142 heard four shots" }],
            "persons": [{ "role": "caller", "name": "Orla Quillfeather", "phones": ["555-0142"] }],
        },
    })
}

/// Reads the watch until an alert of the agency comes; gives the whole answer.
async fn first_alert(watch: tokio::process::ChildStdout) -> Value {
    let mut lines = BufReader::new(watch).lines();
    let mut document = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        document.push_str(&line);
        // The answers are documents of several lines each: one is complete when it parses.
        let Ok(answer) = serde_json::from_str::<Value>(&document) else { continue };
        document.clear();
        if answer["alert"]["agency"] == "testburg" {
            return answer;
        }
    }
    panic!("the watch ended: {document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_submits_a_call_and_sees_its_alert() {
    let Some(buf) = buf() else { return };
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("testburg.toml");
    fs::write(&profile, PROFILE).unwrap();
    let deployment = Deployment::start(&[&profile]).await;
    let (ingest, notify) = (deployment.url("ingest"), deployment.url("notify"));

    for (role, service) in [
        ("ingest", "callbox.ingest.v1.IngestService/SubmitCall"),
        ("redact", "callbox.redact.v1.RedactService/RedactText"),
        ("classify", "callbox.classify.v1.ClassifyService/Explain"),
        ("notify", "callbox.notify.v1.AlertService/WatchAlerts"),
    ] {
        let (code, methods, error) = ask(&buf, &["--list-methods", &deployment.url(role)]).await;
        assert_eq!(code, Some(0), "{error}");
        for method in [service, "grpc.health.v1.Health/Check"] {
            assert!(methods.lines().any(|line| line == method), "{role} does not list {method}: {methods}");
        }
    }
    // Reflection of the older version, which other clients speak.
    for protocol in ["grpc-v1", "grpc-v1alpha"] {
        let listed = ask(&buf, &["--reflect-protocol", protocol, "--list-services", &notify]).await;
        assert!(listed.1.contains("callbox.notify.v1.AlertService"), "{protocol}: {}", listed.2);
    }

    let watch_url = format!("{notify}/callbox.notify.v1.AlertService/WatchAlerts");
    let mut watch =
        curl(&buf, &["-d", r#"{"resumeToken":"0"}"#, &watch_url]).stdout(Stdio::piped()).spawn().unwrap();
    let alerts = tokio::spawn(first_alert(watch.stdout.take().unwrap()));

    let submit = format!("{ingest}/callbox.ingest.v1.IngestService/SubmitCall");
    let (code, out, error) = ask(&buf, &["-d", &call("testburg").to_string(), &submit]).await;
    assert_eq!(code, Some(0), "{error}");
    let accepted: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(accepted["incident"].as_str().unwrap().len(), 32);
    // The same request again is the same submission; its name says nothing of the caller's own.
    let (_, again, error) = ask(&buf, &["-d", &call("testburg").to_string(), &submit]).await;
    let again: Value = serde_json::from_str(&again).expect(&error);
    assert_eq!(accepted["submissionId"], again["submissionId"]);
    assert!(!out.contains("stranger-1") && !out.contains("T-1"), "{out}");

    let answer = timeout(PATIENCE, alerts).await.expect("no alert on the watch").unwrap();
    let alert = &answer["alert"];
    assert_eq!(alert["category"], "CATEGORY_SHOTS_FIRED");
    assert_eq!(alert["state"], "ALERT_STATE_PUBLISHED");
    assert_eq!(alert["agencyName"], "Testburg Police");
    assert!(answer["resumeToken"].as_str().is_some_and(|token| !token.is_empty()));
    for planted in ["Quillfeather", "555-0142", "Wexcombe"] {
        assert!(!answer.to_string().contains(planted), "{planted} was published");
    }

    let (code, _, error) = ask(&buf, &["-d", &call("atlantis").to_string(), &submit]).await;
    assert_eq!(code, Some(8 * 5), "an unknown agency is NOT_FOUND: {error}");
    let mut incomplete = call("testburg");
    incomplete["call"].as_object_mut().unwrap().remove("receivedTime");
    let (code, _, error) = ask(&buf, &["-d", &incomplete.to_string(), &submit]).await;
    assert_eq!(code, Some(8 * 3), "a call without a time is INVALID_ARGUMENT: {error}");
    assert!(error.contains("received_time") && !error.contains("Quillfeather"), "{error}");
}
