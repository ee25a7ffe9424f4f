//! Classification for other services.

use std::sync::Arc;

use callbox_proto::classify::v1 as pb;
use tonic::{Request, Response, Status};

use super::convert;
use crate::{Classifier, Input, Verdict};

/// Takes the people out of a narrative before anything reads it. The engine that does it belongs to redact, and classify
/// does not depend on redact: the process that runs both hands it over.
pub type Scrub = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The most calls of a batch.
const BATCH_MAX: usize = 1_000;
/// The longest field but the narrative, in bytes.
const FIELD_BYTES_MAX: usize = 256;
/// The longest narrative, in bytes.
const NARRATIVE_BYTES_MAX: usize = 64 << 10;

/// The service. It keeps nothing and logs nothing of what it is given.
#[derive(Clone)]
pub struct ClassifyGrpc {
    classifier: Arc<Classifier>,
    scrub: Scrub,
}

impl ClassifyGrpc {
    /// A service over this classifier.
    pub fn new(classifier: Arc<Classifier>, scrub: Scrub) -> Self {
        Self { classifier, scrub }
    }

    /// Checks and scrubs a call, and hands it to `ask`.
    fn with_input<T>(
        &self,
        call: &pb::ClassifyRequest,
        ask: impl FnOnce(&Input<'_>) -> T,
    ) -> Result<T, String> {
        let fields = [
            ("agency", &call.agency),
            ("code", &call.code),
            ("description", &call.description),
            ("initial_code", &call.initial_code),
            ("initial_description", &call.initial_description),
            ("disposition", &call.disposition),
            ("status", &call.status),
        ];
        let long = fields.into_iter().map(|(name, value)| (name, value, FIELD_BYTES_MAX));
        for (name, value, max) in long.chain([("narrative", &call.narrative, NARRATIVE_BYTES_MAX)]) {
            if value.len() > max {
                return Err(format!("{name}: at most {max} bytes, got {}", value.len()));
            }
        }
        let narrative = (self.scrub)(&call.narrative);
        Ok(ask(&Input {
            agency: Some(call.agency.as_str()).filter(|agency| !agency.is_empty()),
            code: &call.code,
            description: &call.description,
            initial_code: &call.initial_code,
            initial_description: &call.initial_description,
            disposition: &call.disposition,
            status: &call.status,
            narrative: &narrative,
        }))
    }

    fn classify(&self, call: &pb::ClassifyRequest) -> Result<pb::ClassifyResponse, String> {
        self.with_input(call, |input| response(&self.classifier.classify(input)))
    }
}

fn response(verdict: &Verdict) -> pb::ClassifyResponse {
    pb::ClassifyResponse {
        category: convert::category(verdict.category).into(),
        action: convert::action(verdict.action).into(),
        confidence: verdict.confidence,
        reasons: convert::reasons(verdict),
        ended: convert::ended(verdict.ended).into(),
    }
}

#[tonic::async_trait]
impl pb::classify_service_server::ClassifyService for ClassifyGrpc {
    async fn classify(
        &self,
        request: Request<pb::ClassifyRequest>,
    ) -> Result<Response<pb::ClassifyResponse>, Status> {
        self.classify(request.get_ref()).map(Response::new).map_err(Status::invalid_argument)
    }

    async fn classify_batch(
        &self,
        request: Request<pb::ClassifyBatchRequest>,
    ) -> Result<Response<pb::ClassifyBatchResponse>, Status> {
        let items = request.into_inner().items;
        if !(1..=BATCH_MAX).contains(&items.len()) {
            return Err(Status::invalid_argument(format!(
                "items: expected 1 to {BATCH_MAX}, got {}",
                items.len()
            )));
        }
        let this = self.clone();
        let work = move || items.iter().map(|item| this.classify(item)).collect::<Vec<_>>();
        let answers =
            tokio::task::spawn_blocking(work).await.map_err(|_| Status::internal("classification failed"))?;
        let items = answers.into_iter().map(|answer| pb::ClassifyBatchItem {
            result: Some(match answer {
                Ok(classified) => pb::classify_batch_item::Result::Classified(classified),
                Err(refused) => pb::classify_batch_item::Result::Refused(refused),
            }),
        });
        Ok(Response::new(pb::ClassifyBatchResponse { items: items.collect() }))
    }

    async fn explain(
        &self,
        request: Request<pb::ExplainRequest>,
    ) -> Result<Response<pb::ExplainResponse>, Status> {
        let call = request.into_inner().call.ok_or_else(|| Status::invalid_argument("call: missing"))?;
        let answer = self.with_input(&call, |input| {
            let (verdict, steps) = self.classifier.explain(input);
            pb::ExplainResponse {
                answer: Some(response(&verdict)),
                steps: steps.into_iter().map(|step| step.text).collect(),
            }
        });
        answer.map(Response::new).map_err(Status::invalid_argument)
    }
}
