//! The whole service over the embedded bus and store: envelopes in, alerts out, as clients see them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::time::Duration;

use callbox_bus::manifest::{CLASSIFIED, CONSUMERS, NOTIFY, STREAMS};
use callbox_bus::{Bus, Consumer, ConsumerSettings, Outgoing};
use callbox_notify::config::{AgencyConfig, Config};
use callbox_notify::store;
use callbox_place::Cell;
use callbox_proto::bus::v1 as bus;
use callbox_proto::domain::LatLon;
use callbox_proto::incident::v1 as incident;
use callbox_proto::notify::v1 as pb;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_proto::notify::v1::subscription_service_client::SubscriptionServiceClient;
use callbox_testkit::wait_until;
use prost::Message as _;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Server};
use tonic::{Code, Streaming};
use tonic_types::StatusExt as _;
use uuid::Uuid;

const DEADLINE: Duration = Duration::from_secs(20);

/// A running service.
struct Service {
    bus: Bus,
    channel: Channel,
    drain: CancellationToken,
    tasks: JoinSet<()>,
}

fn config() -> Config {
    let agency = AgencyConfig {
        name: "Springfield Police".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        place_label: "Springfield".to_owned(),
        freshness_minutes: 120,
        expires_hours: 24,
        labels: Vec::new(),
    };
    Config { agencies: [("springfield".to_owned(), agency)].into() }
}

impl Service {
    async fn start(directory: &TempDir) -> Self {
        let bus = callbox_bus::embedded::open(&directory.path().join("bus")).await.unwrap();
        bus.declare(STREAMS, CONSUMERS).await.unwrap();
        let file = directory.path().join("notify.db");
        store::sqlite::migrate(&file).await.unwrap();
        let store = store::sqlite::open(&file).await.unwrap();
        let notify = callbox_notify::build(config().agencies().unwrap(), &bus, &store);
        let settings = ConsumerSettings {
            stage: "notify",
            batch_max: 16,
            batches_in_flight: 1,
            handler_timeout: Duration::from_secs(10),
            pull_wait: Duration::from_secs(1),
        };
        let consumer = Consumer::new(bus.clone(), NOTIFY, notify.handler, settings);
        let drain = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (services, token) = (notify.services, drain.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            Server::builder()
                .add_service(services.alerts)
                .add_service(services.subscriptions)
                .add_service(services.outcomes)
                .serve_with_incoming_shutdown(TcpListenerStream::new(listener), token.cancelled_owned())
                .await
                .unwrap();
        });
        let (background, token) = (notify.background, drain.clone());
        tasks.spawn(async move {
            let done = CancellationToken::new();
            let running = tokio::spawn(background.run(done.clone()));
            consumer.run(token).await.unwrap();
            done.cancel();
            running.await.unwrap();
        });
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        Self { bus, channel, drain, tasks }
    }

    /// Drains in the order that is asked for: consumer, outbox, watches.
    async fn stop(mut self) {
        self.drain.cancel();
        drop(self.channel);
        let ended = async { while self.tasks.join_next().await.is_some_and(|ended| ended.is_ok()) {} };
        tokio::time::timeout(DEADLINE, ended).await.expect("the drain ends");
        self.bus.close().await;
    }

    fn alerts(&self) -> AlertServiceClient<Channel> {
        AlertServiceClient::new(self.channel.clone())
    }

    /// Publishes an envelope of incidents; its id.
    async fn publish(&self, incidents: impl IntoIterator<Item = incident::ClassifiedIncident>) -> String {
        let records = incidents.into_iter().map(|incident| bus::Record {
            incident: incident.incident.clone(),
            submission_id: incident.submission_id.clone(),
            payload: incident.encode_to_vec().into(),
            ..bus::Record::default()
        });
        let envelope = bus::Envelope {
            version: 1,
            id: Uuid::new_v4().to_string(),
            agency: "springfield".to_owned(),
            records: records.collect(),
            position: Some(bus::Position { epoch: 1, sequence: 1 }),
            ..bus::Envelope::default()
        };
        let message = Outgoing {
            subject: CLASSIFIED.subject("springfield"),
            id: envelope.id.clone(),
            headers: Vec::new(),
            payload: envelope.encode_to_vec().into(),
        };
        self.bus.publish(message).await.unwrap().await.unwrap();
        envelope.id
    }
}

