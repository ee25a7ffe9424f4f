//! Reads and watches alerts.

use std::sync::Arc;

use callbox_place::Cell;
use callbox_proto::alert::v1 as alert;
use callbox_proto::domain::{Alert, AlertId, Invalid, Timestamp};
use callbox_proto::notify::v1 as pb;
use callbox_proto::notify::v1::alert_service_server::AlertService;
use prost::Message as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{status, subscriptions};
use crate::domain::filter::{Filter, Subject};
use crate::domain::state::Categories;
use crate::store::{AlertQuery, AlertRow, Shared};
use crate::watch::{Feed, watcher};

/// Alerts on a page without a size.
const PAGE_DEFAULT: i32 = 100;
/// Most alerts on a page.
const PAGE_MAX: i32 = 1_000;
/// Alerts looked at for one page. A filter that matches few of them gets a shorter page and a token, so that no
/// request reads the whole store.
const LOOKED_AT_MAX: usize = 20_000;
/// Alerts read from the store at once.
const CHUNK: u32 = 1_000;

/// The alert service.
pub struct Alerts {
    store: Shared,
    feed: Arc<Feed>,
}

impl Alerts {
    pub(crate) fn new(store: Shared, feed: Arc<Feed>) -> Self {
        Self { store, feed }
    }

    /// The filter of a watch.
    async fn audience(&self, audience: Option<pb::watch_alerts_request::Audience>) -> Result<Filter, Status> {
        use pb::watch_alerts_request::Audience;
        let message = match audience {
            None => pb::AlertFilter::default(),
            Some(Audience::Filter(filter)) => filter,
            Some(Audience::SubscriptionId(id)) => {
                let id = subscriptions::parse_id("subscription_id", &id)?;
                let row = self.store.subscription_get(id).await.map_err(|error| status::store(&error))?;
                subscriptions::filter_of(&row.ok_or_else(|| status::not_found("subscription"))?)?
            }
        };
        Filter::try_from(&message).map_err(|invalid| status::invalid(&invalid))
    }

    /// Where a watch begins.
    async fn cursor(&self, token: &str) -> Result<u64, Status> {
        match token {
            "" => Ok(self.feed.now().await),
            "0" => self.feed.oldest().await.map_err(|gone| status::gone(&gone)),
            token => {
                let digits = token.len() <= 20 && token.bytes().all(|byte| byte.is_ascii_digit());
                let cursor = digits.then(|| token.parse().ok()).flatten().ok_or_else(|| {
                    status::invalid(&Invalid::new("resume_token", "expected the token of an earlier answer"))
                })?;
                self.feed.check(cursor).await.map_err(|gone| status::gone(&gone))?;
                Ok(cursor)
            }
        }
    }

    /// One page, and where the next one begins.
    async fn page(
        &self,
        filter: &Filter,
        mut query: AlertQuery,
        size: usize,
    ) -> Result<(Vec<alert::Alert>, Option<AlertRow>), Status> {
        let mut alerts = Vec::new();
        let mut looked_at = 0;
        loop {
            let rows = self.store.alert_list(&query).await.map_err(|error| status::store(&error))?;
            let last = rows.len() < query.limit as usize;
            for row in rows {
                looked_at += 1;
                let (message, subject) = read(&row).ok_or_else(|| status::corrupt("alert"))?;
                if filter.matches(&subject) {
                    alerts.push(message);
                }
                if alerts.len() == size || looked_at == LOOKED_AT_MAX {
                    return Ok((alerts, Some(row)));
                }
                query.after = Some((row.sent_time, row.id));
            }
            if last {
                return Ok((alerts, None));
            }
        }
    }
}

/// A stored alert, and what it is matched by.
fn read(row: &AlertRow) -> Option<(alert::Alert, Subject)> {
    let message = alert::Alert::decode(row.message.clone()).ok()?;
    let Alert { agency, category, place, .. } = Alert::try_from(message.clone()).ok()?;
    let cell = place.cell.and_then(Cell::from_index);
    Some((message, Subject { agency, categories: Categories::default().with(category), cell }))
}

#[tonic::async_trait]
impl AlertService for Alerts {
    async fn get_alert(
        &self,
        request: Request<pb::GetAlertRequest>,
    ) -> Result<Response<pb::GetAlertResponse>, Status> {
        let id = request.into_inner().id.parse().map_err(|invalid| status::invalid(&invalid))?;
        let message = self.store.alert_get(id).await.map_err(|error| status::store(&error))?;
        let message = message.ok_or_else(|| status::not_found("alert"))?;
        let alert = alert::Alert::decode(message).map_err(|_| status::corrupt("alert"))?;
        Ok(Response::new(pb::GetAlertResponse { alert: Some(alert) }))
    }

    async fn list_alerts(
        &self,
        request: Request<pb::ListAlertsRequest>,
    ) -> Result<Response<pb::ListAlertsResponse>, Status> {
        let request = request.into_inner();
        let filter = Filter::try_from(&request.filter.unwrap_or_default());
        let filter = filter.map_err(|invalid| status::invalid(&invalid))?;
        let size = page_size(request.page_size).map_err(|invalid| status::invalid(&invalid))?;
        let after = parse_page_token(&request.page_token).map_err(|invalid| status::invalid(&invalid))?;
        let query = AlertQuery {
            agencies: filter.agencies().cloned().collect(),
            categories: filter.categories(),
            include_retracted: request.include_retracted,
            after,
            limit: CHUNK,
        };
        let (alerts, last) = self.page(&filter, query, size).await?;
        let next_page_token = last.map(|row| page_token(&row)).unwrap_or_default();
        Ok(Response::new(pb::ListAlertsResponse { alerts, next_page_token }))
    }

    type WatchAlertsStream = ReceiverStream<watcher::Answer>;

    async fn watch_alerts(
        &self,
        request: Request<pb::WatchAlertsRequest>,
    ) -> Result<Response<Self::WatchAlertsStream>, Status> {
        let request = request.into_inner();
        let filter = self.audience(request.audience).await?;
        let cursor = self.cursor(&request.resume_token).await?;
        let answers = watcher::begin(Arc::clone(&self.feed), filter, cursor);
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}

/// The size of a page.
fn page_size(asked: i32) -> Result<usize, Invalid> {
    let size = if asked == 0 { PAGE_DEFAULT } else { asked };
    let error = Invalid::new("page_size", "expected 0 to 1,000");
    if size > PAGE_MAX { Err(error) } else { usize::try_from(size).map_err(|_| error) }
}

/// The token of the page behind a row. Opaque to clients.
fn page_token(row: &AlertRow) -> String {
    format!("{}.{}", row.sent_time.as_micros(), row.id)
}

fn parse_page_token(token: &str) -> Result<Option<(Timestamp, AlertId)>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let parse = || {
        let (micros, id) = token.split_once('.')?;
        Some((Timestamp::from_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    parse().map(Some).ok_or(Invalid::new("page_token", "expected the token of an earlier page"))
}
