//! `callbox.ingest.v1.IngestService` over an [`Acceptor`].

mod status;
mod stream;

use std::pin::Pin;

use callbox_proto::domain::Invalid;
use callbox_proto_raw::ingest::v1::ingest_service_server::{IngestService, IngestServiceServer};
use callbox_proto_raw::ingest::v1::{
    SubmitCallRequest, SubmitCallResponse, SubmitCallsRequest, SubmitCallsResponse,
};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use crate::accept::{Accepted, Acceptor, SubmitError};
use crate::metering;
use crate::validate::ENCODED_BYTES_MAX;

/// The largest message that is read: the largest call with its request id, and a little room so that a call that is
/// just too large is told so by field.
const MESSAGE_BYTES_MAX: usize = ENCODED_BYTES_MAX + 16 * 1024;

/// How many items of one stream may be without an answer, unless it is set: at 10,000 calls a second what comes in
/// 400 ms, more than any answer of a healthy broker takes.
const WINDOW: usize = 4_096;

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
        Ok(Response::new(Box::pin(stream::answers(&self.acceptor, self.window, request.into_inner()))))
    }
}

/// A request without a call.
fn missing_call() -> SubmitError {
    let error = SubmitError::Invalid(Invalid::new("call", "missing"));
    metering::refused("", &error);
    error
}

fn response(accepted: Accepted) -> SubmitCallResponse {
    SubmitCallResponse {
        incident: accepted.incident.to_string(),
        submission_id: accepted.submission_id,
        receipt: accepted.receipt.to_string(),
    }
}
