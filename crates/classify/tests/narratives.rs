//! Narratives alone, in many manners.

use callbox_classify::{Classifier, Input};

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("data/narratives.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" | ").expect("category | text"))
}

#[test]
fn every_narrative_gets_its_category() {
    let classifier = Classifier::builtin();
    let wrong: Vec<String> = cases()
        .filter_map(|(expected, narrative)| {
            let verdict = classifier.classify(&Input { narrative, ..Input::default() });
            let got = verdict.category_str();
            (got != expected).then(|| format!("expected {expected}, got {got}: {narrative}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
