//! Call types in the words of many dispatch centres.

use callbox_classify::{Classifier, Input};

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("data/types.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" | ").expect("category | description"))
}

#[test]
fn every_type_gets_its_category() {
    let classifier = Classifier::builtin();
    let wrong: Vec<String> = cases()
        .filter_map(|(expected, description)| {
            let verdict = classifier.classify(&Input { description, ..Input::default() });
            let got = verdict.category_str();
            (got != expected).then(|| format!("{description}: expected {expected}, got {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
