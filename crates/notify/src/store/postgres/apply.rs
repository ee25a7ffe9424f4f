//! The one transaction of a batch of envelopes.
//!
//! Each statement takes the whole batch, as arrays. A lock for each agency, taken in one order by everybody, makes
//! batches of the same agency wait for each other: an incident that has no row yet could not be locked otherwise.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;

use callbox_proto::domain::{AgencyId, IncidentKey, Outcome, Timestamp};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Postgres, failed, outbox};
use crate::domain::agency::Agencies;
use crate::domain::batch::{self, Ledger, Told, Work};
use crate::domain::state::IncidentState;
use crate::store::row::{StateRow, number_of};
use crate::store::{Applied, Error};

/// Keeps our advisory locks apart from those of others in the same database: "notf" in ASCII.
pub(super) const LOCK_CLASS: i32 = 0x6e6f_7466;

impl Postgres {
    /// See [`crate::store::Store::apply`].
    pub(super) async fn apply_in_txn(&self, work: &[Work], agencies: &Agencies) -> Result<Applied, Error> {
        let mut txn = self.pool.begin().await.map_err(failed)?;
        agencies_lock_in_txn(&mut txn, work).await?;
        let fresh = handled_insert_in_txn(&mut txn, work).await?;
        if fresh.is_empty() {
            return Ok(Applied::default());
        }
        let states = states_in_txn(&mut txn, batch::keys(work)).await?;
        let changes = batch::run(agencies, work, &fresh, states);
        states_upsert_in_txn(&mut txn, &changes.states).await?;
        if !changes.told.is_empty() {
            alerts_upsert_in_txn(&mut txn, &changes.told).await?;
            outbox_insert_in_txn(&mut txn, &changes.told).await?;
            // A commit that notifies waits for every other one that does, so only where it is needed.
            if !self.leased.load(Ordering::Acquire) {
                outbox::notify_in_txn(&mut txn).await?;
            }
        }
        ledger_add_in_txn(&mut txn, &changes.ledger).await?;
        txn.commit().await.map_err(failed)?;
        if !changes.told.is_empty() {
            self.wake.notify_one();
        }
        Ok(Applied::from(&changes))
    }
}

/// Locks the agencies of a batch until the transaction ends.
async fn agencies_lock_in_txn(txn: &mut PgConnection, work: &[Work]) -> Result<(), Error> {
    let keys: BTreeSet<i32> = work.iter().map(|work| lock_key(&work.agency)).collect();
    let keys: Vec<i32> = keys.into_iter().collect();
    sqlx::query("SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::int4[]) AS key")
        .bind(LOCK_CLASS)
        .bind(&keys)
        .execute(txn)
        .await
        .map(drop)
        .map_err(failed)
}

/// Two agencies with one key only wait for each other needlessly.
fn lock_key(agency: &AgencyId) -> i32 {
    let digest = Sha256::digest(agency.as_str().as_bytes());
    i32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Marks the envelopes as handled; those that were not before.
async fn handled_insert_in_txn(txn: &mut PgConnection, work: &[Work]) -> Result<HashSet<Uuid>, Error> {
    let ids: Vec<Uuid> = work.iter().map(|work| work.envelope).collect();
    let fresh: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO notify.handled_envelope (id, handled_time)
         SELECT id, $2 FROM unnest($1::uuid[]) AS id ON CONFLICT (id) DO NOTHING RETURNING id",
    )
    .bind(&ids)
    .bind(Timestamp::now().as_micros())
    .fetch_all(txn)
    .await
    .map_err(failed)?;
    Ok(fresh.into_iter().collect())
}

/// What is known of these incidents.
async fn states_in_txn(
    txn: &mut PgConnection,
    keys: HashSet<IncidentKey>,
) -> Result<HashMap<IncidentKey, IncidentState>, Error> {
    let keys: Vec<Vec<u8>> = keys.into_iter().map(|key| key.as_bytes().to_vec()).collect();
    let rows: Vec<StateRow> = sqlx::query_as(
        "SELECT incident, latest, seen, standing, standing_order, standing_category, fresh, place, received_time,
                accepted_time, alert, revision, live, alert_category, alert_categories, alert_place, sent_time
         FROM notify.incident_state WHERE incident = ANY($1)",
    )
    .bind(&keys)
    .fetch_all(txn)
    .await
    .map_err(failed)?;
    rows.into_iter().map(StateRow::parse).collect()
}

