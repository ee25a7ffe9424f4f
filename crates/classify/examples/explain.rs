//! Explains the verdicts of lines on standard input, each `DESCRIPTION` or, with `--narrative`, a
//! narrative; a line may begin with the expected category and ` | `, and then only wrong ones are shown.
//! With `--json` each line is an object of `id`, `code`, `description` and `narrative`, and so is each answer.

#![allow(clippy::print_stdout, reason = "this program is for reading its output")]

use std::io::BufRead;

use callbox_classify::{Classifier, Input};

fn main() -> std::io::Result<()> {
    if std::env::args().any(|a| a == "--json") {
        return answer_json(&Classifier::builtin());
    }
    let narratives = std::env::args().any(|a| a == "--narrative");
    let classifier = Classifier::builtin();
    let (mut wrong, mut all) = (0, 0);
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (expected, text) = line.split_once(" | ").map_or((None, line.as_str()), |(e, t)| (Some(e), t));
        let input = if narratives {
            Input { narrative: text, ..Input::default() }
        } else {
            Input { description: text, ..Input::default() }
        };
        let (verdict, steps) = classifier.explain(&input);
        all += 1;
        if expected == Some(verdict.category_str()) {
            continue;
        }
        wrong += 1;
        let expected = expected.unwrap_or("?");
        println!("{} {} (expected {expected}): {text}", verdict.category_str(), verdict.action);
        for step in steps {
            println!("    {}: {}", step.code, step.text);
        }
    }
    println!("{wrong} of {all} shown");
    Ok(())
}

/// Answers each object with its category, action, confidence, reasons and the rules that matched.
fn answer_json(classifier: &Classifier) -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let call: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| call[name].as_str().unwrap_or_default();
        let input = Input {
            code: field("code"),
            description: field("description"),
            narrative: field("narrative"),
            ..Input::default()
        };
        let (verdict, steps) = classifier.explain(&input);
        let reasons: Vec<_> = verdict.reasons.iter().map(|reason| reason.as_str()).collect();
        let rules: Vec<_> = steps.iter().filter(|step| step.code == "rule").map(|step| &step.text).collect();
        let answer = serde_json::json!({
            "id": call["id"],
            "category": verdict.category_str(),
            "action": verdict.action.to_string(),
            "confidence": verdict.confidence,
            "reasons": reasons,
            "rules": rules,
        });
        println!("{answer}");
    }
    Ok(())
}
