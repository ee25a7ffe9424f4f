//! Redaction for other services.

use std::sync::Arc;

use callbox_proto::redact::v1 as pb;
use tonic::{Request, Response, Status};

use crate::{Engine, Known, Mode, code_point_offsets};

/// The largest text, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// The most texts of a batch.
const BATCH_MAX: usize = 1_000;
/// The most known values of a text.
const KNOWN_MAX: usize = 256;

/// The service. It keeps nothing and logs nothing of what it is given.
#[derive(Clone)]
pub struct RedactGrpc(Arc<Engine>);

impl RedactGrpc {
    /// A service over this engine.
    pub fn new(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }

    /// Redacts one text, or says what is wrong with the request.
    fn redact(&self, request: &pb::RedactTextRequest) -> Result<pb::RedactTextResponse, String> {
        if request.text.len() > TEXT_BYTES_MAX {
            return Err(format!("text: at most {TEXT_BYTES_MAX} bytes, got {}", request.text.len()));
        }
        if request.known.len() > KNOWN_MAX {
            return Err(format!("known: at most {KNOWN_MAX} values, got {}", request.known.len()));
        }
        let mode = match pb::RedactMode::try_from(request.mode) {
            Ok(pb::RedactMode::Unspecified | pb::RedactMode::Balanced) => Mode::Balanced,
            Ok(pb::RedactMode::Strict) => Mode::Strict,
            Err(_) => return Err("mode: expected balanced or strict".into()),
        };
        let known =
            Known::from_pairs(request.known.iter().map(|value| (value.kind.as_str(), value.value.as_str())));
        let redaction = self.0.redact(&request.text, &known, mode);
        let offsets = code_point_offsets(&request.text, &redaction.spans);
        let spans = redaction.spans.iter().zip(offsets).map(|(span, (start, end))| pb::Span {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
            r#type: span.kind.as_str().to_owned(),
            rule: span.rule.as_str().to_owned(),
            confidence: span.confidence,
        });
        Ok(pb::RedactTextResponse { spans: spans.collect(), redacted: redaction.text })
    }

    /// Redacts on a thread that may take its time, away from the ones that move messages.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&this)).await;
        done.map_err(|_| Status::internal("redaction failed"))
    }
}

#[tonic::async_trait]
impl pb::redact_service_server::RedactService for RedactGrpc {
    async fn redact_text(
        &self,
        request: Request<pb::RedactTextRequest>,
    ) -> Result<Response<pb::RedactTextResponse>, Status> {
        let request = request.into_inner();
        let answer = self.aside(move |this| this.redact(&request)).await?;
        answer.map(Response::new).map_err(Status::invalid_argument)
    }

    async fn redact_batch(
        &self,
        request: Request<pb::RedactBatchRequest>,
    ) -> Result<Response<pb::RedactBatchResponse>, Status> {
        let items = request.into_inner().items;
        if !(1..=BATCH_MAX).contains(&items.len()) {
            return Err(Status::invalid_argument(format!(
                "items: expected 1 to {BATCH_MAX}, got {}",
                items.len()
            )));
        }
        let answers =
            self.aside(move |this| items.iter().map(|item| this.redact(item)).collect::<Vec<_>>()).await?;
        let items = answers.into_iter().map(|answer| pb::RedactBatchItem {
            result: Some(match answer {
                Ok(redacted) => pb::redact_batch_item::Result::Redacted(redacted),
                Err(refused) => pb::redact_batch_item::Result::Refused(refused),
            }),
        });
        Ok(Response::new(pb::RedactBatchResponse { items: items.collect() }))
    }
}