/// Writes the new states.
async fn states_upsert_in_txn(
    txn: &mut PgConnection,
    states: &[(IncidentKey, AgencyId, IncidentState)],
) -> Result<(), Error> {
    let agencies: Vec<&str> = states.iter().map(|(_, agency, _)| agency.as_str()).collect();
    let rows: Vec<StateRow> = states.iter().map(|(key, _, state)| StateRow::new(*key, state)).collect();
    macro_rules! column {
        ($field:ident) => {
            rows.iter().map(|row| row.$field.clone()).collect::<Vec<_>>()
        };
    }
    sqlx::query(
        "INSERT INTO notify.incident_state (
            incident, agency, latest, seen, standing, standing_order, standing_category, fresh, place, received_time,
            accepted_time, alert, revision, live, alert_category, alert_categories, alert_place, sent_time)
         SELECT * FROM unnest(
            $1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::int2[], $6::bytea[], $7::int2[], $8::bool[],
            $9::int8[], $10::int8[], $11::int8[], $12::uuid[], $13::int4[], $14::bool[], $15::int2[], $16::int2[],
            $17::int8[], $18::int8[])
         ON CONFLICT (incident) DO UPDATE SET
            latest = excluded.latest, seen = excluded.seen, standing = excluded.standing,
            standing_order = excluded.standing_order, standing_category = excluded.standing_category,
            fresh = excluded.fresh, place = excluded.place, received_time = excluded.received_time,
            accepted_time = excluded.accepted_time, alert = excluded.alert, revision = excluded.revision,
            live = excluded.live, alert_category = excluded.alert_category,
            alert_categories = excluded.alert_categories, alert_place = excluded.alert_place,
            sent_time = excluded.sent_time",
    )
    .bind(column!(incident))
    .bind(agencies)
    .bind(column!(latest))
    .bind(column!(seen))
    .bind(column!(standing))
    .bind(column!(standing_order))
    .bind(column!(standing_category))
    .bind(column!(fresh))
    .bind(column!(place))
    .bind(column!(received_time))
    .bind(column!(accepted_time))
    .bind(column!(alert))
    .bind(column!(revision))
    .bind(column!(live))
    .bind(column!(alert_category))
    .bind(column!(alert_categories))
    .bind(column!(alert_place))
    .bind(column!(sent_time))
    .execute(txn)
    .await
    .map(drop)
    .map_err(failed)
}

/// Writes the latest revision of each alert told.
async fn alerts_upsert_in_txn(txn: &mut PgConnection, told: &[Told]) -> Result<(), Error> {
    let latest: HashMap<Uuid, &Told> = told.iter().map(|told| (told.alert.id.0, told)).collect();
    let alerts: Vec<_> = latest.into_values().map(|told| &told.alert).collect();
    let messages = alerts.iter().map(|alert| callbox_proto::alert::v1::Alert::from(*alert).encode_to_vec());
    let retracted = alerts.iter().map(|alert| alert.state == callbox_proto::domain::AlertState::Retracted);
    sqlx::query(
        "INSERT INTO notify.alert (id, revision, agency, category, retracted, sent_time, message)
         SELECT * FROM unnest(
            $1::uuid[], $2::int4[], $3::text[], $4::int2[], $5::bool[], $6::int8[], $7::bytea[])
         ON CONFLICT (id) DO UPDATE SET
            revision = excluded.revision, category = excluded.category, retracted = excluded.retracted,
            sent_time = excluded.sent_time, message = excluded.message",
    )
    .bind(alerts.iter().map(|alert| alert.id.0).collect::<Vec<_>>())
    .bind(alerts.iter().map(|alert| alert.revision.cast_signed()).collect::<Vec<_>>())
    .bind(alerts.iter().map(|alert| alert.agency.as_str()).collect::<Vec<_>>())
    .bind(alerts.iter().map(|alert| number_of(alert.category)).collect::<Vec<_>>())
    .bind(retracted.collect::<Vec<_>>())
    .bind(alerts.iter().map(|alert| alert.sent_time.as_micros()).collect::<Vec<_>>())
    .bind(messages.collect::<Vec<_>>())
    .execute(txn)
    .await
    .map(drop)
    .map_err(failed)
}

/// Puts the revisions into the outbox, in their order.
async fn outbox_insert_in_txn(txn: &mut PgConnection, told: &[Told]) -> Result<(), Error> {
    let alerts = || told.iter().map(|told| &told.alert);
    let messages = alerts().map(|alert| callbox_proto::alert::v1::Alert::from(alert).encode_to_vec());
    sqlx::query(
        "INSERT INTO notify.outbox (alert, revision, agency, categories, accepted_time, sent_time, message)
         SELECT alert, revision, agency, categories, accepted_time, sent_time, message FROM unnest(
            $1::uuid[], $2::int4[], $3::text[], $4::int2[], $5::int8[], $6::int8[], $7::bytea[])
            WITH ORDINALITY AS told (alert, revision, agency, categories, accepted_time, sent_time, message, place)
         ORDER BY place",
    )
    .bind(alerts().map(|alert| alert.id.0).collect::<Vec<_>>())
    .bind(alerts().map(|alert| alert.revision.cast_signed()).collect::<Vec<_>>())
    .bind(alerts().map(|alert| alert.agency.as_str()).collect::<Vec<_>>())
    .bind(told.iter().map(|told| i16::from(told.categories.bits())).collect::<Vec<_>>())
    .bind(told.iter().map(|told| told.accepted_time.as_micros()).collect::<Vec<_>>())
    .bind(alerts().map(|alert| alert.sent_time.as_micros()).collect::<Vec<_>>())
    .bind(messages.collect::<Vec<_>>())
    .execute(txn)
    .await
    .map(drop)
    .map_err(failed)
}

/// Adds to the counts of outcomes.
async fn ledger_add_in_txn(txn: &mut PgConnection, ledger: &Ledger) -> Result<(), Error> {
    let agencies: Vec<&str> = ledger.keys().map(|(agency, _)| agency.as_str()).collect();
    let outcomes: Vec<&str> = ledger.keys().map(|(_, outcome): &(_, Outcome)| outcome.as_str()).collect();
    let differences: Vec<i64> = ledger.values().copied().collect();
    sqlx::query(
        "INSERT INTO notify.outcome_count AS known (agency, outcome, n)
         SELECT * FROM unnest($1::text[], $2::text[], $3::int8[])
         ON CONFLICT (agency, outcome) DO UPDATE SET n = known.n + excluded.n",
    )
    .bind(agencies)
    .bind(outcomes)
    .bind(differences)
    .execute(txn)
    .await
    .map(drop)
    .map_err(failed)
}
