//! `callbox up`: one command, alerts within seconds, a drain, and a second start that repeats nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use callbox_proto::alert::v1::Alert;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_proto::notify::v1::{GetOutcomesRequest, WatchAlertsRequest, WatchAlertsResponse};
use callbox_testkit::wait_until;
use tokio::time::{Instant, timeout};
use tonic::Streaming;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

mod support;
use support::{Process, free_port, http_get, http_ok};

/// What the README promises of the first alert.
const FIRST_ALERT: Duration = Duration::from_secs(30);
/// How long a drain may take: its own deadline, and time for the process to go.
const DRAIN: Duration = Duration::from_secs(25);
/// How long other things may take on a machine that compiles beside the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts `callbox up` on free ports.
fn up(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
    let arguments: Vec<&str> =
        ["up", "--data", data.to_str().unwrap()].into_iter().chain(arguments.iter().copied()).collect();
    // The log lies beside the data, not in it.
    Process::start(&arguments, free_port(), free_port(), environment, data.with_extension("log"))
}

/// A watch of everything from the oldest alert kept. A service that is still starting is waited for.
async fn watch(url: &str) -> Streaming<WatchAlertsResponse> {
    let mut client = AlertServiceClient::connect(url.to_owned()).await.unwrap();
    let request = WatchAlertsRequest { audience: None, resume_token: "0".into() };
    client.watch_alerts(request).await.unwrap().into_inner()
}

/// The next alert of a watch.
async fn next_alert(watch: &mut Streaming<WatchAlertsResponse>) -> Alert {
    loop {
        if let Some(alert) = watch.message().await.unwrap().unwrap().alert {
            return alert;
        }
    }
}

/// How many submissions came to an outcome.
async fn outcomes(url: &str) -> u64 {
    let mut client = OutcomeServiceClient::connect(url.to_owned()).await.unwrap();
    let counts = client.get_outcomes(GetOutcomesRequest::default()).await.unwrap().into_inner().counts;
    counts.iter().map(|count| count.count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_drains_and_goes_on_without_repeating_an_alert() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");

    let start = Instant::now();
    let mut first_run = up(&data, &["--demo"], &[]);
    first_run.ready().await;
    let mut alerts = watch(&first_run.url()).await;
    let first = timeout(FIRST_ALERT.saturating_sub(start.elapsed()), next_alert(&mut alerts)).await;
    let mut told = vec![first.expect("no alert within 30 seconds of the start")];
    let counted = outcomes(&first_run.url()).await;
    assert!(counted >= 1);
    // The watch stays open: a watcher must not hold up the drain.
    first_run.signal("INT");
    assert_eq!(first_run.exit_code(DRAIN).await, Some(0), "Ctrl-C drains");
    // What was decided last was told before the end.
    while let Ok(Some(answer)) = alerts.message().await {
        told.extend(answer.alert);
    }

    let mut second_run = up(&data, &["--demo", "--rate", "40"], &[]);
    second_run.ready().await;
    assert!(outcomes(&second_run.url()).await >= counted, "the outcomes of the first run are kept");
    let mut alerts = watch(&second_run.url()).await;
    let old: HashSet<String> = told.iter().map(|alert| alert.id.clone()).collect();
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut new = HashSet::new();
    while new.len() < 3 {
        let alert = timeout(PATIENCE, next_alert(&mut alerts)).await.expect("the second run makes no alerts");
        assert!(seen.insert((alert.id.clone(), alert.revision)), "{} was published again", alert.id);
        if all.len() >= told.len() && !old.contains(&alert.id) {
            new.insert(alert.id.clone());
        }
        all.push(alert);
    }
    assert!(all.starts_with(&told), "the watch from the start begins with what the first run told");
    wait_until("outcomes grow", PATIENCE, || async { outcomes(&second_run.url()).await > counted }).await;
    second_run.signal("TERM");
    assert_eq!(second_run.exit_code(DRAIN).await, Some(0), "SIGTERM drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_has_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut owner = up(&data, &["--demo"], &[]);
    owner.ready().await;
    let path = data.to_str().unwrap();
    let any_port = [("CALLBOX_LISTEN__GRPC", "127.0.0.1:0"), ("CALLBOX_LISTEN__ADMIN", "127.0.0.1:0")];
    for arguments in [&["up", "--demo", "--data", path][..], &["dead-letters", "list", "--data", path]] {
        let refused =
            tokio::process::Command::from(support::callbox()).args(arguments).envs(any_port).output();
        let refused = timeout(PATIENCE, refused).await.expect("it runs beside the first").unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains(path) && error.contains("another process"), "{error}");
    }
    assert!(http_ok(owner.admin, "/ready").await, "the first goes on");
    owner.signal("TERM");
    assert_eq!(owner.exit_code(DRAIN).await, Some(0));
}

/// What the gRPC health service says of a service; the empty name is the process as a whole.
async fn health(url: &str, service: &str) -> ServingStatus {
    let channel = Channel::from_shared(url.to_owned()).unwrap().connect().await.unwrap();
    let mut client = HealthClient::new(channel);
    let request = HealthCheckRequest { service: service.into() };
    client.check(request).await.unwrap().into_inner().status()
}

const SERVICES: [&str; 7] = [
    "",
    "callbox.ingest.v1.IngestService",
    "callbox.redact.v1.RedactService",
    "callbox.classify.v1.ClassifyService",
    "callbox.notify.v1.AlertService",
    "callbox.notify.v1.SubscriptionService",
    "callbox.notify.v1.OutcomeService",
];

#[tokio::test(flavor = "multi_thread")]
async fn health_metrics_and_a_second_signal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // A load balancer is given so long that only a second signal can be what ends the process.
    let mut process = up(&data, &["--demo", "--rate", "40"], &[("CALLBOX_DRAIN__UNREADY_SECONDS", "600")]);
    process.ready().await;
    assert!(http_ok(process.admin, "/live").await);
    for service in SERVICES {
        let serving = || async { health(&process.url(), service).await == ServingStatus::Serving };
        wait_until("the service serves", PATIENCE, serving).await;
    }
    wait_until("outcomes are counted in the metrics", PATIENCE, || async {
        let page = http_get(process.admin, "/metrics").await.unwrap();
        assert!(page.starts_with("HTTP/1.1 200"));
        page.lines().any(|line| line.starts_with("callbox_") && line.contains("outcome="))
    })
    .await;
    let asked = tokio::process::Command::from(support::callbox())
        .args(["health", "--admin", &format!("127.0.0.1:{}", process.admin)])
        .status()
        .await
        .unwrap();
    assert_eq!(asked.code(), Some(0));

    process.signal("TERM");
    let admin = process.admin;
    wait_until("it is not ready any more", PATIENCE, || async {
        http_get(admin, "/ready").await.is_some_and(|answer| answer.starts_with("HTTP/1.1 503"))
    })
    .await;
    assert!(http_ok(admin, "/live").await, "a process that drains lives");
    let stopping = || async { health(&process.url(), "").await == ServingStatus::NotServing };
    wait_until("gRPC health says so too", PATIENCE, stopping).await;
    process.signal("TERM");
    assert_eq!(process.exit_code(Duration::from_secs(10)).await, Some(1));
    let log = std::fs::read_to_string(&process.log).unwrap();
    assert!(log.contains("a second signal cut the drain short"), "{log}");
}
