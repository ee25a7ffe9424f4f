//! The servers start, keep their data through a kill, and end with their handle.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use std::time::Duration;

use callbox_testkit::{Nats, Postgres, wait_until};
use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_secs(20);

async fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

#[tokio::test]
async fn nats_keeps_its_streams_through_a_kill_and_ends_with_its_handle() {
    let mut nats = Nats::start().await.unwrap();
    let stream = async_nats::jetstream::stream::Config {
        name: "KEPT".to_owned(),
        subjects: vec!["kept".to_owned()],
        ..Default::default()
    };
    let context = async_nats::jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    context.create_stream(stream).await.unwrap();
    context.publish("kept", "one".into()).await.unwrap().await.unwrap();

    let port = nats.port();
    nats.kill9();
    assert!(!listens(port).await);
    nats.restart().await.unwrap();
    assert_eq!(nats.port(), port);

    let context = async_nats::jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    let mut kept = context.get_stream("KEPT").await.unwrap();
    assert_eq!(kept.info().await.unwrap().state.messages, 1);
    drop(nats);
    assert!(!listens(port).await);
}

#[tokio::test]
async fn a_wrong_configuration_is_reported_with_the_log() {
    let error = Nats::start_with("no such { setting").await.err().unwrap();
    assert!(error.to_string().contains("nats-server did not start: "), "{error}");
}

#[tokio::test]
async fn postgres_keeps_what_was_committed_through_a_kill_and_ends_with_its_handle() {
    let mut postgres = Postgres::start().await.unwrap();
    let url = postgres.database().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 7 AS number").execute(&mut connection).await.unwrap();

    postgres.kill9();
    postgres.restart().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let row = sqlx::query("SELECT number FROM kept").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<i32, _>(0), 7);

    let port = postgres.port();
    drop(postgres);
    wait_until("postgres is gone", DEADLINE, || async { !listens(port).await }).await;
}

/// Two tests, each with its own runtime and thread: the server outlives the one that started it.
async fn own_database() {
    let postgres = Postgres::shared().await;
    let url = postgres.database().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE mine (number INT)").execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn shared_postgres_gives_a_database_to_one_test() {
    own_database().await;
}

#[tokio::test]
async fn shared_postgres_gives_a_database_to_another_test() {
    own_database().await;
}
