//! Accepting calls: each is checked, named and sealed, and answered when the broker has stored it.
//!
//! Each agency has a lane: a bounded queue, and a task that packs what is queued into envelopes of up to 64 records and
//! publishes them in their order. A caller waits for room in the queue (or is refused, see [`Acceptor::offer`]), so
//! that a slow broker slows down its callers and nothing piles up. What is answered with an error may still have been
//! stored, when the broker's answer was lost on the way: submitting it again, under the same request id or with the
//! same content, changes nothing.

mod batch;
mod lane;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use callbox_bus::seal::PublicKey;
use callbox_bus::{Bus, Headers};
use callbox_proto::domain::{AgencyId, IncidentKey, Invalid, Timestamp};
use callbox_proto_raw::cad::v1::Call;
use prost::Message as _;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::batch::Pending;
use self::lane::Lane;
use crate::identity::{IdentityKey, content};
use crate::metering;
use crate::validate::validate;

/// The stage in the associated data of a sealed call: the stream that it travels in.
pub const SEAL_STAGE: &str = "raw";

/// The longest request id, in characters (proto/callbox/ingest/v1/ingest.proto).
const REQUEST_ID_MAX: usize = 128;

/// How an acceptor behaves.
#[derive(Clone)]
pub struct Settings {
    /// How long the first call of an envelope waits for others. At most 2 ms by the design; 0 packs what is there.
    pub linger: Duration,
    /// How many calls of one agency may be queued.
    pub queue_max: usize,
    /// How many envelopes of one agency may be without the broker's answer.
    pub window: usize,
    /// Gives the trace context of the caller at hand, for the envelope's headers. The default gives none.
    pub trace: fn() -> Headers,
}

impl Default for Settings {
    fn default() -> Self {
        Self { linger: Duration::from_millis(2), queue_max: 4_096, window: 128, trace: Vec::new }
    }
}

/// What calls are sealed and named with.
#[derive(Clone)]
pub struct Keys {
    /// The key of the incidents' names.
    pub identity: IdentityKey,
    /// The id of redact's key, 1 to 64 characters.
    pub redact_key_id: String,
    /// The public key of redact.
    pub redact_key: PublicKey,
}

/// A call was accepted: it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The incident.
    pub incident: IncidentKey,
    /// The submission id that was used, 32 hexadecimal digits.
    pub submission_id: String,
    /// The id of the envelope that it travels in: notify tells by it whether the submission has come through.
    pub receipt: Uuid,
}

/// A call was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// A field is missing, out of range or malformed.
    #[error("{0}")]
    Invalid(Invalid),
    /// The agency is not configured here.
    #[error("unknown agency")]
    UnknownAgency,
    /// The agency's queue is full.
    #[error("the queue is full")]
    QueueFull,
    /// The broker did not take it, or the process ends. Worth another try, with the same request id.
    #[error("the broker did not take it")]
    Unavailable,
}

impl SubmitError {
    /// A word of a closed set, for counting.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::UnknownAgency => "unknown_agency",
            Self::QueueFull => "queue_full",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Accepts calls of its agencies. Clones share the lanes.
#[derive(Clone)]
pub struct Acceptor {
    shared: Arc<Shared>,
}

struct Shared {
    identity: IdentityKey,
    lanes: HashMap<AgencyId, mpsc::Sender<Pending>>,
    trace: fn() -> Headers,
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Acceptor {
    /// An acceptor for these agencies. Its lanes run on the current Tokio runtime.
    pub fn new(
        bus: &Bus,
        agencies: impl IntoIterator<Item = AgencyId>,
        keys: &Keys,
        settings: &Settings,
    ) -> Self {
        let drain = CancellationToken::new();
        let tasks = TaskTracker::new();
        let mut lanes = HashMap::new();
        for agency in agencies {
            let (sender, queue) = mpsc::channel(settings.queue_max.max(1));
            let lane = Lane::new(Arc::clone(bus), agency.clone(), keys, settings, drain.clone());
            tasks.spawn(lane.run(queue));
            lanes.insert(agency, sender);
        }
        tasks.close();
        let identity = keys.identity.clone();
        Self { shared: Arc::new(Shared { identity, lanes, trace: settings.trace, drain, tasks }) }
    }

    /// Submits a call and waits for the broker's acknowledgement. An empty `request_id` counts as none.
    ///
    /// # Errors
    /// If it was not accepted. A full queue is waited for.
    pub async fn submit(&self, call: Call, request_id: Option<&str>) -> Result<Accepted, SubmitError> {
        self.enqueue(call, request_id).await?.await
    }

    /// Submits a call like [`Acceptor::submit`], but is refused where the queue is full.
    ///
    /// # Errors
    /// If it was not accepted.
    pub async fn offer(&self, call: Call, request_id: Option<&str>) -> Result<Accepted, SubmitError> {
        let (sender, pending, ticket) = self.prepare(call, request_id)?;
        let agency = &ticket.agency;
        sender.try_send(pending).map_err(|error| {
            refuse(
                agency,
                match error {
                    mpsc::error::TrySendError::Full(_) => SubmitError::QueueFull,
                    mpsc::error::TrySendError::Closed(_) => SubmitError::Unavailable,
                },
            )
        })?;
        ticket.await
    }

    /// Puts a call into its agency's queue, waiting for room. Calls that are enqueued one after the other keep their
    /// order. The ticket resolves on the broker's answer and need not be polled for the call to be sent.
    ///
    /// # Errors
    /// If it cannot be accepted.
    pub async fn enqueue(&self, call: Call, request_id: Option<&str>) -> Result<Ticket, SubmitError> {
        let (sender, pending, ticket) = self.prepare(call, request_id)?;
        match sender.send(pending).await {
            Ok(()) => Ok(ticket),
            Err(_) => Err(refuse(&ticket.agency, SubmitError::Unavailable)),
        }
    }

    /// Submits calls in their order and waits for all answers, which have the order of the calls.
    pub async fn submit_batch(
        &self,
        calls: impl IntoIterator<Item = (Call, Option<String>)>,
    ) -> Vec<Result<Accepted, SubmitError>> {
        let mut tickets = Vec::new();
        for (call, request_id) in calls {
            tickets.push(self.enqueue(call, request_id.as_deref()).await);
        }
        let mut answers = Vec::with_capacity(tickets.len());
        for ticket in tickets {
            answers.push(match ticket {
                Ok(ticket) => ticket.await,
                Err(error) => Err(error),
            });
        }
        answers
    }

    /// The agencies that it accepts calls of.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencyId> {
        self.shared.lanes.keys()
    }

