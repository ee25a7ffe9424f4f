//! The deployment that a recording is played to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use callbox_ingest::feed::RowNumber;
use callbox_proto::alert::v1::Alert;
use callbox_proto::domain::{AgencyId, Outcome};
use callbox_proto::notify::v1 as notify;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::outcome_service_client::OutcomeServiceClient;
use callbox_proto_raw::ingest::v1 as ingest;
use callbox_proto_raw::ingest::v1::ingest_service_client::IngestServiceClient;
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use tokio::time::Instant;
use tonic::transport::{Channel, Uri};
use tonic::{Code, Streaming};

use super::hint;
use super::plan::Submission;
use crate::settings::Role;

/// How often outcomes are looked at while a wave settles.
const POLL: Duration = Duration::from_millis(10);
/// How long nothing may happen before the replay gives up. Longer than any restart of a service or server, and than the
/// broker's longest wait before it delivers again.
const STANDSTILL: Duration = Duration::from_mins(5);
/// How long a service may be away.
const AWAY: Duration = Duration::from_mins(2);
/// The pause before the next attempt.
const RETRY: Duration = Duration::from_millis(250);

/// A deployment, and what was played to it.
pub(super) struct Target {
    ingest: IngestServiceClient<Channel>,
    outcomes: OutcomeServiceClient<Channel>,
    alerts: AlertServiceClient<Channel>,
    agency: AgencyId,
    /// Where this agency's alerts began when the replay did.
    token: String,
    /// How many calls were accepted.
    pub(super) accepted: u64,
    /// Receipts of accepted calls that have not been seen to come through.
    pending: BTreeSet<String>,
}

/// How many receipts one question holds: the most that the service takes.
const RECEIPTS_MAX: usize = 1_000;

impl Target {
    /// Finds the deployment's ingest and notify services.
    pub(super) async fn connect(to: &str, notify: Option<&str>, agency: &AgencyId) -> Result<Self> {
        let ingest = channel(to)?;
        // Ingest answers whatever it thinks of an empty submission: what matters is that it is there.
        let probe =
            IngestServiceClient::new(ingest.clone()).submit_call(ingest::SubmitCallRequest::default()).await;
        if let Err(status) = probe {
            match status.code() {
                Code::Unavailable => bail!("nobody answers at {to}; is an ingest service running there?"),
                Code::Unimplemented => bail!("{to} is not an ingest service"),
                _ => {}
            }
        }
        let notify = find_notify(to, notify).await?;
        let mut target = Self {
            ingest: IngestServiceClient::new(ingest),
            outcomes: OutcomeServiceClient::new(notify.clone()),
            alerts: AlertServiceClient::new(notify),
            agency: agency.clone(),
            token: String::new(),
            accepted: 0,
            pending: BTreeSet::new(),
        };
        let first = target.watch().await?.message().await?.context("the watch ended before it began")?;
        target.token = first.resume_token;
        Ok(target)
    }

    /// The counts of this agency's outcomes.
    pub(super) async fn outcomes(&mut self) -> Result<BTreeMap<Outcome, u64>> {
        let request = notify::GetOutcomesRequest { agency: self.agency.to_string() };
        let patience = Instant::now() + AWAY;
        loop {
            match self.outcomes.get_outcomes(request.clone()).await {
                Ok(answer) => {
                    let counts = answer.into_inner().counts;
                    return Ok(counts
                        .into_iter()
                        .filter_map(|count| Some((known(count.outcome)?, count.count)))
                        .collect());
                }
                Err(status) if passing(&status) && Instant::now() < patience => {
                    tokio::time::sleep(RETRY).await;
                }
                Err(status) => bail!("notify does not tell its outcomes: {}", status.message()),
            }
        }
    }

    /// Submits a wave; each row until it is accepted or refused for good. Returns the refused ones with the reason.
    pub(super) async fn submit(&mut self, wave: Vec<Submission>) -> Result<Vec<(RowNumber, String)>> {
        let mut open: HashMap<u64, Submission> = (0..).zip(wave).collect();
        let mut refused = Vec::new();
        let mut patience = Instant::now() + AWAY;
        while !open.is_empty() {
            let before = open.len();
            let problem = self.submit_once(&mut open, &mut refused).await;
            if open.len() < before {
                patience = Instant::now() + AWAY;
            }
            if open.is_empty() {
                break;
            }
            if Instant::now() > patience {
                bail!(
                    "ingest does not take calls: {}",
                    problem.unwrap_or_else(|| "it keeps refusing them for now".into())
                );
            }
            tokio::time::sleep(RETRY).await;
        }
        Ok(refused)
    }

    /// One stream of submissions. What was neither accepted nor refused for good stays in `open`. Returns what broke the
    /// stream, if something did.
    async fn submit_once(
        &mut self,
        open: &mut HashMap<u64, Submission>,
        refused: &mut Vec<(RowNumber, String)>,
    ) -> Option<String> {
        let mut items: Vec<u64> = open.keys().copied().collect();
        items.sort_unstable();
        let requests: Vec<ingest::SubmitCallsRequest> = items
            .into_iter()
            .map(|item| ingest::SubmitCallsRequest {
                item,
                request_id: open[&item].request_id.clone(),
                call: Some(open[&item].call.clone()),
            })
            .collect();
        let stream = self.ingest.submit_calls(tokio_stream::iter(requests)).await;
        let mut answers = match stream {
            Ok(stream) => stream.into_inner(),
            Err(status) => return Some(status.message().to_owned()),
        };
        loop {
            match answers.message().await {
                Ok(Some(answer)) => self.take(answer, open, refused),
                Ok(None) => return None,
                Err(status) => return Some(status.message().to_owned()),
            }
        }
    }

