//! All SQL of the embedded broker.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

use super::record::{self, Ids, key};
use super::state::{Limits, Totals};
use crate::manifest::{ConsumerSpec, Retention, StreamSpec};
use crate::{Error, Stored};
use prost::Message as _;

const SCHEMA: &str = include_str!("schema.sql");

/// The layout in `schema.sql`, as `PRAGMA user_version`.
const VERSION: i64 = 1;

/// Rows that one statement inserts. Few different numbers, so that few statements are prepared.
const CHUNKS: [usize; 4] = [128, 32, 8, 1];

/// Readers beside the one writer.
const READERS: u32 = 4;

/// The result of a statement.
pub(super) type Sql<T> = Result<T, sqlx::Error>;

fn options(file: &Path) -> SqliteConnectOptions {
    // Write-ahead log, and the disk has it before a commit returns.
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// Opens the file for writing, and makes it if it is not there.
pub(super) async fn open(file: &Path) -> Result<SqliteConnection, Error> {
    let failed = || Error::failed("open the embedded broker's file");
    let mut writer = options(file).create_if_missing(true).connect().await.map_err(failed())?;
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut writer).await.map_err(failed())?;
    match version {
        VERSION => {}
        0 => {
            let mut transaction = writer.begin().await.map_err(failed())?;
            sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await.map_err(failed())?;
            sqlx::raw_sql("PRAGMA user_version = 1").execute(&mut *transaction).await.map_err(failed())?;
            transaction.commit().await.map_err(failed())?;
        }
        _ => return Err(Error::failed("open the embedded broker's file")("a later release wrote it")),
    }
    Ok(writer)
}

/// Connections for reading.
pub(super) fn readers(file: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .connect_lazy_with(options(file).read_only(true))
}

/// A stream as it is on disk.
pub(super) struct StreamRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) subject_stem: String,
    pub(super) limits: Limits,
    pub(super) epoch: u64,
    pub(super) totals: Totals,
}

/// A consumer as it is on disk.
pub(super) struct ConsumerRow {
    pub(super) name: String,
    pub(super) ack_wait: Duration,
    pub(super) ack_pending_max: usize,
    pub(super) delivered: u64,
}

pub(super) async fn streams(connection: &mut SqliteConnection) -> Sql<Vec<StreamRow>> {
    let rows = sqlx::query(
        "SELECT id, name, subject_stem, work_queue, age_max_ms, bytes_max, duplicate_window_ms, epoch,
                last_sequence, messages, bytes
         FROM streams ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let retention = if row.try_get::<bool, _>(3)? { Retention::WorkQueue } else { Retention::Limits };
            Ok(StreamRow {
                id: row.try_get(0)?,
                name: row.try_get(1)?,
                subject_stem: row.try_get(2)?,
                limits: Limits {
                    retention,
                    age_max: Duration::from_millis(number(row, 4)?),
                    bytes_max: number(row, 5)?,
                    duplicate_window: Duration::from_millis(number(row, 6)?),
                },
                epoch: number(row, 7)?,
                totals: Totals {
                    last_sequence: number(row, 8)?,
                    messages: number(row, 9)?,
                    bytes: number(row, 10)?,
                },
            })
        })
        .collect()
}

fn number(row: &sqlx::sqlite::SqliteRow, column: usize) -> Sql<u64> {
    row.try_get::<i64, _>(column).map(i64::cast_unsigned)
}

pub(super) async fn stream_declare(
    connection: &mut SqliteConnection,
    spec: &StreamSpec,
    epoch: u64,
) -> Sql<()> {
    sqlx::query(
        "INSERT INTO streams (name, subject_stem, work_queue, age_max_ms, bytes_max, duplicate_window_ms, epoch)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET
             subject_stem = excluded.subject_stem, age_max_ms = excluded.age_max_ms,
             bytes_max = excluded.bytes_max, duplicate_window_ms = excluded.duplicate_window_ms",
    )
    .bind(spec.name)
    .bind(spec.subject_stem)
    .bind(spec.retention == Retention::WorkQueue)
    .bind(milliseconds(spec.age_max))
    .bind(i64::try_from(spec.bytes_max).unwrap_or(i64::MAX))
    .bind(milliseconds(spec.duplicate_window))
    .bind(epoch.cast_signed())
    .execute(connection)
    .await
    .map(|_| ())
}

