//! Laws that hold for every call.

#![allow(clippy::unwrap_used, reason = "a helper of tests")]

use callbox_classify::{Action, AgencyMap, Classifier, Input, Verdict};
use proptest::prelude::*;

/// Words that mean something to the lexicon, words that do not, and words that turn others around.
const WORDS: &str = "shots fired shooting shot person man victim burglary alarm robbery holdup carjacking \
    stabbing cutting hostage arson fire set theft of from vehicle auto stolen recovered residence report \
    in progress no not without possible attempted threat toy gun knife weapon took purse window broke \
    door kicked entered house unknown suspect fled test drill report only cold past previous false \
    animal fireworks training warrant accidental suicide domestic school child the a to at leave let \
    heard ip jo b e gsw uumv report traffic noise xyzzy qwv smith 12 459 nobody hit he his him fell";

/// One marker for each never-publish class, as a call taker might add it.
const MARKERS: [&str; 16] = [
    "sexual assault",
    "rape",
    "domestic",
    "DV",
    "juvenile",
    "child",
    "suicidal",
    "mental health crisis",
    "overdose",
    "chest pain",
    "welfare check",
    "missing person",
    "stalking",
    "hate crime",
    "officer down",
    "training drill",
];

const MAP: &str = "agency = \"mapped\"\nfamilies = [\"california\", \"apco\"]\n\
    [codes]\n\"A1\" = \"robbery\"\n\"A2\" = \"none\"\n\"A3\" = \"hold\"\n[descriptions]\n\"SHOTS FIRED\" = \"shots_fired\"\n";

/// A call that owns its text.
#[derive(Clone, Debug)]
struct Call {
    agency: Option<&'static str>,
    /// Code, description, initial code, initial description, disposition, status, narrative.
    fields: [String; 7],
}

impl Call {
    fn classify(&self, classifier: &Classifier) -> Verdict {
        let [code, description, initial_code, initial_description, disposition, status, narrative] =
            &self.fields;
        classifier.classify(&Input {
            agency: self.agency,
            code,
            description,
            initial_code,
            initial_description,
            disposition,
            status,
            narrative,
        })
    }
}

fn text(words: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let known: Vec<&str> = WORDS.split_whitespace().collect();
    prop::collection::vec(prop::sample::select(known), words).prop_map(|words| words.join(" "))
}

fn call() -> impl Strategy<Value = Call> {
    let code = || prop::sample::select(vec!["", "A1", "A2", "A3", "459", "SHOOT", "FARSON", "BURG", "X9"]);
    let outcome = prop::sample::select(vec!["", "unfounded", "GOA", "report taken", "dup", "closed"]);
    let agency = prop::sample::select(vec![None, Some("mapped"), Some("unmapped")]);
    (agency, code(), text(0..7), code(), text(0..4), outcome, text(0..14)).prop_map(
        |(agency, code, description, initial_code, initial, disposition, narrative)| Call {
            agency,
            fields: [
                code.to_owned(),
                description,
                initial_code.to_owned(),
                initial,
                disposition.to_owned(),
                String::new(),
                narrative,
            ],
        },
    )
}

fn classifier() -> Classifier {
    let map = AgencyMap::parse("mapped.toml", MAP).unwrap();
    Classifier::with_maps([map]).unwrap()
}

/// Puts words between two words of a text.
fn insert(text: &str, at: usize, marker: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    words.insert(at % (words.len() + 1), marker);
    words.join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_sensitive_marker_never_raises_the_action(
        call in call(),
        field in prop::sample::select(vec![1, 3, 4, 5, 6]),
        at in 0_usize..20,
        marker in prop::sample::select(MARKERS.to_vec()),
    ) {
        let classifier = classifier();
        let before = call.classify(&classifier);
        let mut marked = call.clone();
        marked.fields[field] = insert(&call.fields[field], at, marker);
        let after = marked.classify(&classifier);
        prop_assert!(after.action <= before.action, "{:?} became {:?}", before, after);
    }

    #[test]
    fn removing_a_field_never_turns_none_into_publish(call in call(), gone in prop::collection::vec(0_usize..7, 1..4)) {
        let classifier = classifier();
        let before = call.classify(&classifier);
        let mut less = call.clone();
        for field in gone {
            less.fields[field].clear();
        }
        let after = less.classify(&classifier);
        prop_assert!(
            before.category.is_some() || after.action < Action::Publish,
            "{:?} became {:?}", before, after
        );
    }

    #[test]
    fn case_spacing_and_punctuation_change_nothing(
        call in call(),
        separators in prop::collection::vec(prop::sample::select(vec![" ", "  ", " - ", ", ", "/", ". ", "\u{2010}", " (", "\t"]), 24),
        upper in any::<bool>(),
    ) {
        let classifier = classifier();
        let mut other = call.clone();
        for field in [1, 3, 4, 6] {
            let words = call.fields[field].split_whitespace();
            let mut text = String::new();
            for (word, separator) in words.zip(separators.iter().cycle()) {
                text.push_str(&if upper { word.to_uppercase() } else { word.to_owned() });
                text.push_str(separator);
            }
            other.fields[field] = text;
        }
        prop_assert_eq!(call.classify(&classifier), other.classify(&classifier));
    }

    #[test]
    fn any_text_at_all_is_classified(description in ".{0,60}", narrative in ".{0,200}") {
        let classifier = classifier();
        let verdict = classifier.classify(&Input { description: &description, narrative: &narrative, ..Input::default() });
        prop_assert!((0.0..=1.0).contains(&verdict.confidence));
    }
}
