//! Alerts as JSON and as lines for people.

use callbox_proto::alert::v1::Alert;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::{Value, json};

/// The alert in the canonical JSON mapping of Protocol Buffers, defaults included. Made from the schema, so that no
/// field is forgotten.
pub(crate) fn json(alert: &Alert) -> Value {
    static POOL: std::sync::LazyLock<Option<DescriptorPool>> =
        std::sync::LazyLock::new(|| DescriptorPool::decode(callbox_proto::DESCRIPTORS).ok());
    let options = SerializeOptions::new().skip_default_fields(false);
    let message = POOL
        .as_ref()
        .and_then(|pool| pool.get_message_by_name("callbox.alert.v1.Alert"))
        .and_then(|descriptor| DynamicMessage::decode(descriptor, alert.encode_to_vec().as_slice()).ok());
    message
        .and_then(|message| message.serialize_with_options(serde_json::value::Serializer, &options).ok())
        .unwrap_or_else(|| json!({ "id": alert.id }))
}

/// The alert as lines.
pub(crate) fn lines(alert: &Alert) -> String {
    let at = alert.sent_time.and_then(|time| jiff::Timestamp::new(time.seconds, time.nanos).ok());
    let at = at.map_or_else(String::new, |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    format!(
        "{at}  {}\n    {}\n    {} rev {}",
        alert.headline,
        alert.body.replace('\n', "\n    "),
        alert.id,
        alert.revision
    )
}

#[cfg(test)]
mod tests {
    use callbox_proto::alert::v1::{Alert, AlertPlace};

    #[test]
    fn every_field_is_there() {
        let alert = Alert { id: "x".into(), place: Some(AlertPlace::default()), ..Alert::default() };
        let json = super::json(&alert);
        for field in ["id", "revision", "state", "agency", "category", "place", "headline", "body"] {
            assert!(json.get(field).is_some(), "{field}");
        }
    }
}
