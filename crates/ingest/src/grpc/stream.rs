//! One stream of submissions: items are taken in their order and answered as their answers come.

use std::sync::Arc;

use callbox_proto_raw::cad::v1::Call;
use callbox_proto_raw::ingest::v1::submit_calls_response::Result as Answer;
use callbox_proto_raw::ingest::v1::{SubmitCallsRequest, SubmitCallsResponse};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{missing_call, response, status};
use crate::accept::{Acceptor, SubmitError, Ticket};

/// How many answers may wait for a client that reads slowly, beside those in its flow-control window.
const ANSWERS_MAX: usize = 64;

/// What comes from a stream.
enum Taken {
    /// An item.
    Item(Item),
    /// Its end before its time: a message that cannot be read, or the process drains.
    Broken(Status),
}

/// An item, until it is answered.
struct Item {
    number: u64,
    ticket: Result<Ticket, SubmitError>,
    permit: OwnedSemaphorePermit,
}

/// The answers to a stream of which up to `window` items have none yet.
pub(super) fn answers(
    acceptor: &Acceptor,
    window: usize,
    stream: Streaming<SubmitCallsRequest>,
) -> impl Stream<Item = Result<SubmitCallsResponse, Status>> + Send + use<> {
    // Items are bounded by the window: each holds a permit.
    let (taken, items) = mpsc::unbounded_channel();
    let (answers, answered) = mpsc::channel(ANSWERS_MAX);
    tokio::spawn(take(acceptor.clone(), stream, Arc::new(Semaphore::new(window)), taken));
    tokio::spawn(give(items, answers));
    ReceiverStream::new(answered)
}

/// Takes items in their order, as far as the window and the queue have room.
async fn take(
    acceptor: Acceptor,
    mut stream: Streaming<SubmitCallsRequest>,
    window: Arc<Semaphore>,
    taken: mpsc::UnboundedSender<Taken>,
) {
    while let Ok(permit) = Arc::clone(&window).acquire_owned().await {
        let message = tokio::select! {
            biased;
            () = acceptor.draining() => Err(status::of(&SubmitError::Unavailable)),
            message = stream.message() => message,
        };
        let next = match message {
            Ok(None) => return,
            Ok(Some(SubmitCallsRequest { item, request_id, call })) => {
                let ticket = enqueue(&acceptor, call, &request_id).await;
                Taken::Item(Item { number: item, ticket, permit })
            }
            Err(broken) => Taken::Broken(broken),
        };
        let broken = matches!(next, Taken::Broken(_));
        // The other side is gone when the client is.
        if taken.send(next).is_err() || broken {
            return;
        }
    }
}

async fn enqueue(acceptor: &Acceptor, call: Option<Call>, request_id: &str) -> Result<Ticket, SubmitError> {
    acceptor.enqueue(call.ok_or_else(missing_call)?, Some(request_id)).await
}

/// Gives the answers in the order in which they come, and at last why the stream broke, if it did.
async fn give(
    mut items: mpsc::UnboundedReceiver<Taken>,
    answers: mpsc::Sender<Result<SubmitCallsResponse, Status>>,
) {
    let mut waiting = FuturesUnordered::new();
    let mut open = true;
    let mut end = None;
    while open || !waiting.is_empty() {
        let (answer, permit) = tokio::select! {
            taken = items.recv(), if open => {
                match taken {
                    Some(Taken::Item(item)) => waiting.push(settle(item)),
                    Some(Taken::Broken(status)) => end = Some(status),
                    None => open = false,
                }
                continue;
            }
            Some(answer) = waiting.next() => answer,
        };
        // A client that went away does not hear it. Its calls are accepted all the same.
        if answers.send(Ok(answer)).await.is_err() {
            return;
        }
        drop(permit);
    }
    if let Some(status) = end {
        // Nobody is there to hear it if this fails.
        let _ = answers.send(Err(status)).await;
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