/// A robbery that may be published, in its incident's `number`th state.
fn robbery(key: u8, number: u64) -> incident::ClassifiedIncident {
    let time = |seconds: i64| Some(prost_types::Timestamp { seconds: 1_772_659_200 + seconds, nanos: 0 });
    incident::ClassifiedIncident {
        incident: vec![key; 16].into(),
        agency: "springfield".to_owned(),
        submission_id: format!("s{number}"),
        order: Some(incident::Order {
            source_order: number,
            position: Some(bus::Position { epoch: 1, sequence: 1 }),
            index: 0,
        }),
        received_time: time(0),
        accepted_time: time(60),
        category: incident::Category::Robbery.into(),
        action: incident::Action::Publish.into(),
        confidence: 0.9,
        reasons: Vec::new(),
        ended: 0,
        place: Some(incident::Place { area: Some(incident::place::Area::Cell(cell().index())) }),
    }
}

/// Where the robberies are.
fn cell() -> Cell {
    Cell::at(LatLon { latitude: 40.0, longitude: -100.0 }, 7).unwrap()
}

/// The same, as clients write it.
fn hex() -> String {
    format!("{:015x}", cell().index())
}

async fn next_alert(
    watch: &mut Streaming<pb::WatchAlertsResponse>,
) -> (callbox_proto::alert::v1::Alert, String) {
    loop {
        let answer = tokio::time::timeout(DEADLINE, watch.message()).await.expect("an answer comes");
        let answer = answer.unwrap().expect("the watch stands");
        if let Some(alert) = answer.alert {
            return (alert, answer.resume_token);
        }
    }
}

