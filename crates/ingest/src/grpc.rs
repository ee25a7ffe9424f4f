//! `callbox.ingest.v1.IngestService` over an [`Acceptor`].

mod status;

use std::pin::Pin;
use std::sync::Arc;

use callbox_proto::domain::Invalid;
use callbox_proto_raw::cad::v1::Call;
use callbox_proto_raw::ingest::v1::ingest_service_server::{IngestService, IngestServiceServer};
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use callbox_proto_raw::ingest::v1::{
    SubmitCallRequest, SubmitCallResponse, SubmitCallsRequest, SubmitCallsResponse,
};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::accept::{Accepted, Acceptor, SubmitError, Ticket};
use crate::validate::ENCODED_BYTES_MAX;

/// The largest message that is read: the largest call with its request id, and a little room so that a call that is
/// just too large is told so by field.
const MESSAGE_BYTES_MAX: usize = ENCODED_BYTES_MAX + 16 * 1024;

/// How many items of one stream may be without an answer, unless it is set: at 10,000 calls a second what comes in
/// 400 ms, more than any answer of a healthy broker takes.
const WINDOW: usize = 4_096;

/// How many answers may wait for a client that reads slowly, beside those in its flow-control window.
const ANSWERS_MAX: usize = 64;

/// The service.
pub struct Ingest {
    acceptor: Acceptor,
    window: usize,
}

impl Ingest {
    /// A service over `acceptor`.
    pub fn new(acceptor: Acceptor) -> Self {
        Self { acceptor, window: WINDOW }
    }

    /// How many items of one stream may be without an answer, at least 1.
    #[must_use]
    pub fn with_window(self, window: usize) -> Self {
        Self { window: window.max(1), ..self }
    }

    /// The service, ready for a server.
    pub fn into_server(self) -> IngestServiceServer<Self> {
        IngestServiceServer::new(self).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }
}

/// An item that was taken from the stream, until it is answered.
struct Item {
    number: u64,
    ticket: Result<Ticket, SubmitError>,
    permit: OwnedSemaphorePermit,
}

#[tonic::async_trait]
impl IngestService for Ingest {
    async fn submit_call(
        &self,
        request: Request<SubmitCallRequest>,
    ) -> Result<Response<SubmitCallResponse>, Status> {
        let SubmitCallRequest { request_id, call } = request.into_inner();
        let call = call.ok_or_else(|| status::of(&missing_call()))?;
        let accepted = self.acceptor.offer(call, Some(&request_id)).await;
        accepted.map(|accepted| Response::new(response(accepted))).map_err(|error| status::of(&error))
    }

    type SubmitCallsStream = Pin<Box<dyn Stream<Item = Result<SubmitCallsResponse, Status>> + Send>>;

    async fn submit_calls(
        &self,
        request: Request<Streaming<SubmitCallsRequest>>,
    ) -> Result<Response<Self::SubmitCallsStream>, Status> {
        let (taken, items) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::channel(ANSWERS_MAX);
        let window = Arc::new(Semaphore::new(self.window));
        tokio::spawn(take(self.acceptor.clone(), request.into_inner(), window, taken, answers.clone()));
        tokio::spawn(give(items, answers));
        Ok(Response::new(Box::pin(ReceiverStream::new(answered))))
    }
}

/// Takes items from the stream in their order, as far as the window and the queue have room.
async fn take(
    acceptor: Acceptor,
    mut stream: Streaming<SubmitCallsRequest>,
    window: Arc<Semaphore>,
    taken: mpsc::UnboundedSender<Item>,
    answers: mpsc::Sender<Result<SubmitCallsResponse, Status>>,
) {
    while let Ok(permit) = Arc::clone(&window).acquire_owned().await {
        let SubmitCallsRequest { item: number, request_id, call } = match stream.message().await {
            Ok(Some(request)) => request,
            Ok(None) => break,
            Err(failed) => {
                // A message that cannot be read ends the stream; a client that went away does not hear it.
                let _ = answers.send(Err(failed)).await;
                break;
            }
        };
        let ticket = enqueue(&acceptor, call, &request_id).await;
        // Bounded by the window: each item holds a permit.
        if taken.send(Item { number, ticket, permit }).is_err() {
            break;
        }
    }
}

async fn enqueue(acceptor: &Acceptor, call: Option<Call>, request_id: &str) -> Result<Ticket, SubmitError> {
    acceptor.enqueue(call.ok_or_else(missing_call)?, Some(request_id)).await
}

/// Gives the answers, in the order in which they come.
async fn give(
    mut items: mpsc::UnboundedReceiver<Item>,
    answers: mpsc::Sender<Result<SubmitCallsResponse, Status>>,
) {
    let mut waiting = FuturesUnordered::new();
    let mut open = true;
    while open || !waiting.is_empty() {
        let answer = tokio::select! {
            item = items.recv(), if open => {
                match item {
                    Some(item) => waiting.push(settle(item)),
                    None => open = false,
                }
                continue;
            }
            Some(answer) = waiting.next() => answer,
        };
        let (answer, permit) = answer;
        // A client that went away does not hear it. Its calls are accepted all the same.
        if answers.send(Ok(answer)).await.is_err() {
            return;
        }
        drop(permit);
    }
}

async fn settle(item: Item) -> (SubmitCallsResponse, OwnedSemaphorePermit) {
    let Item { number, ticket, permit } = item;
    let result = match ticket {
        Ok(ticket) => ticket.await,
        Err(error) => Err(error),
    };
    let result = match result {
        Ok(accepted) => Answer::Accepted(response(accepted)),
        Err(error) => Answer::Refused(status::refusal(&error)),
    };
    (SubmitCallsResponse { item: number, result: Some(result) }, permit)
}

fn missing_call() -> SubmitError {
    SubmitError::Invalid(Invalid::new("call", "missing"))
}

fn response(accepted: Accepted) -> SubmitCallResponse {
    SubmitCallResponse {
        incident: accepted.incident.to_string(),
        submission_id: accepted.submission_id,
        receipt: accepted.receipt.to_string(),
    }
}
