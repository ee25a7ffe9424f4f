//! Alerts, subscriptions and counts.

use std::collections::HashSet;

use bytes::Bytes;
use callbox_proto::domain::{AgencyId, AlertId, Outcome};
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Sqlite as Driver};
use uuid::Uuid;

use super::failed;
use crate::store::row::{number_of, time};
use crate::store::{AlertQuery, AlertRow, Error, SubscriptionRow};

/// Ids in one statement: SQLite takes 32,766 parameters.
const IDS_MAX: usize = 1_000;

/// See [`crate::store::Store::handled_among`].
pub(super) async fn handled_among(pool: &SqlitePool, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    let mut found = HashSet::new();
    for chunk in envelopes.chunks(IDS_MAX) {
        let mut query = QueryBuilder::<Driver>::new("SELECT id FROM handled_envelope WHERE id IN (");
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(*id);
        }
        query.push(")");
        let ids: Vec<Uuid> = query.build_query_scalar().fetch_all(pool).await.map_err(failed)?;
        found.extend(ids);
    }
    Ok(found)
}

/// See [`crate::store::Store::alert_get`].
pub(super) async fn alert_get(pool: &SqlitePool, id: AlertId) -> Result<Option<Bytes>, Error> {
    let message: Option<Vec<u8>> = sqlx::query_scalar("SELECT message FROM alert WHERE id = ?")
        .bind(id.0)
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    Ok(message.map(Bytes::from))
}

/// See [`crate::store::Store::alert_list`].
pub(super) async fn alert_list(pool: &SqlitePool, query: &AlertQuery) -> Result<Vec<AlertRow>, Error> {
    let mut sql = QueryBuilder::<Driver>::new("SELECT id, sent_time, message FROM alert WHERE TRUE");
    if let Some((time, id)) = query.after {
        sql.push(" AND (sent_time, id) < (").push_bind(time.as_micros()).push(", ").push_bind(id.0).push(")");
    }
    if !query.agencies.is_empty() {
        sql.push(" AND agency IN (");
        let mut list = sql.separated(", ");
        for agency in &query.agencies {
            list.push_bind(agency.as_str().to_owned());
        }
        sql.push(")");
    }
    if !query.categories.is_empty() {
        sql.push(" AND category IN (");
        let mut list = sql.separated(", ");
        for category in query.categories.iter() {
            list.push_bind(number_of(category));
        }
        sql.push(")");
    }
    if !query.include_retracted {
        sql.push(" AND NOT retracted");
    }
    sql.push(" ORDER BY sent_time DESC, id DESC LIMIT ").push_bind(i64::from(query.limit));
    let rows: Vec<(Uuid, i64, Vec<u8>)> = sql.build_query_as().fetch_all(pool).await.map_err(failed)?;
    let rows = rows.into_iter().map(|(id, sent, message)| {
        let sent_time = time("alert", "sent_time", sent)?;
        Ok(AlertRow { id: AlertId(id), sent_time, message: Bytes::from(message) })
    });
    rows.collect()
}

/// See [`crate::store::Store::subscription_create`].
pub(super) async fn subscription_create(
    pool: &SqlitePool,
    row: &SubscriptionRow,
    request: Option<Uuid>,
) -> Result<SubscriptionRow, Error> {
    // The conflicting update changes nothing: it makes the row that is there come back.
    let (id, filter, micros): (Uuid, Vec<u8>, i64) = sqlx::query_as(
        "INSERT INTO subscription (id, request, filter, create_time) VALUES (?, ?, ?, ?)
         ON CONFLICT (request) DO UPDATE SET request = request
         RETURNING id, filter, create_time",
    )
    .bind(row.id)
    .bind(request)
    .bind(row.filter.to_vec())
    .bind(row.create_time.as_micros())
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    let create_time = time("subscription", "create_time", micros)?;
    Ok(SubscriptionRow { id, filter: Bytes::from(filter), create_time })
}

/// See [`crate::store::Store::subscription_get`].
pub(super) async fn subscription_get(pool: &SqlitePool, id: Uuid) -> Result<Option<SubscriptionRow>, Error> {
    let row: Option<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT filter, create_time FROM subscription WHERE id = ?")
            .bind(id)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
    row.map(|(filter, micros)| {
        let create_time = time("subscription", "create_time", micros)?;
        Ok(SubscriptionRow { id, filter: Bytes::from(filter), create_time })
    })
    .transpose()
}

/// See [`crate::store::Store::subscription_delete`].
pub(super) async fn subscription_delete(pool: &SqlitePool, id: Uuid) -> Result<bool, Error> {
    let done =
        sqlx::query("DELETE FROM subscription WHERE id = ?").bind(id).execute(pool).await.map_err(failed)?;
    Ok(done.rows_affected() > 0)
}

/// See [`crate::store::Store::outcomes`].
pub(super) async fn outcomes(
    pool: &SqlitePool,
    agency: Option<&AgencyId>,
) -> Result<Vec<(AgencyId, Outcome, i64)>, Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT agency, outcome, n FROM outcome_count WHERE ?1 IS NULL OR agency = ?1 ORDER BY agency, outcome",
    )
    .bind(agency.map(|agency| agency.as_str().to_owned()))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    let corrupt = |column| Error::Corrupt { table: "outcome_count", column };
    let rows = rows.into_iter().map(|(agency, outcome, n)| {
        let agency = agency.parse().map_err(|_| corrupt("agency"))?;
        Ok((agency, outcome.parse().map_err(|_| corrupt("outcome"))?, n))
    });
    rows.collect()
}