    /// Takes one answer.
    fn take(
        &mut self,
        answer: ingest::SubmitCallsResponse,
        open: &mut HashMap<u64, Submission>,
        refused: &mut Vec<(RowNumber, String)>,
    ) {
        match answer.result {
            Some(Answer::Accepted(accepted)) if open.remove(&answer.item).is_some() => {
                self.accepted += 1;
                self.pending.insert(accepted.receipt);
            }
            Some(Answer::Refused(refusal)) => {
                let passing = refusal.reason() == ingest::RefusalReason::Unavailable;
                if let Some(submission) = (!passing).then(|| open.remove(&answer.item)).flatten() {
                    let hint = match refusal.reason() {
                        ingest::RefusalReason::UnknownAgency => format!("; {}", hint(&self.agency)),
                        _ => String::new(),
                    };
                    refused
                        .push((submission.number, format!("{}: {}{hint}", refusal.field, refusal.message)));
                }
            }
            Some(Answer::Accepted(_)) | None => {}
        }
    }

    /// Waits until everything that was accepted has come to its outcome.
    pub(super) async fn settle(&mut self, waiting: impl Fn(usize)) -> Result<()> {
        let mut since = Instant::now();
        while !self.pending.is_empty() {
            let before = self.pending.len();
            self.look().await?;
            if self.pending.len() < before {
                since = Instant::now();
                continue;
            }
            waiting(before);
            if since.elapsed() > STANDSTILL {
                bail!(
                    "{before} accepted envelopes have come to no outcome in {} seconds; are all services running?",
                    STANDSTILL.as_secs(),
                );
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Asks once which receipts are still on their way. A service that is away leaves all of them.
    async fn look(&mut self) -> Result<()> {
        let receipts: Vec<String> = self.pending.iter().take(RECEIPTS_MAX).cloned().collect();
        match self.outcomes.list_pending(notify::ListPendingRequest { receipts: receipts.clone() }).await {
            Ok(answer) => {
                let still: BTreeSet<String> = answer.into_inner().receipts.into_iter().collect();
                self.pending
                    .retain(|receipt| still.contains(receipt) || receipts.binary_search(receipt).is_err());
                Ok(())
            }
            Err(status) if passing(&status) => {
                tokio::time::sleep(RETRY).await;
                Ok(())
            }
            Err(status) => bail!("notify does not tell what is pending: {}", status.message()),
        }
    }

    /// The alerts that the replay made: as many revisions as outcomes were `published`.
    pub(super) async fn alerts(&mut self, published: u64) -> Result<Vec<Alert>> {
        let mut alerts = Vec::new();
        let patience = Instant::now() + STANDSTILL;
        while (alerts.len() as u64) < published {
            if Instant::now() > patience {
                bail!("{} of {published} alerts came in {} seconds", alerts.len(), STANDSTILL.as_secs());
            }
            if let Err(status) = self.collect(&mut alerts, published).await {
                if !passing(&status) {
                    bail!("the watch ended: {}", status.message());
                }
                tokio::time::sleep(RETRY).await;
            }
        }
        Ok(alerts)
    }

    /// Collects from where the last watch ended.
    async fn collect(&mut self, alerts: &mut Vec<Alert>, published: u64) -> Result<(), tonic::Status> {
        let mut stream = self.watch().await?;
        while (alerts.len() as u64) < published {
            let Some(answer) = stream.message().await? else { return Ok(()) };
            self.token = answer.resume_token;
            alerts.extend(answer.alert);
        }
        Ok(())
    }

    async fn watch(&mut self) -> Result<Streaming<notify::WatchAlertsResponse>, tonic::Status> {
        let filter = notify::AlertFilter { agencies: vec![self.agency.to_string()], ..Default::default() };
        let request = notify::WatchAlertsRequest {
            audience: Some(notify::watch_alerts_request::Audience::Filter(filter)),
            resume_token: self.token.clone(),
        };
        Ok(self.alerts.watch_alerts(request).await?.into_inner())
    }
}

/// Whether a failure passes when a service comes back.
fn passing(status: &tonic::Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal | Code::DeadlineExceeded
    )
}

/// An outcome of this release; later ones are passed over.
fn known(outcome: i32) -> Option<Outcome> {
    let outcome = notify::Outcome::try_from(outcome).ok()?;
    Outcome::ALL.into_iter().find(|known| notify::Outcome::from(*known) == outcome)
}

/// A channel that connects when it is used.
fn channel(url: &str) -> Result<Channel> {
    let endpoint = Channel::from_shared(url.to_owned());
    Ok(endpoint
        .with_context(|| format!("{url} is not a URL such as http://127.0.0.1:7101"))?
        .tcp_nodelay(true)
        .connect_lazy())
}

/// The notify service: the given one, or the one behind ingest's URL, or the one on notify's default port of its host.
async fn find_notify(to: &str, given: Option<&str>) -> Result<Channel> {
    let uri: Uri = to.parse()?;
    let default = format!(
        "{}://{}:{}",
        uri.scheme_str().unwrap_or("http"),
        uri.host().unwrap_or_default(),
        Role::Notify.port()
    );
    let candidates = match given {
        Some(url) => vec![url.to_owned()],
        None => vec![to.to_owned(), default],
    };
    for url in &candidates {
        let channel = channel(url)?;
        let answer = OutcomeServiceClient::new(channel.clone())
            .get_outcomes(notify::GetOutcomesRequest::default())
            .await;
        if answer.is_ok() {
            return Ok(channel);
        }
    }
    bail!("no notify service at {}; give its URL with --notify", candidates.join(" or "))
}