async fn watch(service: &Service, token: &str) -> Streaming<pb::WatchAlertsResponse> {
    let request = pb::WatchAlertsRequest { audience: None, resume_token: token.to_owned() };
    service.alerts().watch_alerts(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_comes_changes_and_goes_across_a_restart() {
    let directory = TempDir::new().unwrap();
    let service = Service::start(&directory).await;
    let mut stream = watch(&service, "").await;
    let first = tokio::time::timeout(DEADLINE, stream.message()).await.unwrap().unwrap().unwrap();
    assert_eq!((first.alert, first.resume_token.as_str()), (None, "0"));
    let receipt = service.publish([robbery(1, 1), robbery(2, 1)]).await;
    let (one, _) = next_alert(&mut stream).await;
    let (other, token) = next_alert(&mut stream).await;
    assert_eq!((one.state, one.revision, one.headline.as_str()), (1, 1, "Robbery reported in Springfield"));
    assert_ne!(one.id, other.id);
    let mut outcomes = OutcomeServiceClient::new(service.channel.clone());
    let unknown = Uuid::new_v4().to_string();
    let pending = pb::ListPendingRequest { receipts: vec![receipt, unknown.clone()] };
    assert_eq!(outcomes.list_pending(pending).await.unwrap().into_inner().receipts, [unknown]);
    service.stop().await;

    // The second start repeats nothing, and the watch goes on where it was.
    let service = Service::start(&directory).await;
    let mut stream = watch(&service, &token).await;
    let ended = incident::ClassifiedIncident { ended: incident::Ended::Unfounded.into(), ..robbery(1, 2) };
    service.publish([ended]).await;
    let (retraction, _) = next_alert(&mut stream).await;
    assert_eq!((&retraction.id, retraction.state, retraction.revision), (&one.id, 3, 2));
    assert_eq!(retraction.headline, "Alert withdrawn");

    let got =
        service.alerts().get_alert(pb::GetAlertRequest { id: one.id.clone() }).await.unwrap().into_inner();
    assert_eq!(got.alert, Some(retraction));
    let list = service.alerts().list_alerts(pb::ListAlertsRequest::default()).await.unwrap().into_inner();
    assert_eq!(list.alerts, [other]);
    let mut outcomes = OutcomeServiceClient::new(service.channel.clone());
    let counts = outcomes.get_outcomes(pb::GetOutcomesRequest::default()).await.unwrap().into_inner().counts;
    assert_eq!(
        counts.iter().map(|count| (count.outcome(), count.count)).collect::<Vec<_>>(),
        [(pb::Outcome::Published, 3)]
    );
    drop(stream);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_an_audience() {
    let directory = TempDir::new().unwrap();
    let service = Service::start(&directory).await;
    let mut subscriptions = SubscriptionServiceClient::new(service.channel.clone());
    let filter = pb::AlertFilter { cells: vec![hex()], ..Default::default() };
    let request_id = Uuid::new_v4().to_string();
    let create = pb::CreateSubscriptionRequest { request_id, filter: Some(filter) };
    let made =
        subscriptions.create_subscription(create.clone()).await.unwrap().into_inner().subscription.unwrap();
    let again = subscriptions.create_subscription(create).await.unwrap().into_inner().subscription.unwrap();
    assert_eq!(made, again);
    let audience = |id: &str| pb::WatchAlertsRequest {
        audience: Some(pb::watch_alerts_request::Audience::SubscriptionId(id.to_owned())),
        resume_token: "0".to_owned(),
    };
    let mut stream = service.alerts().watch_alerts(audience(&made.id)).await.unwrap().into_inner();
    let area = incident::Place { area: Some(incident::place::Area::AgencyArea(true)) };
    service
        .publish([incident::ClassifiedIncident { place: Some(area), ..robbery(1, 1) }, robbery(2, 1)])
        .await;
    let (alert, _) = next_alert(&mut stream).await;
    assert_eq!(alert.place.unwrap().cell, hex());
    let delete = pb::DeleteSubscriptionRequest { id: made.id.clone() };
    subscriptions.delete_subscription(delete.clone()).await.unwrap();
    assert_eq!(subscriptions.delete_subscription(delete).await.unwrap_err().code(), Code::NotFound);
    let gone = service.alerts().watch_alerts(audience(&made.id)).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    assert_eq!(gone.get_error_details().error_info().unwrap().reason, "SUBSCRIPTION_NOT_FOUND");
    drop(stream);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_of_clients_have_codes_and_reasons() {
    let directory = TempDir::new().unwrap();
    let service = Service::start(&directory).await;
    let mut alerts = service.alerts();
    let reason = |status: &tonic::Status| status.get_error_details().error_info().unwrap().reason.clone();
    let status = alerts.get_alert(pb::GetAlertRequest { id: "7".to_owned() }).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let status = alerts.get_alert(pb::GetAlertRequest { id: Uuid::nil().to_string() }).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "ALERT_NOT_FOUND"));
    for (token, code, expected) in [
        ("99", Code::OutOfRange, "RESUME_TOKEN_AHEAD"),
        ("-1", Code::InvalidArgument, "INVALID_FIELD"),
        ("99999999999999999999", Code::InvalidArgument, "INVALID_FIELD"),
    ] {
        let request = pb::WatchAlertsRequest { audience: None, resume_token: token.to_owned() };
        let status = alerts.watch_alerts(request).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (code, expected), "{token}");
    }
    for (page_size, page_token) in [(1_001, ""), (-1, ""), (0, "x")] {
        let request =
            pb::ListAlertsRequest { page_size, page_token: page_token.to_owned(), ..Default::default() };
        assert_eq!(alerts.list_alerts(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hold_every_alert_once() {
    let directory = TempDir::new().unwrap();
    let service = Service::start(&directory).await;
    service.publish((0..25).map(|key| robbery(key, 1))).await;
    let mut alerts = service.alerts();
    wait_until("all alerts are stored", DEADLINE, || {
        let mut alerts = service.alerts();
        async move {
            alerts.list_alerts(pb::ListAlertsRequest::default()).await.unwrap().into_inner().alerts.len()
                == 25
        }
    })
    .await;
    let mut ids = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListAlertsRequest { page_size: 10, page_token, ..Default::default() };
        let page = alerts.list_alerts(request).await.unwrap().into_inner();
        ids.extend(page.alerts.into_iter().map(|alert| alert.id));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    assert_eq!(ids.len(), 25);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 25);
    service.stop().await;
}
