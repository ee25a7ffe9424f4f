//! Invariant I4: crashes change nothing that a subscriber sees, except lateness.
//!
//! A recording is replayed over NATS and PostgreSQL while each of the four services, then the broker, then the database
//! are killed with SIGKILL and started again, several times over. The alerts are those of an undisturbed replay.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use callbox_proto::notify::v1 as notify;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_simulator::{Seed, Settings, Simulator, write};
use callbox_testkit::wait_until;
use serde_json::Value;

use crate::support::{Deployment, ROLES, callbox, run};

/// Rows of the recording.
const ROWS: usize = 12_000;
/// How often everything is killed.
const ROUNDS: u64 = 2;
/// What is killed in one round.
const VICTIMS: u64 = 6;
/// The whole test is bounded by this.
const DEADLINE: Duration = Duration::from_mins(7);

#[tokio::test(flavor = "multi_thread")]
async fn killing_everything_changes_no_alert() {
    tokio::time::timeout(DEADLINE, crash_test()).await.expect("the replay came to its end in time");
}

async fn crash_test() {
    let folder = tempfile::tempdir().unwrap();
    let (feed, profile) = (folder.path().join("calls.ndjson"), folder.path().join("vellgrove.toml"));
    let mut rows = Vec::new();
    for event in Simulator::new(Seed(11), Settings { pace: 0.01, ..Settings::default() }).take(ROWS) {
        write::row(&event, &mut rows).unwrap();
    }
    fs::write(&feed, rows).unwrap();
    fs::write(&profile, write::PROFILE).unwrap();

    let undisturbed = folder.path().join("undisturbed.ndjson");
    run(callbox().arg("replay").arg(&feed).arg("--feed").arg(&profile).arg("--alerts").arg(&undisturbed));

    let mut deployment = Deployment::start(&[&profile]).await;
    let disturbed = folder.path().join("disturbed.ndjson");
    let mut replay = callbox()
        .arg("replay")
        .arg(&feed)
        .arg("--feed")
        .arg(&profile)
        .arg("--alerts")
        .arg(&disturbed)
        .args(deployment.replay_target())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    kill_everything(&mut deployment, &mut replay).await;
    wait_until("the replay ended", DEADLINE, || {
        let ended = replay.try_wait().unwrap().is_some();
        async move { ended }
    })
    .await;
    assert!(replay.wait().unwrap().success());

    assert_eq!(contents(&disturbed), contents(&undisturbed));
    nothing_else_is_on_the_stream(&deployment, read(&disturbed).len()).await;
}

/// Kills one after the other, each when the pipeline has gone some way since the last.
async fn kill_everything(deployment: &mut Deployment, replay: &mut Child) {
    let step = ROWS as u64 * 8 / 10 / (ROUNDS * VICTIMS);
    for blow in 0..ROUNDS * VICTIMS {
        let wanted = (blow + 1) * step;
        let url = deployment.url("notify");
        wait_until("the pipeline went on", DEADLINE, || {
            let ended = replay.try_wait().unwrap().is_some();
            let url = url.clone();
            async move { ended || outcomes(url).await.is_some_and(|count| count >= wanted) }
        })
        .await;
        assert!(replay.try_wait().unwrap().is_none(), "the replay still runs at blow {blow}");
        match usize::try_from(blow % VICTIMS).unwrap() {
            4 => {
                deployment.nats.kill9();
                deployment.nats.restart().await.unwrap();
            }
            5 => {
                deployment.postgres.kill9();
                deployment.postgres.restart().await.unwrap();
            }
            role => deployment.kill9_and_restart(ROLES[role]),
        }
    }
}

/// How many submissions have come to an outcome; `None` while notify is away.
async fn outcomes(url: String) -> Option<u64> {
    let mut client = OutcomeServiceClient::connect(url).await.ok()?;
    let answer = client.get_outcomes(notify::GetOutcomesRequest::default()).await.ok()?;
    Some(answer.into_inner().counts.iter().map(|count| count.count).sum())
}

/// Reads `expected` revisions from the beginning of the alerts stream, then waits until a watch that begins now begins
/// right behind the last of them: nothing else is on the stream.
async fn nothing_else_is_on_the_stream(deployment: &Deployment, expected: usize) {
    let mut client = AlertServiceClient::connect(deployment.url("notify")).await.unwrap();
    let mut stream = client.watch_alerts(watch_from("0")).await.unwrap().into_inner();
    let mut seen = BTreeSet::new();
    let mut last = String::new();
    while seen.len() < expected {
        let answer = stream.message().await.unwrap().unwrap();
        last = answer.resume_token;
        if let Some(alert) = answer.alert {
            assert!(seen.insert((alert.id, alert.revision)), "nothing is told twice");
        }
    }
    wait_until("a fresh watch begins behind the last alert", DEADLINE, || {
        let mut client = client.clone();
        let last = last.clone();
        async move {
            let mut fresh = client.watch_alerts(watch_from("")).await.unwrap().into_inner();
            let now = fresh.message().await.unwrap().unwrap().resume_token;
            let (now, last): (u64, u64) = (now.parse().unwrap(), last.parse().unwrap());
            assert!(now <= last, "nothing stands behind the last alert");
            now == last
        }
    })
    .await;
}

fn watch_from(token: &str) -> notify::WatchAlertsRequest {
    notify::WatchAlertsRequest {
        audience: Some(notify::watch_alerts_request::Audience::Filter(notify::AlertFilter::default())),
        resume_token: token.to_owned(),
    }
}

fn read(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The alerts apart from their ids: how often each history of revisions occurs.
fn contents(path: &Path) -> BTreeMap<String, usize> {
    let mut histories: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for mut alert in read(path) {
        let id = alert["id"].take();
        histories.entry(id.as_str().unwrap().to_owned()).or_default().push(alert);
    }
    let mut counts = BTreeMap::new();
    for history in histories.into_values() {
        *counts.entry(serde_json::to_string(&history).unwrap()).or_default() += 1;
    }
    counts
}