pub(super) async fn consumer_declare(
    connection: &mut SqliteConnection,
    stream: i64,
    spec: &ConsumerSpec,
) -> Sql<()> {
    sqlx::query(
        "INSERT INTO consumers (stream_id, name, ack_wait_ms, ack_pending_max) VALUES (?, ?, ?, ?)
         ON CONFLICT (stream_id) DO UPDATE SET
             name = excluded.name, ack_wait_ms = excluded.ack_wait_ms,
             ack_pending_max = excluded.ack_pending_max",
    )
    .bind(stream)
    .bind(spec.name)
    .bind(milliseconds(spec.ack_wait))
    .bind(i64::from(spec.ack_pending_max))
    .execute(connection)
    .await
    .map(|_| ())
}

pub(super) async fn consumer(connection: &mut SqliteConnection, stream: i64) -> Sql<Option<ConsumerRow>> {
    let row = sqlx::query(
        "SELECT name, ack_wait_ms, ack_pending_max, delivered FROM consumers WHERE stream_id = ?",
    )
    .bind(stream)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(ConsumerRow {
            name: row.try_get(0)?,
            ack_wait: Duration::from_millis(number(&row, 1)?),
            ack_pending_max: usize::try_from(number(&row, 2)?).unwrap_or(usize::MAX),
            delivered: number(&row, 3)?,
        })
    })
    .transpose()
}

/// A delivery of an earlier life of the process.
pub(super) struct UnsettledRow {
    pub(super) sequence: u64,
    pub(super) attempt: u64,
    pub(super) due_ms: i64,
}

/// The messages that were delivered and not settled.
pub(super) async fn unsettled(
    connection: &mut SqliteConnection,
    stream: i64,
    delivered: u64,
) -> Sql<Vec<UnsettledRow>> {
    let rows = sqlx::query(
        "SELECT messages.key, COALESCE(attempt, 1), COALESCE(due_ms, 0)
         FROM messages LEFT JOIN deferred ON deferred.key = messages.key
         WHERE messages.key BETWEEN ? AND ?",
    )
    .bind(key(stream, 0))
    .bind(key(stream, delivered))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(UnsettledRow {
                sequence: record::sequence(row.try_get(0)?),
                attempt: number(row, 1)?,
                due_ms: row.try_get(2)?,
            })
        })
        .collect()
}

/// The ids that were stored together, with the sequence of the first and the time.
pub(super) async fn recent(
    connection: &mut SqliteConnection,
    stream: i64,
    since_ms: i64,
) -> Sql<Vec<(u64, i64, Vec<String>)>> {
    let rows = sqlx::query(
        "SELECT key, stored_ms, ids FROM recent WHERE key BETWEEN ? AND ? AND stored_ms >= ? ORDER BY key",
    )
    .bind(key(stream, 0))
    .bind(key(stream + 1, 0))
    .bind(since_ms)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let ids = Ids::decode(row.try_get::<Vec<u8>, _>(2)?.as_slice())
                .map_err(|error| sqlx::Error::Decode(error.into()))?;
            Ok((record::sequence(row.try_get(0)?), row.try_get(1)?, ids.ids))
        })
        .collect()
}

pub(super) async fn recent_insert(
    connection: &mut SqliteConnection,
    first_key: i64,
    stored_ms: i64,
    ids: Vec<String>,
) -> Sql<()> {
    sqlx::query("INSERT INTO recent (key, stored_ms, ids) VALUES (?, ?, ?)")
        .bind(first_key)
        .bind(stored_ms)
        .bind(Ids { ids }.encode_to_vec())
        .execute(connection)
        .await
        .map(|_| ())
}

