//! The engine's answers as the schema's.

use callbox_proto::incident::v1 as pb;

use crate::{Action, Category, Ended, Verdict};

/// The schema's category; unspecified for none.
pub(super) fn category(category: Option<Category>) -> pb::Category {
    match category {
        None => pb::Category::Unspecified,
        Some(Category::Burglary) => pb::Category::Burglary,
        Some(Category::Vehicle) => pb::Category::Vehicle,
        Some(Category::Robbery) => pb::Category::Robbery,
        Some(Category::ShotsFired) => pb::Category::ShotsFired,
        Some(Category::Shooting) => pb::Category::Shooting,
        Some(Category::Stabbing) => pb::Category::Stabbing,
        Some(Category::Hostage) => pb::Category::Hostage,
        Some(Category::Arson) => pb::Category::Arson,
    }
}

/// The schema's action.
pub(super) fn action(action: Action) -> pb::Action {
    match action {
        Action::Suppress => pb::Action::Suppress,
        Action::Hold => pb::Action::Hold,
        Action::Publish => pb::Action::Publish,
    }
}

/// The schema's ending. What does not matter to an alert stays unspecified.
pub(super) fn ended(ended: Option<Ended>) -> pb::Ended {
    match ended {
        Some(Ended::Unfounded) => pb::Ended::Unfounded,
        Some(Ended::Cancelled) => pb::Ended::Cancelled,
        Some(Ended::Duplicate) => pb::Ended::Duplicate,
        Some(Ended::Test) => pb::Ended::Test,
        Some(Ended::GoneOnArrival) => pb::Ended::GoneOnArrival,
        Some(_) | None => pb::Ended::Unspecified,
    }
}

/// The reason codes.
pub(super) fn reasons(verdict: &Verdict) -> Vec<String> {
    verdict.reasons.iter().map(|reason| reason.as_str().to_string()).collect()
}