    /// Resolves when the drain begins.
    pub async fn draining(&self) {
        self.shared.drain.cancelled().await;
    }

    /// Takes no more calls, publishes what is queued and waits for the broker's answers.
    pub async fn drain(&self) {
        self.shared.drain.cancel();
        self.shared.tasks.wait().await;
    }

    /// Checks, names and encodes a call.
    fn prepare(
        &self,
        mut call: Call,
        request_id: Option<&str>,
    ) -> Result<(&mpsc::Sender<Pending>, Pending, Ticket), SubmitError> {
        let now = Timestamp::now();
        let known =
            call.agency.parse::<AgencyId>().ok().filter(|agency| self.shared.lanes.contains_key(agency));
        let label = known.as_ref().map_or("", AgencyId::as_str);
        let invalid = |invalid| count(label, SubmitError::Invalid(invalid));
        let agency = validate(&call, now).map_err(invalid)?;
        let sender = self.shared.lanes.get(&agency).ok_or_else(|| count("", SubmitError::UnknownAgency))?;
        let incident = self.shared.identity.incident(&agency, &call.source_id);
        let mut plaintext = content(&mut call);
        let submission_id = match request_id {
            None | Some("") => self.shared.identity.of_content(incident, &plaintext),
            Some(id) if id.chars().count() > REQUEST_ID_MAX => {
                return Err(invalid(Invalid::new("request_id", "longer than 128 characters")));
            }
            Some(id) => self.shared.identity.of_request(incident, id),
        };
        // Encoded messages that follow one another merge when they are read: the content is not encoded again for one
        // more field.
        let observed_time = Some(call.observed_time.unwrap_or_else(|| now.to_proto()));
        plaintext.extend(Call { observed_time, ..Call::default() }.encode_to_vec());
        let (answer, answered) = oneshot::channel();
        let trace = (self.shared.trace)();
        let pending = Pending { incident, submission_id: submission_id.clone(), plaintext, trace, answer };
        let ticket = Ticket { agency, incident, submission_id, answered };
        Ok((sender, pending, ticket))
    }
}

/// Counts a refusal.
fn count(agency: &str, error: SubmitError) -> SubmitError {
    metering::refused(agency, &error);
    error
}

fn refuse(agency: &AgencyId, error: SubmitError) -> SubmitError {
    count(agency.as_str(), error)
}

/// Resolves when the broker has answered for a call.
#[must_use = "the call is accepted only when its ticket says so"]
pub struct Ticket {
    agency: AgencyId,
    incident: IncidentKey,
    submission_id: String,
    answered: oneshot::Receiver<Answer>,
}

/// What a lane answers for a call: the envelope that it was stored in.
type Answer = Result<Uuid, SubmitError>;

impl Future for Ticket {
    type Output = Result<Accepted, SubmitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Poll::Ready(answer) = Pin::new(&mut this.answered).poll(context) else { return Poll::Pending };
        // A lane that ends without an answer has not published: the call is not accepted.
        Poll::Ready(match answer.unwrap_or(Err(SubmitError::Unavailable)) {
            Ok(receipt) => {
                let submission_id = std::mem::take(&mut this.submission_id);
                Ok(Accepted { incident: this.incident, submission_id, receipt })
            }
            Err(error) => Err(refuse(&this.agency, error)),
        })
    }
}
