//! One trace across the hops: what a client begins goes on through all four services, arrives by OTLP, and carries nothing
//! of the call. Metrics arrive the same way.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callbox_bus::jetstream::{self, JetStreamConfig};
use callbox_bus::manifest::ALERTS;
use callbox_proto_raw::cad::v1::{Call, Location, Note, Person};
use callbox_proto_raw::ingest::v1::SubmitCallRequest;
use callbox_proto_raw::ingest::v1::ingest_service_client::IngestServiceClient;
use callbox_simulator::write;
use callbox_testkit::{Durability, wait_until};
use opentelemetry_proto::tonic::collector::metrics::v1 as metrics;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1 as traces;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tonic::{Request, Response, Status};

mod support;
use support::{Deployment, ROLES};

/// How long spans and metrics may take to arrive, on a machine that compiles beside the test.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many calls are submitted, one after the other, each in a trace of its own: a hop that loses a trace now and then is
/// seen.
const CALLS: u8 = 16;
/// The client's span.
const SPAN: &str = "00f067aa0ba902b7";

/// The trace that a call's client is in (the example of W3C Trace Context, section 3.2, with the call's number).
fn trace(call: u8) -> String {
    format!("4bf92f3577b34da6a3ce929d0e0e47{call:02x}")
}

/// Stands in the calls and in headers that no service may pass on.
const PLANTED: [&str; 5] =
    ["Quillfeather", "555-0142", "4471 Wexcombe", "TRACE-CALL-7781", "zanthrofibrosis"];

/// What arrived.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<(String, Span)>>>,
    metrics: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
    /// Everything as text, for the search.
    texts: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    /// Serves it and gives its address.
    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(self.clone()))
            .add_service(MetricsServiceServer::new(self.clone()))
            .serve_with_incoming(tonic::transport::server::TcpIncoming::from(listener));
        tokio::spawn(server);
        url
    }

    /// The services that have a span in the trace of this call.
    fn services(&self, call: u8) -> BTreeSet<String> {
        let trace = trace(call);
        let spans = self.spans.lock().unwrap();
        let ours = spans.iter().filter(|(_, span)| hex::encode(&span.trace_id) == trace);
        ours.map(|(service, _)| service.clone()).collect()
    }
}

/// `service.name`.
fn name(resource: Option<&Resource>) -> String {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let attributes = resource.map(|resource| resource.attributes.as_slice()).unwrap_or_default();
    let name = attributes.iter().find(|attribute| attribute.key == "service.name");
    match name.and_then(|name| name.value.as_ref()).and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(name)) => name.clone(),
        _ => String::new(),
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<traces::ExportTraceServiceRequest>,
    ) -> Result<Response<traces::ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        self.texts.lock().unwrap().push(format!("{request:?}"));
        for resource in request.resource_spans {
            let service = name(resource.resource.as_ref());
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.spans.lock().unwrap().extend(spans.map(|span| (service.clone(), span)));
        }
        Ok(Response::new(traces::ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<metrics::ExportMetricsServiceRequest>,
    ) -> Result<Response<metrics::ExportMetricsServiceResponse>, Status> {
        let request = request.into_inner();
        self.texts.lock().unwrap().push(format!("{request:?}"));
        for resource in request.resource_metrics {
            let service = name(resource.resource.as_ref());
            let names = resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
            let mut metrics = self.metrics.lock().unwrap();
            metrics.entry(service).or_default().extend(names.map(|metric| metric.name));
        }
        Ok(Response::new(metrics::ExportMetricsServiceResponse::default()))
    }
}

/// A call with a planted string in every field that takes one, in a request that is part of a trace.
fn request(call: u8) -> Request<SubmitCallRequest> {
    let trace = trace(call);
    let [name, phone, address, source_id, illness] = PLANTED.map(str::to_owned);
    let now = jiff::Timestamp::now().as_second();
    let call = Call {
        agency: "vellgrove".into(),
        source_id: format!("{source_id}-{call}"),
        received_time: Some(prost_types::Timestamp { seconds: now, nanos: 0 }),
        type_description: "SHOTS FIRED".into(),
        location: Some(Location {
            latitude: Some(41.89),
            longitude: Some(-99.71),
            address: address.clone(),
            ..Location::default()
        }),
        notes: vec![Note { text: format!("RP {name} {phone} at {address}"), ..Note::default() }],
        persons: vec![Person {
            name: name.clone(),
            phones: vec![phone],
            medical: illness,
            ..Person::default()
        }],
        ..Call::default()
    };
    let mut request = Request::new(SubmitCallRequest { request_id: String::new(), call: Some(call) });
    let headers = request.metadata_mut();
    headers.insert("traceparent", format!("00-{trace}-{SPAN}-01").parse().unwrap());
    headers.insert("tracestate", format!("client={name}").parse().unwrap());
    headers.insert("baggage", format!("caller={name}").parse().unwrap());
    request
}

