//! The one transaction of a batch of envelopes. Statements with many rows each: a statement for each row would cost a
//! round trip to the connection's thread.

use std::collections::{HashMap, HashSet};

use callbox_proto::domain::{AgencyId, AlertState, IncidentKey, Timestamp};
use prost::Message as _;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite as Driver};
use uuid::Uuid;

use super::{Sqlite, failed};
use crate::domain::agency::Agencies;
use crate::domain::batch::{self, Ledger, Told, Work};
use crate::domain::state::IncidentState;
use crate::store::row::{StateRow, number_of};
use crate::store::{Applied, Error};

/// Rows in one statement. With 18 columns this stays far below SQLite's 32,766 parameters, and beyond it statements do
/// not get cheaper by the row.
const ROWS_MAX: usize = 256;

impl Sqlite {
    /// See [`crate::store::Store::apply`].
    pub(super) async fn apply_in_txn(&self, work: &[Work], agencies: &Agencies) -> Result<Applied, Error> {
        // Takes the write lock at once: a transaction that began by reading could not wait for it.
        let mut txn = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        let fresh = handled_insert_in_txn(&mut txn, work).await?;
        if fresh.is_empty() {
            return Ok(Applied::default());
        }
        let states = states_in_txn(&mut txn, batch::keys(work)).await?;
        let changes = batch::run(agencies, work, &fresh, states);
        states_upsert_in_txn(&mut txn, &changes.states).await?;
        alerts_upsert_in_txn(&mut txn, &changes.told).await?;
        outbox_insert_in_txn(&mut txn, &changes.told).await?;
        ledger_add_in_txn(&mut txn, &changes.ledger).await?;
        txn.commit().await.map_err(failed)?;
        if !changes.told.is_empty() {
            self.wake.notify_one();
        }
        Ok(Applied::from(&changes))
    }
}

/// Marks the envelopes as handled; those that were not before.
async fn handled_insert_in_txn(txn: &mut SqliteConnection, work: &[Work]) -> Result<HashSet<Uuid>, Error> {
    let now = Timestamp::now().as_micros();
    let mut fresh = HashSet::new();
    for chunk in work.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Driver>::new("INSERT INTO handled_envelope (id, handled_time) ");
        query.push_values(chunk, |mut row, work| {
            row.push_bind(work.envelope).push_bind(now);
        });
        query.push(" ON CONFLICT (id) DO NOTHING RETURNING id");
        let ids: Vec<Uuid> = query.build_query_scalar().fetch_all(&mut *txn).await.map_err(failed)?;
        fresh.extend(ids);
    }
    Ok(fresh)
}

/// What is known of these incidents.
async fn states_in_txn(
    txn: &mut SqliteConnection,
    keys: HashSet<IncidentKey>,
) -> Result<HashMap<IncidentKey, IncidentState>, Error> {
    let keys: Vec<IncidentKey> = keys.into_iter().collect();
    let mut states = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Driver>::new(
            "SELECT incident, latest, seen, standing, standing_order, standing_category, fresh, place,
                    received_time, accepted_time, alert, revision, live, alert_category, alert_categories,
                    alert_place, sent_time
             FROM incident_state WHERE incident IN (",
        );
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(key.as_bytes().to_vec());
        }
        query.push(")");
        let rows: Vec<StateRow> = query.build_query_as().fetch_all(&mut *txn).await.map_err(failed)?;
        for row in rows {
            let (key, state) = row.parse()?;
            states.insert(key, state);
        }
    }
    Ok(states)
}

