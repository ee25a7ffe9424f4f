//! Keeps who wants to know what.

use callbox_proto::domain::{Invalid, Timestamp};
use callbox_proto::notify::v1 as pb;
use callbox_proto::notify::v1::subscription_service_server::SubscriptionService;
use prost::Message as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::status;
use crate::domain::filter::Filter;
use crate::store::{Shared, SubscriptionRow};

/// The subscription service.
pub struct Subscriptions {
    store: Shared,
}

impl Subscriptions {
    pub(crate) fn new(store: Shared) -> Self {
        Self { store }
    }
}

/// A UUID in a field of a request.
pub(super) fn parse_id(field: &'static str, text: &str) -> Result<Uuid, Status> {
    Uuid::try_parse(text).map_err(|_| status::invalid(&Invalid::new(field, "expected a UUID")))
}

/// The filter of a stored subscription.
pub(super) fn filter_of(row: &SubscriptionRow) -> Result<pb::AlertFilter, Status> {
    pb::AlertFilter::decode(row.filter.clone()).map_err(|_| status::corrupt("subscription"))
}

/// The public form of a stored subscription.
fn message(row: &SubscriptionRow) -> Result<pb::Subscription, Status> {
    Ok(pb::Subscription {
        id: row.id.to_string(),
        filter: Some(filter_of(row)?),
        create_time: Some(row.create_time.to_proto()),
    })
}

#[tonic::async_trait]
impl SubscriptionService for Subscriptions {
    async fn create_subscription(
        &self,
        request: Request<pb::CreateSubscriptionRequest>,
    ) -> Result<Response<pb::CreateSubscriptionResponse>, Status> {
        let request = request.into_inner();
        let request_id = match request.request_id.as_str() {
            "" => None,
            text => Some(parse_id("request_id", text)?),
        };
        let filter = request.filter.unwrap_or_default();
        Filter::try_from(&filter).map_err(|invalid| status::invalid(&invalid))?;
        let row = SubscriptionRow {
            id: Uuid::new_v4(),
            filter: filter.encode_to_vec().into(),
            create_time: Timestamp::now(),
        };
        let kept = self.store.subscription_create(&row, request_id).await;
        let subscription = Some(message(&kept.map_err(|error| status::store(&error))?)?);
        Ok(Response::new(pb::CreateSubscriptionResponse { subscription }))
    }

    async fn get_subscription(
        &self,
        request: Request<pb::GetSubscriptionRequest>,
    ) -> Result<Response<pb::GetSubscriptionResponse>, Status> {
        let id = parse_id("id", &request.into_inner().id)?;
        let row = self.store.subscription_get(id).await.map_err(|error| status::store(&error))?;
        let subscription = Some(message(&row.ok_or_else(|| status::not_found("subscription"))?)?);
        Ok(Response::new(pb::GetSubscriptionResponse { subscription }))
    }

    async fn delete_subscription(
        &self,
        request: Request<pb::DeleteSubscriptionRequest>,
    ) -> Result<Response<pb::DeleteSubscriptionResponse>, Status> {
        let id = parse_id("id", &request.into_inner().id)?;
        let there = self.store.subscription_delete(id).await.map_err(|error| status::store(&error))?;
        if there {
            Ok(Response::new(pb::DeleteSubscriptionResponse {}))
        } else {
            Err(status::not_found("subscription"))
        }
    }
}
