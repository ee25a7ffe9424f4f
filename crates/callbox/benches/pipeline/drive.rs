//! Driving a deployment from the simulator, and what came of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use callbox_proto::notify::v1 as notify;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_proto_raw::ingest::v1 as ingest;
use callbox_proto_raw::ingest::v1::ingest_service_client::IngestServiceClient;
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use callbox_simulator::{Seed, Settings, Simulator};
use hdrhistogram::Histogram;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use crate::processes;

/// What is driven.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Incidents a second; 0: as fast as they go.
    pub(crate) rate: u32,
    /// How many.
    pub(crate) count: usize,
    /// Where the randomness comes from.
    pub(crate) seed: u64,
}

/// How many submissions wait between generator and connection.
const QUEUE: usize = 1_024;
/// How long everything may take to come through after the last submission.
const SETTLE: Duration = Duration::from_mins(2);

/// Drives a deployment and prints what came of it.
pub(crate) async fn run(what: &str, load: Load, ingest: &str, notify: &str) {
    let requests = requests(load);
    let before = processes::cpu_seconds();
    let latencies = tokio::spawn(watch(notify.to_owned()));
    let start = Instant::now();
    let receipts = submit(ingest, requests, load.rate).await;
    let submitted = start.elapsed();
    let mut outcomes = OutcomeServiceClient::connect(notify.to_owned()).await.unwrap();
    settle(&mut outcomes, receipts).await;
    let elapsed = start.elapsed();
    let used = processes::cpu_seconds();
    let counts =
        outcomes.get_outcomes(notify::GetOutcomesRequest::default()).await.unwrap().into_inner().counts;
    let published: u64 = counts
        .iter()
        .filter(|count| count.outcome() == notify::Outcome::Published)
        .map(|count| count.count)
        .sum();
    let latencies = latencies.await.unwrap()(published).await;
    report(what, load, submitted, elapsed, &latencies);
    for count in &counts {
        print!(
            "  {} {}",
            count.outcome().as_str_name().trim_start_matches("OUTCOME_").to_lowercase(),
            count.count
        );
    }
    println!();
    for (name, seconds) in used {
        let spent = seconds - before.get(&name).copied().unwrap_or_default();
        println!("  {name:<18} {:>7.1} µs of processor per incident", spent * 1e6 / load.count as f64);
    }
}

fn report(what: &str, load: Load, submitted: Duration, elapsed: Duration, latencies: &Histogram<u64>) {
    let rate =
        if load.rate == 0 { "as fast as they go".to_owned() } else { format!("{} a second", load.rate) };
    println!("\n{what}; {} incidents, {rate}", load.count);
    println!(
        "  {:.0} incidents a second end to end ({:.2} s; all accepted after {:.2} s)",
        load.count as f64 / elapsed.as_secs_f64(),
        elapsed.as_secs_f64(),
        submitted.as_secs_f64(),
    );
    let ms = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
    println!(
        "  {} alerts delivered; submitted to delivered: p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, max {:.1} ms",
        latencies.len(),
        ms(0.5),
        ms(0.99),
        ms(0.999),
        latencies.max() as f64 / 1e3,
    );
}

/// The submissions, generated beforehand so that generating costs nothing while it is measured.
fn requests(load: Load) -> Vec<ingest::SubmitCallsRequest> {
    let settings = Settings {
        start: jiff::Timestamp::now(),
        pace: 0.01,
        gap: Duration::from_secs(1) / if load.rate == 0 { 10_000 } else { load.rate },
        ..Settings::default()
    };
    let events = Simulator::new(Seed(load.seed), settings).take(load.count);
    let request = |(item, event): (u64, callbox_simulator::Event)| ingest::SubmitCallsRequest {
        item,
        request_id: event.request_id.unwrap_or_default(),
        call: Some(event.submission),
    };
    (0..).zip(events).map(request).collect()
}

/// Submits over one stream, paced, and gives the receipts.
async fn submit(url: &str, requests: Vec<ingest::SubmitCallsRequest>, rate: u32) -> Vec<String> {
    let mut client = IngestServiceClient::connect(url.to_owned()).await.unwrap();
    let (sender, receiver) = mpsc::channel(QUEUE);
    let total = requests.len();
    let feeding = tokio::spawn(async move {
        let start = Instant::now();
        for (number, mut request) in (0_u32..).zip(requests) {
            if rate > 0 {
                tokio::time::sleep_until(start + Duration::from_secs(1) * number / rate).await;
            }
            if let Some(call) = &mut request.call {
                call.observed_time = Some(SystemTime::now().into());
            }
            sender.send(request).await.unwrap();
        }
    });
    let mut answers = client.submit_calls(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    let mut receipts = Vec::new();
    let mut answered = 0;
    while let Some(answer) = answers.message().await.unwrap() {
        answered += 1;
        match answer.result {
            Some(Answer::Accepted(accepted)) if receipts.last() != Some(&accepted.receipt) => {
                receipts.push(accepted.receipt);
            }
            Some(Answer::Accepted(_)) => {}
            other => panic!("a simulated call was refused: {:?}", other.map(|_| answer.item)),
        }
    }
    feeding.await.unwrap();
    assert_eq!(answered, total, "every submission is answered");
    receipts.sort();
    receipts.dedup();
    receipts
}

/// Waits until every receipt has come through.
async fn settle(outcomes: &mut OutcomeServiceClient<tonic::transport::Channel>, mut pending: Vec<String>) {
    let deadline = Instant::now() + SETTLE;
    while !pending.is_empty() {
        assert!(Instant::now() < deadline, "{} envelopes did not come through", pending.len());
        let question = pending.split_off(pending.len().saturating_sub(1_000));
        let request = notify::ListPendingRequest { receipts: question };
        let still = outcomes.list_pending(request).await.unwrap().into_inner().receipts;
        if !still.is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        pending.extend(still);
    }
}

/// Watches all alerts. The watch is open when this returns; given the number of revisions to expect, what it returned
/// collects until they are there.
async fn watch(
    url: String,
) -> impl FnOnce(u64) -> std::pin::Pin<Box<dyn Future<Output = Histogram<u64>> + Send>> {
    let mut client = AlertServiceClient::connect(url).await.unwrap();
    let request = notify::WatchAlertsRequest {
        audience: Some(notify::watch_alerts_request::Audience::Filter(notify::AlertFilter::default())),
        resume_token: String::new(),
    };
    let mut stream = client.watch_alerts(request).await.unwrap().into_inner();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok(Some(answer)) = stream.message().await {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            if let Some(sent) = answer.alert.and_then(|alert| alert.sent_time) {
                let sent = Duration::new(sent.seconds.try_into().unwrap(), sent.nanos.try_into().unwrap());
                if sender.send(now.saturating_sub(sent)).is_err() {
                    break;
                }
            }
        }
    });
    move |expected| {
        Box::pin(async move {
            let mut latencies = Histogram::new(3).unwrap();
            while latencies.len() < expected {
                let latency = tokio::time::timeout(SETTLE, receiver.recv()).await;
                let latency = latency.expect("an alert came in time").expect("the watch goes on");
                latencies.record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX)).unwrap();
            }
            latencies
        })
    }
}