pub(super) async fn recent_delete(connection: &mut SqliteConnection, stream: i64, before_ms: i64) -> Sql<()> {
    sqlx::query("DELETE FROM recent WHERE key BETWEEN ? AND ? AND stored_ms < ?")
        .bind(key(stream, 0))
        .bind(key(stream + 1, 0))
        .bind(before_ms)
        .execute(connection)
        .await
        .map(|_| ())
}

/// A message to insert.
pub(super) struct MessageRow {
    pub(super) key: i64,
    pub(super) stored_ms: i64,
    pub(super) record: Vec<u8>,
}

pub(super) async fn messages_insert(connection: &mut SqliteConnection, rows: Vec<MessageRow>) -> Sql<()> {
    let mut rows = rows.into_iter();
    while let Some(chunk) = chunk_for(rows.len()) {
        let values = vec!["(?, ?, ?, ?)"; chunk].join(", ");
        let text = format!("INSERT INTO messages (key, stored_ms, size, record) VALUES {values}");
        // Nothing but question marks and commas was put together.
        let mut insert = sqlx::query(AssertSqlSafe(text));
        for row in rows.by_ref().take(chunk) {
            let size = i64::try_from(row.record.len()).unwrap_or(i64::MAX);
            insert = insert.bind(row.key).bind(row.stored_ms).bind(size).bind(row.record);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many of the remaining rows go into the next statement.
fn chunk_for(remaining: usize) -> Option<usize> {
    CHUNKS.into_iter().find(|&chunk| chunk <= remaining)
}

/// Messages that a statement deleted.
#[derive(Default)]
pub(super) struct Deleted {
    pub(super) sequences: Vec<u64>,
    pub(super) bytes: u64,
}

/// Deletes messages of one stream by their keys.
pub(super) async fn messages_delete(connection: &mut SqliteConnection, keys: &[i64]) -> Sql<Deleted> {
    let list = list(keys);
    let rows =
        sqlx::query("DELETE FROM messages WHERE key IN (SELECT value FROM json_each(?)) RETURNING key, size")
            .bind(list)
            .fetch_all(connection)
            .await?;
    deleted(&rows)
}

/// Deletes up to `max` of a stream's oldest messages that are older than `before_ms`.
pub(super) async fn messages_expire(
    connection: &mut SqliteConnection,
    stream: i64,
    before_ms: i64,
    max: usize,
) -> Sql<Deleted> {
    // The oldest come first, so the scan ends at the first one that is young enough, unless the clock went back.
    let rows = sqlx::query(
        "DELETE FROM messages WHERE key IN (
             SELECT key FROM (
                 SELECT key, stored_ms FROM messages WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?
             ) WHERE stored_ms < ?
         ) RETURNING key, size",
    )
    .bind(key(stream, 0))
    .bind(key(stream + 1, 0))
    .bind(i64::try_from(max).unwrap_or(i64::MAX))
    .bind(before_ms)
    .fetch_all(connection)
    .await?;
    deleted(&rows)
}

/// The oldest messages of a stream: key and size.
pub(super) async fn messages_oldest(
    connection: &mut SqliteConnection,
    stream: i64,
    max: usize,
) -> Sql<Vec<(i64, u64)>> {
    let rows = sqlx::query("SELECT key, size FROM messages WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?")
        .bind(key(stream, 0))
        .bind(key(stream + 1, 0))
        .bind(i64::try_from(max).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, number(row, 1)?))).collect()
}

