//! The one place where errors become gRPC statuses and refusals. Each status carries an `ErrorInfo` (AIP-193) whose
//! reason machines can branch on; no message repeats a value.

use std::collections::HashMap;

use callbox_proto_raw::ingest::v1::{Refusal, RefusalReason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::accept::SubmitError;

/// The domain of the reasons below.
const DOMAIN: &str = "callbox.org";

/// The status of a call that was not accepted.
pub(super) fn of(error: &SubmitError) -> Status {
    let (code, reason) = match error {
        SubmitError::Invalid(_) => (Code::InvalidArgument, "INVALID_FIELD"),
        SubmitError::UnknownAgency => (Code::NotFound, "UNKNOWN_AGENCY"),
        SubmitError::QueueFull => (Code::ResourceExhausted, "QUEUE_FULL"),
        SubmitError::Unavailable => (Code::Unavailable, "BROKER_UNAVAILABLE"),
    };
    let metadata: HashMap<_, _> =
        field(error).map(|field| ("field".to_owned(), field.to_owned())).into_iter().collect();
    Status::with_error_details(
        code,
        error.to_string(),
        ErrorDetails::with_error_info(reason, DOMAIN, metadata),
    )
}

/// The refusal of an item that was not accepted.
pub(super) fn refusal(error: &SubmitError) -> Refusal {
    let reason = match error {
        SubmitError::Invalid(_) => RefusalReason::Invalid,
        SubmitError::UnknownAgency => RefusalReason::UnknownAgency,
        // A stream waits for room in the queue; if it ever is full, the item can be sent again like an unavailable one.
        SubmitError::QueueFull | SubmitError::Unavailable => RefusalReason::Unavailable,
    };
    let message = match error {
        SubmitError::Invalid(invalid) => invalid.problem.to_owned(),
        other => other.to_string(),
    };
    Refusal { reason: reason.into(), field: field(error).unwrap_or_default().to_owned(), message }
}

fn field(error: &SubmitError) -> Option<&'static str> {
    match error {
        SubmitError::Invalid(invalid) => Some(invalid.field),
        _ => None,
    }
}
