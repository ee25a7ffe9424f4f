//! Nothing personal gets out (invariants I1 and I3): the whole pipeline runs at TRACE over simulated calls, on its good ways
//! and its bad ones, and then every byte that left a process is searched for what stood in the calls: logs, metrics, the
//! broker's files, the database's files, every gRPC answer, the list of dead letters.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::time::Duration;

use aho_corasick::AhoCorasick;
use callbox_bus::manifest::{CONSUMERS, RAW, STREAMS};
use callbox_bus::seal::{Associated, PrivateKey, PublicKey, Sealer};
use callbox_bus::{Bus, Outgoing, embedded, envelope, jetstream};
use callbox_proto::bus::v1::{Envelope, Record};
use callbox_proto::notify::v1 as notify;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_proto::redact::v1::RedactTextRequest;
use callbox_proto::redact::v1::redact_service_client::RedactServiceClient;
use callbox_proto_raw::cad::v1::{Call, Note, Person};
use callbox_proto_raw::ingest::v1::ingest_service_client::IngestServiceClient;
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use callbox_proto_raw::ingest::v1::{SubmitCallRequest, SubmitCallsRequest};
use callbox_simulator::{Seed, Settings, Simulator, write};
use callbox_testkit::{Durability, wait_until};
use prost::Message as _;
use sqlx::{Connection as _, PgConnection};

mod search;
#[path = "../support/mod.rs"]
mod support;
mod tellings;

use search::{Exposed, Tokens};
use support::{Deployment, Process, ROLES, callbox, free_port, http_get, run};

/// How many simulated submissions go through: enough for every kind of call and every group of personal strings.
const EVENTS: usize = 800;
/// How long the pipeline may take for them, on a machine that compiles beside the test and at TRACE.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(30);

/// Stands in calls of the test's own, on the ways that end badly. The simulator's strings stand in the others.
const PLANTED: [&str; 4] = ["Orla Quillfeather", "555-0142", "4471 Wexcombe Ave", "zanthrofibrosis"];

/// A call of the test's own, with a planted string in every field that takes one.
fn own_call(agency: &str, source_id: &str) -> Call {
    let [name, phone, address, illness] = PLANTED.map(str::to_owned);
    let text = format!("RP {name} {phone} at {address}, has {illness}");
    let now = jiff::Timestamp::now().as_second();
    Call {
        agency: agency.into(),
        source_id: source_id.into(),
        received_time: Some(prost_types::Timestamp { seconds: now, nanos: 0 }),
        type_description: "SHOTS FIRED".into(),
        notes: vec![Note { text, author: name.clone(), ..Note::default() }],
        persons: vec![Person { name, phones: vec![phone], address, medical: illness, ..Person::default() }],
        ..Call::default()
    }
}

/// Calls that ingest refuses, each for another reason.
fn refused_calls(agency: &str) -> Vec<Call> {
    let good = own_call(agency, "L-1");
    let long = format!("{} {}", PLANTED[0], "x".repeat(300));
    vec![
        Call { agency: PLANTED[0].into(), ..good.clone() },
        Call { agency: "atlantis".into(), ..good.clone() },
        Call { source_id: long.clone(), ..good.clone() },
        Call { type_description: long.clone(), ..good.clone() },
        Call { received_time: None, ..good.clone() },
        Call { persons: vec![Person { name: long, ..Person::default() }], ..good },
    ]
}

