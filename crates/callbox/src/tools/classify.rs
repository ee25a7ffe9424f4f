//! `callbox classify`.

use std::path::PathBuf;

use anyhow::Result;
use callbox_classify::{Classifier, Input};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{jsonl, map};

/// A line of input.
#[derive(Deserialize)]
struct Line {
    id: Value,
    #[serde(default)]
    agency: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    initial_code: Option<String>,
    #[serde(default)]
    initial_description: Option<String>,
    #[serde(default)]
    narrative: Option<String>,
    #[serde(default)]
    disposition: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

/// Classifies standard input line by line. Returns how many lines failed.
///
/// # Errors
/// If a map cannot be used, or standard input or output fails.
pub(crate) fn classify(maps: &[PathBuf], explain: bool) -> Result<u64> {
    let classifier = Classifier::with_maps(map::load_all(maps)?)?;
    let failed = jsonl::each_line(
        r#"{"id":…,"code"?:"…","description"?:"…","narrative"?:"…"}"#,
        |line: Line| {
            let input = Input {
                agency: line.agency.as_deref().filter(|agency| !agency.is_empty()),
                code: line.code.as_deref().unwrap_or_default(),
                description: line.description.as_deref().unwrap_or_default(),
                initial_code: line.initial_code.as_deref().unwrap_or_default(),
                initial_description: line.initial_description.as_deref().unwrap_or_default(),
                disposition: line.disposition.as_deref().unwrap_or_default(),
                status: line.status.as_deref().unwrap_or_default(),
                narrative: line.narrative.as_deref().unwrap_or_default(),
            };
            let (verdict, steps) = classifier.explain(&input);
            let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.as_str()).collect();
            let mut answer = json!({
                "id": line.id,
                "category": verdict.category_str(),
                "action": verdict.action.as_str(),
                // Two digits: more would pretend to a precision that the rules do not have.
                "confidence": (f64::from(verdict.confidence) * 100.0).round() / 100.0,
                "reasons": reasons,
            });
            if explain {
                answer["steps"] = steps.into_iter().map(|step| step.text).collect();
            }
            Ok(answer)
        },
    )?;
    Ok(failed)
}
