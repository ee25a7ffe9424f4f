//! The one place where errors become gRPC statuses. Each carries an `ErrorInfo` (AIP-193) whose reason machines can
//! branch on; no message repeats a value.

use callbox_proto::domain::Invalid;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::store;
use crate::watch::Gone;

/// The domain of the reasons below.
const DOMAIN: &str = "callbox.org";

fn with_reason(code: Code, message: impl Into<String>, reason: &str, field: Option<&str>) -> Status {
    let metadata = field.map(|field| ("field".to_owned(), field.to_owned()));
    let details = ErrorDetails::with_error_info(
        reason,
        DOMAIN,
        metadata.into_iter().collect::<std::collections::HashMap<_, _>>(),
    );
    Status::with_error_details(code, message, details)
}

/// A field of the request is malformed.
pub(crate) fn invalid(invalid: &Invalid) -> Status {
    with_reason(Code::InvalidArgument, invalid.to_string(), "INVALID_FIELD", Some(invalid.field))
}

/// There is no such alert or subscription.
pub(crate) fn not_found(what: &'static str) -> Status {
    let reason = if what == "alert" { "ALERT_NOT_FOUND" } else { "SUBSCRIPTION_NOT_FOUND" };
    with_reason(Code::NotFound, format!("{what} not found"), reason, None)
}

/// A watch cannot go on at its cursor.
pub(crate) fn gone(gone: &Gone) -> Status {
    let (code, reason) = match gone {
        Gone::TooOld => (Code::OutOfRange, "RESUME_TOKEN_TOO_OLD"),
        Gone::Ahead => (Code::OutOfRange, "RESUME_TOKEN_AHEAD"),
        Gone::Bus(_) => (Code::Unavailable, "BROKER_UNAVAILABLE"),
    };
    with_reason(code, gone.to_string(), reason, None)
}

/// The process ends; the watch can go on elsewhere.
pub(crate) fn draining() -> Status {
    with_reason(Code::Unavailable, "the server is draining; go on with the resume token", "DRAINING", None)
}

/// The store failed. What it said is for the log, not for the client.
pub(crate) fn store(error: &store::Error) -> Status {
    if error.is_transient() {
        return with_reason(Code::Unavailable, "the store does not answer", "STORE_UNAVAILABLE", None);
    }
    tracing::error!(error = error as &dyn std::error::Error, "a request failed in the store");
    with_reason(Code::Internal, "the store failed", "STORE_FAILED", None)
}

/// What was stored cannot be read.
pub(crate) fn corrupt(table: &'static str) -> Status {
    tracing::error!(table, "a stored message cannot be read");
    with_reason(Code::Internal, "the store failed", "STORE_FAILED", None)
}