pub(super) async fn messages_purge(connection: &mut SqliteConnection, stream: i64) -> Sql<()> {
    for table in ["messages", "deferred"] {
        let text = format!("DELETE FROM {table} WHERE key BETWEEN ? AND ?");
        // One of the two words above.
        sqlx::query(AssertSqlSafe(text))
            .bind(key(stream, 0))
            .bind(key(stream + 1, 0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn deleted(rows: &[sqlx::sqlite::SqliteRow]) -> Sql<Deleted> {
    let mut deleted = Deleted::default();
    for row in rows {
        deleted.sequences.push(record::sequence(row.try_get(0)?));
        deleted.bytes += number(row, 1)?;
    }
    Ok(deleted)
}

/// Keys as a JSON array: one parameter, however many there are.
fn list(keys: &[i64]) -> String {
    let words: Vec<_> = keys.iter().map(ToString::to_string).collect();
    format!("[{}]", words.join(","))
}

/// A delivery that was given back.
pub(super) struct DeferredRow {
    pub(super) key: i64,
    pub(super) attempt: u64,
    pub(super) due_ms: i64,
}

pub(super) async fn deferred_insert(connection: &mut SqliteConnection, rows: &[DeferredRow]) -> Sql<()> {
    for row in rows {
        sqlx::query("INSERT OR REPLACE INTO deferred (key, attempt, due_ms) VALUES (?, ?, ?)")
            .bind(row.key)
            .bind(row.attempt.cast_signed())
            .bind(row.due_ms)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn deferred_delete(connection: &mut SqliteConnection, keys: &[i64]) -> Sql<()> {
    sqlx::query("DELETE FROM deferred WHERE key IN (SELECT value FROM json_each(?))")
        .bind(list(keys))
        .execute(connection)
        .await
        .map(|_| ())
}

pub(super) async fn totals_update(connection: &mut SqliteConnection, stream: i64, totals: Totals) -> Sql<()> {
    sqlx::query("UPDATE streams SET last_sequence = ?, messages = ?, bytes = ? WHERE id = ?")
        .bind(totals.last_sequence.cast_signed())
        .bind(totals.messages.cast_signed())
        .bind(totals.bytes.cast_signed())
        .bind(stream)
        .execute(connection)
        .await
        .map(|_| ())
}

pub(super) async fn delivered_update(
    connection: &mut SqliteConnection,
    stream: i64,
    delivered: u64,
) -> Sql<()> {
    sqlx::query("UPDATE consumers SET delivered = ? WHERE stream_id = ?")
        .bind(delivered.cast_signed())
        .bind(stream)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Messages of one stream by their keys, in the order of their sequences. Those that are gone are left out.
pub(super) async fn messages_by_key(readers: &SqlitePool, keys: &[i64]) -> Sql<Vec<Stored>> {
    let rows = sqlx::query(
        "SELECT key, record FROM messages WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
    )
    .bind(list(keys))
    .fetch_all(readers)
    .await?;
    stored(&rows)
}

/// Up to `max` messages of a stream behind a sequence.
pub(super) async fn messages_after(
    readers: &SqlitePool,
    stream: i64,
    after: u64,
    last: u64,
    max: usize,
) -> Sql<Vec<Stored>> {
    if after >= last {
        return Ok(Vec::new());
    }
    let rows = sqlx::query("SELECT key, record FROM messages WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?")
        .bind(key(stream, after + 1))
        .bind(key(stream, last))
        .bind(i64::try_from(max).unwrap_or(i64::MAX))
        .fetch_all(readers)
        .await?;
    stored(&rows)
}

/// The lowest sequence that a stream holds.
pub(super) async fn first_sequence(readers: &SqlitePool, stream: i64) -> Sql<Option<u64>> {
    let first: Option<i64> = sqlx::query_scalar("SELECT MIN(key) FROM messages WHERE key BETWEEN ? AND ?")
        .bind(key(stream, 0))
        .bind(key(stream + 1, 0))
        .fetch_one(readers)
        .await?;
    Ok(first.map(record::sequence))
}

fn stored(rows: &[sqlx::sqlite::SqliteRow]) -> Sql<Vec<Stored>> {
    rows.iter()
        .map(|row| {
            let blob: Vec<u8> = row.try_get(1)?;
            record::decode(record::sequence(row.try_get(0)?), blob)
                .map_err(|error| sqlx::Error::Decode(error.into()))
        })
        .collect()
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
