//! Alerts, subscriptions and counts.

use bytes::Bytes;
use callbox_proto::domain::{AgencyId, AlertId, Outcome};
use sqlx::PgPool;
use uuid::Uuid;

use super::failed;
use crate::store::row::{number_of, time};
use crate::store::{AlertQuery, AlertRow, Error, SubscriptionRow};

/// See [`crate::store::Store::alert_get`].
pub(super) async fn alert_get(pool: &PgPool, id: AlertId) -> Result<Option<Bytes>, Error> {
    let message: Option<Vec<u8>> = sqlx::query_scalar("SELECT message FROM notify.alert WHERE id = $1")
        .bind(id.0)
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    Ok(message.map(Bytes::from))
}

/// See [`crate::store::Store::alert_list`].
pub(super) async fn alert_list(pool: &PgPool, query: &AlertQuery) -> Result<Vec<AlertRow>, Error> {
    let agencies: Vec<&str> = query.agencies.iter().map(AgencyId::as_str).collect();
    let categories: Vec<i16> = query.categories.iter().map(number_of).collect();
    let (after_time, after_id) =
        query.after.map_or((i64::MAX, Uuid::max()), |(time, id)| (time.as_micros(), id.0));
    let rows: Vec<(Uuid, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT id, sent_time, message FROM notify.alert
         WHERE (sent_time, id) < ($1, $2)
           AND (cardinality($3::text[]) = 0 OR agency = ANY($3))
           AND (cardinality($4::int2[]) = 0 OR category = ANY($4))
           AND ($5 OR NOT retracted)
         ORDER BY sent_time DESC, id DESC LIMIT $6",
    )
    .bind(after_time)
    .bind(after_id)
    .bind(agencies)
    .bind(categories)
    .bind(query.include_retracted)
    .bind(i64::from(query.limit))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    let rows = rows.into_iter().map(|(id, sent, message)| {
        let sent_time = time("alert", "sent_time", sent)?;
        Ok(AlertRow { id: AlertId(id), sent_time, message: Bytes::from(message) })
    });
    rows.collect()
}

/// See [`crate::store::Store::subscription_create`].
pub(super) async fn subscription_create(
    pool: &PgPool,
    row: &SubscriptionRow,
    request: Option<Uuid>,
) -> Result<SubscriptionRow, Error> {
    // The conflicting update changes nothing: it makes the row that is there come back.
    let (id, filter, micros): (Uuid, Vec<u8>, i64) = sqlx::query_as(
        "INSERT INTO notify.subscription AS known (id, request, filter, create_time) VALUES ($1, $2, $3, $4)
         ON CONFLICT (request) DO UPDATE SET request = known.request
         RETURNING id, filter, create_time",
    )
    .bind(row.id)
    .bind(request)
    .bind(row.filter.as_ref())
    .bind(row.create_time.as_micros())
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    let create_time = time("subscription", "create_time", micros)?;
    Ok(SubscriptionRow { id, filter: Bytes::from(filter), create_time })
}

/// See [`crate::store::Store::subscription_get`].
pub(super) async fn subscription_get(pool: &PgPool, id: Uuid) -> Result<Option<SubscriptionRow>, Error> {
    let row: Option<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT filter, create_time FROM notify.subscription WHERE id = $1")
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
pub(super) async fn subscription_delete(pool: &PgPool, id: Uuid) -> Result<bool, Error> {
    let done = sqlx::query("DELETE FROM notify.subscription WHERE id = $1")
        .bind(id)
        .execute(pool)
        .await
        .map_err(failed)?;
    Ok(done.rows_affected() > 0)
}

/// See [`crate::store::Store::outcomes`].
pub(super) async fn outcomes(
    pool: &PgPool,
    agency: Option<&AgencyId>,
) -> Result<Vec<(AgencyId, Outcome, i64)>, Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT agency, outcome, n FROM notify.outcome_count WHERE $1::text IS NULL OR agency = $1
         ORDER BY agency, outcome",
    )
    .bind(agency.map(AgencyId::as_str))
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
