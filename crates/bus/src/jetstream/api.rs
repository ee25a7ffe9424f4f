//! JetStream's request interface: JSON over subjects below `$JS.API`.
//!
//! Requests go out through the plain client, because the library's own way logs what comes back.

use std::time::Duration;

use async_nats::client::{Request, RequestErrorKind};
use async_nats::jetstream::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::Connection;
use crate::Error;

/// How long one request may take. Servers answer in milliseconds, or after an election of a few seconds.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// What every request subject begins with.
pub(super) const PREFIX: &str = "$JS.API";

/// What `()` is in JSON.
const NOTHING: &[u8] = b"null";

/// An error that the server answered.
#[derive(Debug, serde::Deserialize, thiserror::Error)]
#[error("error {err_code} ({code}): {description}")]
pub(super) struct Refusal {
    /// As in HTTP.
    pub(super) code: u16,
    /// JetStream's own number.
    #[serde(default)]
    pub(super) err_code: u64,
    #[serde(default)]
    pub(super) description: String,
}

impl Refusal {
    pub(super) fn is(&self, code: ErrorCode) -> bool {
        self.err_code == code.0
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Answer<T> {
    Refused { error: Refusal },
    Given(T),
}

impl Connection {
    /// Makes a request and turns a refusal into an error; `missing` names what it was about.
    pub(super) async fn api<T: DeserializeOwned>(
        &self,
        subject: &str,
        body: &impl Serialize,
        missing: impl FnOnce() -> String,
    ) -> Result<T, Error> {
        match self.ask(subject, body).await? {
            Ok(given) => Ok(given),
            Err(refusal) if is_missing(&refusal) => Err(Error::Missing { what: missing() }),
            Err(refusal) => Err(Error::failed("a JetStream request")(refusal)),
        }
    }

    /// Makes a request; the inner error is the server's refusal.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        subject: &str,
        body: &impl Serialize,
    ) -> Result<Result<T, Refusal>, Error> {
        let mut body = serde_json::to_vec(body).map_err(Error::failed("encode a JetStream request"))?;
        if body == NOTHING {
            // The server wants an empty message there.
            body.clear();
        }
        let request = Request::new().payload(body.into()).timeout(Some(TIMEOUT));
        let sent = self.client().send_request(format!("{PREFIX}.{subject}"), request);
        // The request's own timeout begins once it is handed to the connection, which may be full while it is down.
        let answer = tokio::time::timeout(TIMEOUT * 2, sent)
            .await
            .map_err(|elapsed| self.unavailable(elapsed))?
            .map_err(|error| match error.kind() {
                RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
                    Error::failed("make a JetStream request")(error)
                }
                _ => self.unavailable(error),
            })?;
        match serde_json::from_slice(&answer.payload) {
            Ok(Answer::Given(given)) => Ok(Ok(given)),
            Ok(Answer::Refused { error }) if error.code == 503 => Err(self.unavailable(error)),
            Ok(Answer::Refused { error }) => Ok(Err(error)),
            Err(error) => Err(Error::failed("read a JetStream answer")(error)),
        }
    }
}

fn is_missing(refusal: &Refusal) -> bool {
    [ErrorCode::STREAM_NOT_FOUND, ErrorCode::CONSUMER_NOT_FOUND].into_iter().any(|code| refusal.is(code))
}