/// Submits calls on one stream and alone. Returns how many were accepted; the answers are exposed.
async fn submit(url: &str, calls: Vec<(String, Call)>, exposed: &mut Exposed) -> u64 {
    let mut client = IngestServiceClient::connect(url.to_owned()).await.unwrap();
    let refused = refused_calls(&calls[0].1.agency);
    let requests: Vec<SubmitCallsRequest> = (0..)
        .zip(calls.into_iter().chain(refused.iter().map(|call| (String::new(), call.clone()))))
        .map(|(item, (request_id, call))| SubmitCallsRequest { item, request_id, call: Some(call) })
        .collect();
    let sent = requests.len();
    let mut answers = client.submit_calls(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let (mut accepted, mut seen) = (0, 0);
    while let Some(answer) = answers.message().await.unwrap() {
        seen += 1;
        accepted += u64::from(matches!(answer.result, Some(Answer::Accepted(_))));
        exposed.add("an answer of SubmitCalls", answer.encode_to_vec());
    }
    assert_eq!(seen, sent, "each item is answered");
    assert_eq!(accepted, (sent - refused.len()) as u64, "only the bad calls are refused");
    for call in refused {
        let request = SubmitCallRequest { request_id: PLANTED[0].into(), call: Some(call) };
        let status = client.submit_call(request).await.unwrap_err();
        exposed.add("a status of SubmitCall", format!("{status:?}"));
        exposed.add("the details of a status of SubmitCall", status.details());
    }
    accepted
}

/// A text that redact refuses for its length.
async fn refused_text(url: &str, exposed: &mut Exposed) {
    let client = RedactServiceClient::connect(url.to_owned()).await.unwrap();
    let text = PLANTED.join(" ").repeat(20_000);
    let request = RedactTextRequest { text, ..RedactTextRequest::default() };
    let status = client.max_decoding_message_size(1 << 24).redact_text(request).await.unwrap_err();
    exposed.add("a status of RedactText", format!("{status:?}"));
}

/// Puts envelopes into `RAW` that nobody can handle: one sealed to a key that redact does not have, and one that is no call.
/// Returns how many records they hold.
async fn publish_dead(bus: &Bus, agency: &str, redact_public: &str) -> u64 {
    let (key_id, key) = redact_public.trim().split_once(':').unwrap();
    let own: PublicKey = key.parse().unwrap();
    let call = own_call(agency, "L-2").encode_to_vec();
    let plain = PLANTED.join(" ").into_bytes();
    let cases = [("lost", PrivateKey::generate().public(), call), (key_id, own, plain)];
    for (number, (key_id, key, content)) in (1_u8..).zip(&cases) {
        let mut sealer = Sealer::new(key_id, key);
        let (incident, submission_id) = ([number; 16], format!("dead-{number}"));
        let associated =
            Associated { stage: "raw", agency, incident: &incident, submission_id: &submission_id };
        let sealed = sealer.seal(&associated, content).into();
        let id = format!("00000000-0000-4000-8000-00000000000{number}");
        let record =
            Record { incident: incident.to_vec().into(), submission_id, sealed, ..Record::default() };
        let envelope = Envelope {
            version: 1,
            id: id.clone(),
            agency: agency.into(),
            seal: Some(sealer.header()),
            records: vec![record],
            ..Envelope::default()
        };
        let payload = envelope::encode(&envelope);
        let message = Outgoing { subject: RAW.subject(agency), id, headers: Vec::new(), payload };
        bus.publish(message).await.unwrap().await.unwrap();
    }
    cases.len() as u64
}

/// The simulated calls, from now on, and what stands in them.
fn simulated() -> (Vec<(String, Call)>, Tokens) {
    let settings = Settings {
        start: jiff::Timestamp::now(),
        gap: Duration::from_millis(10),
        pace: 0.01,
        ..Settings::default()
    };
    let mut tokens = Tokens::planted();
    let mut calls = Vec::with_capacity(EVENTS + 1);
    for event in Simulator::new(Seed(11), settings).take(EVENTS) {
        tokens.add(&event);
        calls.push((event.request_id.clone().unwrap_or_default(), event.submission));
    }
    calls.push((String::new(), own_call(&calls[0].1.agency, "L-0")));
    assert!(tokens.texts.len() > EVENTS / 2, "the simulator plants too little");
    (calls, tokens)
}

/// Waits until everything has come to an outcome, and asks notify everything that it answers. Returns the id of an alert.
async fn ask_everything(url: &str, submissions: u64, exposed: &mut Exposed) -> String {
    let outcomes = OutcomeServiceClient::connect(url.to_owned()).await.unwrap();
    let counted = || async {
        let request = notify::GetOutcomesRequest::default();
        let answer = outcomes.clone().get_outcomes(request).await.unwrap().into_inner();
        answer.counts.iter().map(|count| count.count).sum::<u64>() >= submissions
    };
    wait_until("everything came to an outcome", PATIENCE, counted).await;
    let answer = outcomes.clone().get_outcomes(notify::GetOutcomesRequest::default()).await.unwrap();
    let dead = |count: &&notify::OutcomeCount| count.outcome() == notify::Outcome::DeadLettered;
    assert_eq!(answer.get_ref().counts.iter().find(dead).map(|count| count.count), Some(2));
    exposed.add("GetOutcomes", answer.into_inner().encode_to_vec());

    let mut client = AlertServiceClient::connect(url.to_owned()).await.unwrap();
    let request =
        notify::ListAlertsRequest { include_retracted: true, page_size: 1_000, ..Default::default() };
    let listed = client.list_alerts(request).await.unwrap().into_inner();
    exposed.add("ListAlerts", listed.encode_to_vec());
    for alert in &listed.alerts {
        let request = notify::GetAlertRequest { id: alert.id.clone() };
        exposed.add("GetAlert", client.get_alert(request).await.unwrap().into_inner().encode_to_vec());
    }
    let refused = notify::GetAlertRequest { id: PLANTED[0].into() };
    exposed.add("a status of GetAlert", format!("{:?}", client.get_alert(refused).await.unwrap_err()));
    let expected: u32 = listed.alerts.iter().map(|alert| alert.revision).sum();
    assert!(expected > 5, "the simulated calls make too few alerts");
    let request = notify::WatchAlertsRequest { audience: None, resume_token: "0".into() };
    let mut watch = client.watch_alerts(request).await.unwrap().into_inner();
    for _ in 0..expected {
        let answer = tokio::time::timeout(PATIENCE, async {
            loop {
                let answer = watch.message().await.unwrap().unwrap();
                if answer.alert.is_some() {
                    return answer;
                }
            }
        });
        exposed.add("WatchAlerts", answer.await.expect("a revision is missing").encode_to_vec());
    }
    listed.alerts[0].id.clone()
}

/// Adds the metrics page of a process.
async fn add_metrics(process: &Process, exposed: &mut Exposed) {
    let page = http_get(process.admin, "/metrics").await.unwrap();
    assert!(page.contains("# TYPE "), "{page}");
    exposed.add("/metrics", page);
}

/// Drains a process and adds its log.
async fn stop(process: &mut Process, exposed: &mut Exposed) {
    process.signal("TERM");
    assert_eq!(process.exit_code(DRAIN).await, Some(0));
    let log = fs::read(&process.log).unwrap();
    assert!(AhoCorasick::new(["TRACE"]).unwrap().is_match(&log), "nothing was logged at TRACE");
    exposed.add(process.log.display().to_string(), log);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_leaves_four_services() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("vellgrove.toml");
    fs::write(&profile, write::PROFILE).unwrap();
    let mut deployment = Deployment::prepare(&[&profile], Durability::Process).await;
    deployment.set("CALLBOX_TELEMETRY__LOG_FILTER", "trace");
    deployment.start_all().await;
    let (calls, tokens) = simulated();
    let agency = calls[0].1.agency.clone();
    let mut exposed = Exposed::default();

    let bus = jetstream::connect(jetstream::JetStreamConfig::new(deployment.nats.url())).await.unwrap();
    let key = fs::read_to_string(deployment.folder.path().join("keys/ingest/redact.pub")).unwrap();
    let dead = publish_dead(&bus, &agency, &key).await;
    bus.close().await;
    let accepted = submit(&deployment.url("ingest"), calls, &mut exposed).await;
    refused_text(&deployment.url("redact"), &mut exposed).await;
    let alert = ask_everything(&deployment.url("notify"), accepted + dead, &mut exposed).await;
    let list = run(callbox().args(["dead-letters", "list", "--config"]).arg(deployment.config()));
    assert!(list.contains("unknown_key") && list.contains("invalid_call"), "{list}");
    exposed.add("dead-letters list", list);
    for role in ROLES {
        add_metrics(&deployment.processes[role], &mut exposed).await;
    }
    for process in deployment.processes.values_mut() {
        stop(process, &mut exposed).await;
    }
    let mut connection = PgConnection::connect(&deployment.postgres.database().await).await.unwrap();
    // What only the server's memory holds would reach its files later.
    sqlx::query("CHECKPOINT").execute(&mut connection).await.unwrap();
    let (broker, database) = (deployment.nats.store(), deployment.postgres.store());
    exposed.add_folder(broker.parent().unwrap());
    exposed.add_folder(database.parent().unwrap());
    exposed.assert_holds(&broker, &alert);
    exposed.assert_holds(&database, "Vellgrove Police");
    exposed.assert_clean(&tokens.search());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_leaves_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("callbox.toml"));
    fs::write(folder.path().join("vellgrove.toml"), write::PROFILE).unwrap();
    fs::write(
        &config,
        "[feeds]\nprofiles = [\"vellgrove.toml\"]\n[telemetry]\nlog_filter = \"trace\"\nlog_format = \"json\"\n",
    )
    .unwrap();
    let (calls, tokens) = simulated();
    let agency = calls[0].1.agency.clone();
    let mut exposed = Exposed::default();
    fs::create_dir(&data).unwrap();
    run(callbox().args(["keys", "generate", "--out"]).arg(data.join("keys")));
    let bus = embedded::open(&data).await.unwrap();
    bus.declare(STREAMS, CONSUMERS).await.unwrap();
    let key = fs::read_to_string(data.join("keys/ingest/redact.pub")).unwrap();
    let dead = publish_dead(&bus, &agency, &key).await;
    bus.close().await;
    drop(bus);

    let arguments = ["up", "--data", data.to_str().unwrap(), "--config", config.to_str().unwrap()];
    let log = folder.path().join("up.log");
    let mut process = Process::start(&arguments, free_port(), free_port(), &[], log);
    process.ready().await;
    let accepted = submit(&process.url(), calls, &mut exposed).await;
    refused_text(&process.url(), &mut exposed).await;
    let alert = ask_everything(&process.url(), accepted + dead, &mut exposed).await;
    add_metrics(&process, &mut exposed).await;
    // The write-ahead logs are there only while it runs.
    exposed.add_folder(&data);
    stop(&mut process, &mut exposed).await;
    exposed.add_folder(&data);
    let list = run(callbox().args(["dead-letters", "list", "--data"]).arg(&data));
    assert!(list.contains("unknown_key") && list.contains("invalid_call"), "{list}");
    exposed.add("dead-letters list", list);
    exposed.assert_holds(&data, &alert);
    exposed.assert_clean(&tokens.search());
}