/// Asserts that the spans of a trace hang together, under the client's span.
fn assert_whole(collector: &Collector, trace: &str) {
    let spans = collector.spans.lock().unwrap();
    let ours: Vec<&Span> =
        spans.iter().map(|(_, span)| span).filter(|span| hex::encode(&span.trace_id) == trace).collect();
    assert!(ours.iter().any(|span| hex::encode(&span.parent_span_id) == SPAN), "the client is the parent");
    let ids: BTreeSet<String> =
        ours.iter().map(|span| hex::encode(&span.span_id)).chain([SPAN.to_owned()]).collect();
    for span in &ours {
        let parent = hex::encode(&span.parent_span_id);
        assert!(ids.contains(&parent), "{} has a parent that did not arrive", span.name);
        assert_eq!(span.trace_state, "", "{}", span.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_through_all_services() {
    let collector = Collector::default();
    let endpoint = collector.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("vellgrove.toml");
    fs::write(&profile, write::PROFILE).unwrap();
    let mut deployment = Deployment::prepare(&[&profile], Durability::Process).await;
    deployment.set("CALLBOX_TELEMETRY__OTLP_ENDPOINT", &endpoint);
    // The standard settings of the exporters, so that the test does not wait for their default minute.
    deployment.set("OTEL_BSP_SCHEDULE_DELAY", "200");
    deployment.set("OTEL_METRIC_EXPORT_INTERVAL", "500");
    deployment.start_all().await;

    let mut client = IngestServiceClient::connect(deployment.url("ingest")).await.unwrap();
    for call in 0..CALLS {
        client.submit_call(request(call)).await.unwrap();
    }

    let services: BTreeSet<String> = ROLES.iter().map(|role| format!("callbox-{role}")).collect();
    let gaps = || -> Vec<(u8, BTreeSet<String>)> {
        let arrived = (0..CALLS).map(|call| (call, collector.services(call)));
        arrived.filter(|(_, arrived)| *arrived != services).collect()
    };
    let whole = async {
        while !gaps().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let whole = timeout(PATIENCE, whole).await;
    assert!(whole.is_ok(), "traces with gaps, and the services that are in them: {:?}", gaps());
    wait_until("metrics of all four services arrive", PATIENCE, || async {
        let metrics = collector.metrics.lock().unwrap();
        services.iter().all(|service| metrics.get(service).is_some_and(|names| !names.is_empty()))
    })
    .await;
    let outcomes = || async {
        let metrics = collector.metrics.lock().unwrap();
        metrics["callbox-notify"].contains("callbox_notify_outcomes_total")
    };
    wait_until("the outcome is counted", PATIENCE, outcomes).await;

    for call in 0..CALLS {
        assert_whole(&collector, &trace(call));
    }
    for text in collector.texts.lock().unwrap().iter() {
        for planted in PLANTED {
            assert!(!text.contains(planted), "{planted} in: {text}");
        }
    }

    // Public alerts carry no trace.
    let bus = jetstream::connect(JetStreamConfig::new(deployment.nats.url())).await.unwrap();
    wait_until("the alert is published", PATIENCE, || async {
        bus.info(&ALERTS).await.is_ok_and(|stream| stream.last_sequence > 0)
    })
    .await;
    let page = bus.read(&ALERTS, 0, 10).await.unwrap();
    let headers = page.messages.iter().flat_map(|message| &message.headers);
    let names: Vec<&String> = headers.map(|(name, _)| name).collect();
    assert!(!names.is_empty());
    assert!(!names.iter().any(|name| name.to_lowercase().contains("trace")), "{names:?}");
    bus.close().await;
}
