//! The back end on NATS JetStream (nats-server 2.9 or later).
//!
//! It speaks JetStream's published API itself where the client library would ask the server more often or need more
//! rights. What a user of this back end has to be allowed, with `S` for a stream, `C` for a consumer and `I` for the inbox
//! prefix:
//!
//! | to do | publish | subscribe |
//! |---|---|---|
//! | anything | `$JS.API.INFO` | `I.>` |
//! | publish | the stream's subjects | |
//! | pull, settle, backlog | `$JS.API.CONSUMER.MSG.NEXT.S.C`, `$JS.ACK.S.C.>`, `$JS.API.STREAM.INFO.S`, `$JS.API.CONSUMER.INFO.S.C` | |
//! | read, info | `$JS.API.STREAM.MSG.GET.S`, `$JS.API.STREAM.INFO.S` | |
//! | wait beyond | `$JS.API.STREAM.INFO.S` | the stream's subjects |
//! | delete, purge | `$JS.API.STREAM.MSG.DELETE.S`, `$JS.API.STREAM.PURGE.S` | |
//! | declare | `$JS.API.STREAM.*.S`, `$JS.API.CONSUMER.*.S.>` | |
//!
//! A single server acknowledges before its disk does: what was acknowledged survives a crash of the server's process,
//! not of its machine. Three replicas survive that too. What a consumer settled just before such a crash may come again,
//! and the ids of messages that were settled are forgotten by it: handlers see an envelope twice then.

mod api;
mod config;
mod connection;
mod declare;
mod publish;
mod pull;
mod read;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::Info as ConsumerInfo;

use crate::manifest::{ConsumerSpec, StreamSpec};
use crate::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Outgoing, Page, Settlement, StreamInfo, check,
};
use connection::Connection;
use publish::Publisher;

pub use config::JetStreamConfig;

/// Connects. From then on the connection is made again whenever it is lost.
///
/// # Errors
/// [`Error::Settings`] when the URL or the credentials file cannot be read; [`Error::Unavailable`] when no server answers
/// in time, or refuses.
pub async fn connect(config: JetStreamConfig) -> Result<Bus, Error> {
    let connection = Arc::new(Connection::open(&config).await?);
    let publisher = Publisher::new(Arc::clone(&connection), &config);
    Ok(Arc::new(JetStream { connection, publisher, replicas: config.replicas }))
}

struct JetStream {
    connection: Arc<Connection>,
    publisher: Publisher,
    replicas: usize,
}

#[async_trait::async_trait]
impl Backend for JetStream {
    async fn declare(&self, streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> Result<(), Error> {
        check::manifest(streams, consumers)?;
        for stream in streams {
            declare::stream(&self.connection, stream, self.replicas).await?;
        }
        for consumer in consumers {
            declare::consumer(&self.connection, consumer).await?;
        }
        Ok(())
    }

    async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error> {
        self.publisher.publish(message).await
    }

    async fn pull(
        &self,
        consumer: &ConsumerSpec,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, Error> {
        pull::pull(&self.connection, consumer, max, wait).await
    }

    async fn settle(
        &self,
        _consumer: &ConsumerSpec,
        settlements: Vec<(DeliveryToken, Settlement)>,
    ) -> Result<(), Error> {
        settle::settle(&self.connection, settlements).await
    }

    async fn read(&self, stream: &StreamSpec, after: u64, max: usize) -> Result<Page, Error> {
        read::read(&self.connection, stream, after, max).await
    }

    async fn wait_beyond(&self, stream: &StreamSpec, after: u64, wait: Duration) -> Result<(), Error> {
        read::wait_beyond(&self.connection, stream, after, wait).await
    }

    async fn info(&self, stream: &StreamSpec) -> Result<StreamInfo, Error> {
        self.connection.stream_info(stream.name).await
    }

    async fn backlog(&self, consumer: &ConsumerSpec) -> Result<u64, Error> {
        let subject = format!("CONSUMER.INFO.{}.{}", consumer.stream, consumer.name);
        let missing = || format!("consumer {} of stream {}", consumer.name, consumer.stream);
        let info: ConsumerInfo = self.connection.api(&subject, &(), missing).await?;
        Ok(info.num_pending + info.num_ack_pending as u64)
    }

    async fn delete(&self, stream: &StreamSpec, sequence: u64) -> Result<(), Error> {
        read::delete(&self.connection, stream, sequence).await
    }

    async fn purge(&self, stream: &StreamSpec) -> Result<(), Error> {
        read::purge(&self.connection, stream).await
    }

    async fn ping(&self) -> Result<(), Error> {
        self.connection.ping().await
    }

    async fn close(&self) {
        self.publisher.finish().await;
        self.connection.close().await;
    }
}
