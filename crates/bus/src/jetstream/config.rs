//! How to reach the broker.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

use crate::Error;
use crate::check::is_subject;

/// How to connect to JetStream, and how to behave there. Its `Debug` form shows no credentials.
#[derive(Clone)]
pub struct JetStreamConfig {
    /// One or several servers of a cluster, separated by commas: `nats://[USER:PASSWORD@]HOST[:PORT]`, or `tls://…`.
    pub url: String,
    /// A credentials file, instead of a user and password in the URL.
    pub credentials: Option<PathBuf>,
    /// What the names of answers begin with, so that no other user may listen to them: `_INBOX_redact`. The default is
    /// `_INBOX`.
    pub inbox_prefix: Option<String>,
    /// The name that the server shows for this connection.
    pub name: String,
    /// How many published messages may be without an answer at once, 1 to 4096. More wait: that is the backpressure.
    pub in_flight_max: usize,
    /// How long a message is sent again and again before its publication fails. Below the streams' duplicate window, so
    /// that no repetition is stored twice.
    pub publish_deadline: Duration,
    /// How many servers of a cluster store each stream, 1 to 5.
    pub replicas: usize,
}

/// Longest time that one message is tried: half the duplicate window of the manifest.
const PUBLISH_DEADLINE_MAX: Duration = Duration::from_mins(1);

impl JetStreamConfig {
    /// The defaults: 256 messages in flight, 30 seconds to publish, one replica.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials: None,
            inbox_prefix: None,
            name: "callbox".to_owned(),
            in_flight_max: 256,
            publish_deadline: Duration::from_secs(30),
            replicas: 1,
        }
    }

    /// The servers, after a check of all settings.
    pub(super) fn servers(&self) -> Result<Vec<ServerAddr>, Error> {
        let refuse = |reason| Err(Error::Settings { reason });
        if !(1..=4096).contains(&self.in_flight_max) {
            return refuse("in_flight_max must be 1 to 4096");
        }
        if self.publish_deadline.is_zero() || self.publish_deadline > PUBLISH_DEADLINE_MAX {
            return refuse("publish_deadline must be above zero and at most a minute");
        }
        if !(1..=5).contains(&self.replicas) {
            return refuse("replicas must be 1 to 5");
        }
        if self.inbox_prefix.as_deref().is_some_and(|prefix| !is_subject(prefix)) {
            return refuse("inbox_prefix must be words of visible ASCII characters, separated by dots");
        }
        let servers: Result<Vec<ServerAddr>, _> = self.url.split(',').map(|one| one.trim().parse()).collect();
        // The parser's own error could repeat a part of the URL, and with it a password.
        servers.or(refuse("the broker's URL must be nats://[USER:PASSWORD@]HOST[:PORT]"))
    }
}

/// The user and the password in the URL of the first server that has them. The library connects without.
pub(super) fn user_and_password(servers: &[ServerAddr]) -> Option<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let server = servers.iter().find(|server| server.has_user_pass())?;
    Some((decode(server.username()?), decode(server.password().unwrap_or_default())))
}

/// The addresses of servers without credentials.
pub(super) fn addresses(servers: &[ServerAddr]) -> String {
    let addresses: Vec<_> =
        servers.iter().map(|server| format!("{}:{}", server.host(), server.port())).collect();
    addresses.join(",")
}

impl fmt::Debug for JetStreamConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.servers().map_or_else(|_| "invalid".to_owned(), |servers| addresses(&servers));
        f.debug_struct("JetStreamConfig")
            .field("url", &servers)
            .field("credentials", &self.credentials.as_ref().map(|_| ".."))
            .field("inbox_prefix", &self.inbox_prefix)
            .field("name", &self.name)
            .field("in_flight_max", &self.in_flight_max)
            .field("publish_deadline", &self.publish_deadline)
            .field("replicas", &self.replicas)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_addresses_without_credentials() {
        let config = JetStreamConfig::new("nats://someone:secret@one.example:4333, two.example");
        let text = format!("{config:?}");
        assert!(text.contains("one.example:4333,two.example:4222"), "{text}");
        assert!(!text.contains("secret") && !text.contains("someone"), "{text}");
    }

    #[test]
    fn finds_the_user_in_the_url() {
        let servers = JetStreamConfig::new("nats://one,nats://us%40er:p%3Ass@two").servers().unwrap();
        assert_eq!(user_and_password(&servers), Some(("us@er".to_owned(), "p:ss".to_owned())));
        let servers = JetStreamConfig::new("nats://one").servers().unwrap();
        assert_eq!(user_and_password(&servers), None);
    }

    #[test]
    fn refuses_what_it_cannot_use() {
        let sound = JetStreamConfig::new("nats://localhost");
        sound.servers().unwrap();
        let wrong = [
            JetStreamConfig { url: "nats://user:secret@host:port".to_owned(), ..sound.clone() },
            JetStreamConfig { url: "http://host".to_owned(), ..sound.clone() },
            JetStreamConfig { in_flight_max: 0, ..sound.clone() },
            JetStreamConfig { publish_deadline: Duration::from_secs(61), ..sound.clone() },
            JetStreamConfig { replicas: 6, ..sound.clone() },
            JetStreamConfig { inbox_prefix: Some("_INBOX.*".to_owned()), ..sound.clone() },
        ];
        for config in wrong {
            match config.servers() {
                Err(error @ Error::Settings { .. }) => assert!(!format!("{error:?}").contains("secret")),
                other => panic!("{config:?}: {:?}", other.map(|servers| servers.len())),
            }
        }
    }
}
