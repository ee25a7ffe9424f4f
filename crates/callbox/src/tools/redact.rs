//! `callbox redact`.

use anyhow::Result;
use callbox_redact::{Engine, Known, Mode, code_point_offsets};
use serde::Deserialize;
use serde_json::{Value, json};

use super::jsonl;
use crate::Usage;

/// A line of input.
#[derive(Deserialize)]
struct Line {
    id: Value,
    text: String,
    #[serde(default)]
    known: Value,
}

/// Redacts standard input line by line. Returns how many lines failed.
///
/// # Errors
/// If `known` is not JSON, or standard input or output fails.
pub(crate) fn redact(mode: Mode, known: Option<&str>) -> Result<u64> {
    let everywhere: Value = match known {
        Some(json) => {
            serde_json::from_str(json).map_err(|_| Usage("--known: expected a JSON object or list".into()))?
        }
        None => Value::Null,
    };
    let everywhere = pairs(&everywhere).map_err(|problem| Usage(format!("--known: {problem}")))?;
    let engine = Engine::builtin();
    let failed = jsonl::each_line(r#"{"id":…,"text":"…"}"#, |line: Line| {
        let mut values = pairs(&line.known)?;
        values.extend(everywhere.iter().cloned());
        let known = Known::from_pairs(values.iter().map(|(kind, value)| (kind.as_str(), value.as_str())));
        let redaction = engine.redact(&line.text, &known, mode);
        let offsets = code_point_offsets(&line.text, &redaction.spans);
        let spans: Vec<Value> = redaction
            .spans
            .iter()
            .zip(offsets)
            .map(|(span, (start, end))| json!({ "start": start, "end": end, "type": span.kind.as_str() }))
            .collect();
        Ok(json!({ "id": line.id, "redacted": redaction.text, "spans": spans }))
    })?;
    Ok(failed)
}

/// Known values as kind and value. An object's keys are the kinds; a list's values are of no special kind.
fn pairs(value: &Value) -> Result<Vec<(String, String)>, String> {
    let error = || "known: expected an object or list of texts".to_owned();
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![("other".into(), text.clone())]),
        Value::Array(values) => values
            .iter()
            .map(|value| Ok(("other".to_owned(), value.as_str().ok_or_else(error)?.to_owned())))
            .collect(),
        Value::Object(fields) => {
            let mut pairs = Vec::new();
            for (kind, value) in fields {
                match value {
                    Value::String(text) => pairs.push((kind.clone(), text.clone())),
                    Value::Array(values) => {
                        for value in values {
                            pairs.push((kind.clone(), value.as_str().ok_or_else(error)?.to_owned()));
                        }
                    }
                    Value::Null => {}
                    _ => return Err(error()),
                }
            }
            Ok(pairs)
        }
        _ => Err(error()),
    }
}

#[cfg(test)]
mod tests {
    use super::pairs;
    use serde_json::json;

    #[test]
    fn known_values_come_in_several_forms() {
        assert_eq!(pairs(&json!({"name": "A", "phone": ["1", "2"], "x": null})).unwrap().len(), 3);
        assert_eq!(pairs(&json!(["A", "B"])).unwrap().len(), 2);
        assert!(pairs(&json!(7)).is_err());
        assert!(pairs(&json!({"name": 7})).is_err());
    }
}
