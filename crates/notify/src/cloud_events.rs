//! The headers of a message on the `ALERTS` stream: CloudEvents 1.0 in binary mode (NATS protocol binding, section
//! 3.1: attributes as headers with the prefix `ce-`).

use callbox_bus::Headers;
use callbox_proto::domain::{AlertId, Category};

use crate::domain::state::Categories;
use crate::store::OutboxRow;

/// The event's type.
const TYPE: &str = "org.callbox.alert.v1";
/// The message id, as both back ends give it back.
const MESSAGE_ID: &str = "Nats-Msg-Id";
/// An extension attribute: every category that the alert has or had, so that who was told of one of them is told what
/// becomes of the alert (invariant I7).
const CATEGORIES: &str = "ce-categories";

/// The id of one revision, as message id and as event id: every delivery carries the same.
pub(crate) fn id(alert: AlertId, revision: u32) -> String {
    format!("{alert}.{revision}")
}

/// The headers of a revision. They carry no trace context: an alert is public.
pub(crate) fn headers(row: &OutboxRow) -> Headers {
    let time =
        jiff::Timestamp::from_microsecond(row.sent_time.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let categories: Vec<&str> = row.categories.iter().map(Category::as_str).collect();
    [
        ("content-type", "application/protobuf".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-type", TYPE.to_owned()),
        ("ce-source", format!("/agencies/{}", row.agency)),
        ("ce-id", id(row.alert, row.revision)),
        ("ce-time", time.to_string()),
        (CATEGORIES, categories.join(",")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Which revision of which alert a message is.
pub(crate) fn revision_of(headers: &Headers) -> Option<(AlertId, u32)> {
    let (alert, revision) = find(headers, MESSAGE_ID)?.rsplit_once('.')?;
    Some((alert.parse().ok()?, revision.parse().ok()?))
}

/// Every category that the alert of a message has or had; empty where the header is missing.
pub(crate) fn categories_of(headers: &Headers) -> Categories {
    let names = find(headers, CATEGORIES).unwrap_or_default();
    names.split(',').filter_map(|name| name.parse::<Category>().ok()).collect()
}

fn find<'a>(headers: &'a Headers, sought: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(sought)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::{categories_of, headers, id, revision_of};
    use crate::domain::fixtures::at;
    use crate::domain::state::Categories;
    use crate::store::OutboxRow;
    use callbox_proto::domain::{AlertId, Category};

    #[test]
    fn what_goes_out_is_recognised() {
        let row = OutboxRow {
            id: 7,
            alert: AlertId::random(),
            revision: 3,
            agency: "springfield".parse().unwrap(),
            categories: [Category::Robbery, Category::Arson].into_iter().collect(),
            accepted_time: at(1),
            sent_time: at(1_772_659_200),
            message: bytes::Bytes::new(),
        };
        let mut headers = headers(&row);
        assert!(headers.contains(&("ce-time".to_owned(), "2026-03-04T21:20:00Z".to_owned())));
        assert!(headers.contains(&("ce-source".to_owned(), "/agencies/springfield".to_owned())));
        assert_eq!(categories_of(&headers), row.categories);
        assert_eq!(revision_of(&headers), None);
        headers.push(("Nats-Msg-Id".to_owned(), id(row.alert, row.revision)));
        assert_eq!(revision_of(&headers), Some((row.alert, 3)));
        assert_eq!(categories_of(&Vec::new()), Categories::default());
    }
}
