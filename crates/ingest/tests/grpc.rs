//! The service over a real connection.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callbox_bus::Bus;
use callbox_ingest::accept::{Acceptor, Settings};
use callbox_ingest::grpc::Ingest;
use callbox_proto_raw::cad::v1::Call;
use callbox_proto_raw::ingest::v1::ingest_service_client::IngestServiceClient;
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use callbox_proto_raw::ingest::v1::{RefusalReason, SubmitCallRequest, SubmitCallsRequest};
use callbox_testkit::wait_until;
use support::{Broker, Stubborn, acceptor, call, embedded_bus, envelopes, keys, nats_bus};
use tokio::net::TcpListener;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::Code;
use tonic::transport::{Channel, Server};
use tonic_types::StatusExt as _;

/// A server with a window of eight items.
struct Running {
    client: IngestServiceClient<Channel>,
    bus: Bus,
    acceptor: Acceptor,
    _broker: Broker,
}

async fn serve((broker, bus): (Broker, Bus)) -> Running {
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    Running { client: connect(acceptor.clone()).await, bus, acceptor, _broker: broker }
}

async fn connect(acceptor: Acceptor) -> IngestServiceClient<Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Ingest::new(acceptor).with_window(8).into_server();
    tokio::spawn(
        Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)),
    );
    IngestServiceClient::connect(format!("http://{address}")).await.unwrap()
}

fn item(item: u64, call: Option<Call>) -> SubmitCallsRequest {
    SubmitCallsRequest { item, request_id: format!("r-{item}"), call }
}

#[tokio::test]
async fn one_call_is_accepted() {
    let mut running = serve(embedded_bus().await).await;
    let request = SubmitCallRequest { request_id: String::new(), call: Some(call("S-1")) };
    let answer = running.client.submit_call(request).await.unwrap().into_inner();
    assert_eq!((answer.incident.len(), answer.submission_id.len()), (32, 32));
    let envelopes = envelopes(&running.bus, 1).await;
    assert_eq!(envelopes[0].id, answer.receipt);
}

#[tokio::test]
async fn refusals_have_codes_and_reasons_and_no_values() {
    let mut running = serve(embedded_bus().await).await;
    let long = Call { type_code: "ZQXNAME".repeat(20), ..call("S-1") };
    let unknown = Call { agency: "zqxname".into(), ..call("S-1") };
    for (call, code, reason, field) in [
        (None, Code::InvalidArgument, "INVALID_FIELD", Some("call")),
        (Some(long), Code::InvalidArgument, "INVALID_FIELD", Some("call.type_code")),
        (Some(unknown), Code::NotFound, "UNKNOWN_AGENCY", None),
    ] {
        let request = SubmitCallRequest { request_id: String::new(), call };
        let status = running.client.submit_call(request).await.unwrap_err();
        assert_eq!(status.code(), code);
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.metadata.get("field").map(String::as_str)), (reason, field));
        assert!(!format!("{status:?}").to_lowercase().contains("zqxname"));
    }
    running.acceptor.drain().await;
    let request = SubmitCallRequest { request_id: String::new(), call: Some(call("S-1")) };
    assert_eq!(running.client.submit_call(request).await.unwrap_err().code(), Code::Unavailable);
}