/// Writes the new states.
async fn states_upsert_in_txn(
    txn: &mut SqliteConnection,
    states: &[(IncidentKey, AgencyId, IncidentState)],
) -> Result<(), Error> {
    for chunk in states.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Driver>::new(
            "INSERT INTO incident_state (
                incident, agency, latest, seen, standing, standing_order, standing_category, fresh, place,
                received_time, accepted_time, alert, revision, live, alert_category, alert_categories, alert_place,
                sent_time) ",
        );
        query.push_values(chunk, |mut values, (key, agency, state)| {
            let row = StateRow::new(*key, state);
            values.push_bind(row.incident).push_bind(agency.as_str().to_owned()).push_bind(row.latest);
            values.push_bind(row.seen).push_bind(row.standing).push_bind(row.standing_order);
            values.push_bind(row.standing_category).push_bind(row.fresh).push_bind(row.place);
            values.push_bind(row.received_time).push_bind(row.accepted_time).push_bind(row.alert);
            values.push_bind(row.revision).push_bind(row.live).push_bind(row.alert_category);
            values.push_bind(row.alert_categories).push_bind(row.alert_place).push_bind(row.sent_time);
        });
        query.push(
            " ON CONFLICT (incident) DO UPDATE SET
                latest = excluded.latest, seen = excluded.seen, standing = excluded.standing,
                standing_order = excluded.standing_order, standing_category = excluded.standing_category,
                fresh = excluded.fresh, place = excluded.place, received_time = excluded.received_time,
                accepted_time = excluded.accepted_time, alert = excluded.alert, revision = excluded.revision,
                live = excluded.live, alert_category = excluded.alert_category,
                alert_categories = excluded.alert_categories, alert_place = excluded.alert_place,
                sent_time = excluded.sent_time",
        );
        query.build().execute(&mut *txn).await.map_err(failed)?;
    }
    Ok(())
}

/// Writes the latest revision of each alert told: of several in one statement the last one stays.
async fn alerts_upsert_in_txn(txn: &mut SqliteConnection, told: &[Told]) -> Result<(), Error> {
    for chunk in told.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Driver>::new(
            "INSERT INTO alert (id, revision, agency, category, retracted, sent_time, message) ",
        );
        query.push_values(chunk, |mut row, told| {
            let alert = &told.alert;
            row.push_bind(alert.id.0).push_bind(i64::from(alert.revision));
            row.push_bind(alert.agency.as_str().to_owned()).push_bind(number_of(alert.category));
            row.push_bind(alert.state == AlertState::Retracted).push_bind(alert.sent_time.as_micros());
            row.push_bind(callbox_proto::alert::v1::Alert::from(alert).encode_to_vec());
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET
                revision = excluded.revision, category = excluded.category, retracted = excluded.retracted,
                sent_time = excluded.sent_time, message = excluded.message",
        );
        query.build().execute(&mut *txn).await.map_err(failed)?;
    }
    Ok(())
}

/// Puts the revisions into the outbox, in their order.
async fn outbox_insert_in_txn(txn: &mut SqliteConnection, told: &[Told]) -> Result<(), Error> {
    for chunk in told.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Driver>::new(
            "INSERT INTO outbox (alert, revision, agency, categories, accepted_time, sent_time, message) ",
        );
        query.push_values(chunk, |mut row, told| {
            let alert = &told.alert;
            row.push_bind(alert.id.0).push_bind(i64::from(alert.revision));
            row.push_bind(alert.agency.as_str().to_owned()).push_bind(i64::from(told.categories.bits()));
            row.push_bind(told.accepted_time.as_micros()).push_bind(alert.sent_time.as_micros());
            row.push_bind(callbox_proto::alert::v1::Alert::from(alert).encode_to_vec());
        });
        query.build().execute(&mut *txn).await.map_err(failed)?;
    }
    Ok(())
}

/// Adds to the counts of outcomes.
async fn ledger_add_in_txn(txn: &mut SqliteConnection, ledger: &Ledger) -> Result<(), Error> {
    for ((agency, outcome), difference) in ledger {
        sqlx::query(
            "INSERT INTO outcome_count (agency, outcome, n) VALUES (?, ?, ?)
             ON CONFLICT (agency, outcome) DO UPDATE SET n = n + excluded.n",
        )
        .bind(agency.as_str().to_owned())
        .bind(outcome.as_str())
        .bind(difference)
        .execute(&mut *txn)
        .await
        .map_err(failed)?;
    }
    Ok(())
}
