//! What became of everything that was accepted.

use callbox_proto::domain::{AgencyId, Invalid};
use callbox_proto::notify::v1 as pb;
use callbox_proto::notify::v1::outcome_service_server::OutcomeService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::status;
use super::subscriptions::parse_id;
use crate::store::Shared;

/// How many receipts a request may name, as the schema states it.
const RECEIPTS_MAX: usize = 1_000;

/// The outcome service.
pub struct Outcomes {
    store: Shared,
}

impl Outcomes {
    pub(crate) fn new(store: Shared) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl OutcomeService for Outcomes {
    async fn get_outcomes(
        &self,
        request: Request<pb::GetOutcomesRequest>,
    ) -> Result<Response<pb::GetOutcomesResponse>, Status> {
        let agency: Option<AgencyId> = match request.into_inner().agency.as_str() {
            "" => None,
            slug => Some(slug.parse().map_err(|invalid| status::invalid(&invalid))?),
        };
        let rows = self.store.outcomes(agency.as_ref()).await.map_err(|error| status::store(&error))?;
        let counts = rows.into_iter().filter(|(_, _, count)| *count != 0).map(|(agency, outcome, count)| {
            pb::OutcomeCount {
                agency: agency.to_string(),
                outcome: pb::Outcome::from(outcome).into(),
                // Below zero only for the moment between the replay of a dead letter and the arrival of its own count.
                count: u64::try_from(count).unwrap_or_default(),
            }
        });
        Ok(Response::new(pb::GetOutcomesResponse { counts: counts.collect() }))
    }

    async fn list_pending(
        &self,
        request: Request<pb::ListPendingRequest>,
    ) -> Result<Response<pb::ListPendingResponse>, Status> {
        let mut receipts = request.into_inner().receipts;
        if !(1..=RECEIPTS_MAX).contains(&receipts.len()) {
            return Err(status::invalid(&Invalid::new("receipts", "expected 1 to 1,000 receipts")));
        }
        let envelopes = receipts.iter().map(|receipt| parse_id("receipts", receipt));
        let envelopes = envelopes.collect::<Result<Vec<Uuid>, _>>()?;
        let handled = self.store.handled_among(&envelopes).await.map_err(|error| status::store(&error))?;
        let mut pending = envelopes.iter().map(|envelope| !handled.contains(envelope));
        receipts.retain(|_| pending.next().unwrap_or_default());
        Ok(Response::new(pb::ListPendingResponse { receipts }))
    }
}