async fn a_bad_item_does_not_end_the_stream(broker: (Broker, Bus)) {
    let mut running = serve(broker).await;
    let requests = (0..500).map(|number| match number % 10 {
        3 => item(number, None),
        5 => item(number, Some(Call { received_time: None, ..call("S-1") })),
        7 => item(number, Some(Call { agency: "nowhere".into(), ..call("S-1") })),
        _ => item(number, Some(call(&format!("S-{number}")))),
    });
    let stream = tokio_stream::iter(requests.collect::<Vec<_>>());
    let mut answers = running.client.submit_calls(stream).await.unwrap().into_inner();
    let mut found = BTreeMap::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert!(found.insert(answer.item, answer.result.unwrap()).is_none(), "one answer for each item");
    }
    assert_eq!(found.len(), 500);
    for (number, answer) in &found {
        let refusal = match answer {
            Answer::Accepted(accepted) => {
                assert!(accepted.incident.len() == 32 && !accepted.receipt.is_empty());
                assert!(![3, 5, 7].contains(&(number % 10)));
                continue;
            }
            Answer::Refused(refusal) => refusal,
        };
        let expected = match number % 10 {
            3 => (RefusalReason::Invalid, "call"),
            5 => (RefusalReason::Invalid, "call.received_time"),
            _ => (RefusalReason::UnknownAgency, ""),
        };
        assert_eq!((refusal.reason(), refusal.field.as_str()), expected);
    }
    assert_eq!(
        envelopes(&running.bus, 350).await.iter().map(|envelope| envelope.records.len()).sum::<usize>(),
        350
    );
}

#[tokio::test]
async fn a_bad_item_does_not_end_the_stream_on_the_embedded_broker() {
    a_bad_item_does_not_end_the_stream(embedded_bus().await).await;
}

#[tokio::test]
async fn a_bad_item_does_not_end_the_stream_on_nats() {
    a_bad_item_does_not_end_the_stream(nats_bus().await).await;
}

#[tokio::test]
async fn a_stream_that_stays_open_is_answered_past_its_window() {
    let mut running = serve(embedded_bus().await).await;
    let (sender, items) = tokio::sync::mpsc::channel(1);
    let stream = ReceiverStream::new(items);
    let mut answers = running.client.submit_calls(stream).await.unwrap().into_inner();
    for number in 0..50 {
        sender.send(item(number, Some(call(&format!("S-{number}"))))).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap().item, number);
    }
    drop(sender);
    assert!(answers.message().await.unwrap().is_none());
}

/// How many calls the acceptor of the next test has taken: it asks for the trace context of each.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

#[tokio::test]
async fn the_server_reads_no_further_than_its_window() {
    let broker = Arc::new(Stubborn::default());
    let (keys, _) = keys();
    let trace = || {
        TAKEN.fetch_add(1, Ordering::SeqCst);
        Vec::new()
    };
    let bus: Bus = broker.clone();
    let acceptor = acceptor(&bus, &keys, &Settings { trace, ..Settings::default() });
    let mut client = connect(acceptor).await;
    let items: Vec<_> = (0..100).map(|number| item(number, Some(call(&format!("S-{number}"))))).collect();
    let mut answers = client.submit_calls(tokio_stream::iter(items)).await.unwrap().into_inner();
    wait_until("the window is full", Duration::from_secs(20), || async { TAKEN.load(Ordering::SeqCst) >= 8 })
        .await;
    // The server answers others meanwhile, so that it had every chance to read on.
    for _ in 0..20 {
        assert!(client.submit_call(SubmitCallRequest::default()).await.is_err());
    }
    assert_eq!(TAKEN.load(Ordering::SeqCst), 8);
    broker.open();
    let mut answered = 0;
    while answers.message().await.unwrap().is_some() {
        answered += 1;
    }
    assert_eq!(answered, 100);
}

#[tokio::test]
async fn a_drain_ends_open_streams_after_their_answers() {
    let mut running = serve(embedded_bus().await).await;
    let (sender, items) = tokio::sync::mpsc::channel(8);
    for number in 0..5 {
        sender.send(item(number, Some(call(&format!("S-{number}"))))).await.unwrap();
    }
    let mut answers = running.client.submit_calls(ReceiverStream::new(items)).await.unwrap().into_inner();
    for _ in 0..5 {
        assert!(matches!(answers.message().await.unwrap().unwrap().result, Some(Answer::Accepted(_))));
    }
    running.acceptor.drain().await;
    assert_eq!(answers.message().await.unwrap_err().code(), Code::Unavailable);
    drop(sender);
}
