//! The never-publish classes: each is found in its test set, and nothing rescues a call from them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use callbox_classify::{Action, AgencyMap, Classifier, Ended, Input, Reason, Sensitive};

fn cases() -> impl Iterator<Item = (Sensitive, bool, &'static str)> {
    include_str!("data/sensitive.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|line| {
        let mut parts = line.splitn(3, " | ");
        let mut next = || parts.next().expect("class | field | text");
        let class = next();
        let class = Sensitive::ALL.into_iter().find(|c| c.as_str() == class).expect("a class");
        (class, next() == "t", next())
    })
}

#[test]
fn every_class_is_found_and_suppressed() {
    let classifier = Classifier::builtin();
    let mut wrong = Vec::new();
    for (class, is_type, text) in cases() {
        let input = if is_type {
            Input { description: text, ..Input::default() }
        } else {
            Input { description: "ROBBERY", narrative: text, ..Input::default() }
        };
        let verdict = classifier.classify(&input);
        if verdict.action != Action::Suppress || !verdict.reasons.contains(&Reason::Sensitive(class)) {
            wrong.push(format!("{} {text}: {} {:?}", class.as_str(), verdict.action, verdict.reasons));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for class in Sensitive::ALL {
        assert!(cases().filter(|(found, ..)| *found == class).count() >= 3, "{}", class.as_str());
    }
}

#[test]
fn no_map_overrides_a_sensitive_word() {
    let text = "agency = \"a\"\n[descriptions]\n\"FAMILY FIGHT - SHOTS FIRED\" = \"shots_fired\"\n[codes]\nQ = \"robbery\"\n";
    let classifier = Classifier::with_maps([AgencyMap::parse("a.toml", text).unwrap()]).unwrap();
    let call = Input { agency: Some("a"), description: "FAMILY FIGHT - SHOTS FIRED", ..Input::default() };
    let verdict = classifier.classify(&call);
    assert_eq!((verdict.category_str(), verdict.action), ("shots_fired", Action::Suppress));
    for narrative in ["her husband did it", "suicidal male", "test call"] {
        let call = Input { agency: Some("a"), code: "Q", narrative, ..Input::default() };
        assert_eq!(classifier.classify(&call).action, Action::Suppress, "{narrative}");
    }
}

#[test]
fn every_field_is_read() {
    let classifier = Classifier::builtin();
    let robbery = Input { description: "ROBBERY", ..Input::default() };
    assert_eq!(classifier.classify(&robbery).action, Action::Publish);
    let marked = [
        Input { initial_description: "WELFARE CHECK", ..robbery },
        Input { narrative: "victim is suicidal", ..robbery },
        Input { disposition: "mental health referral", ..robbery },
        Input { status: "training", ..robbery },
        Input { code: "DVA", ..robbery },
    ];
    for call in marked {
        let verdict = classifier.classify(&call);
        assert_eq!((verdict.category_str(), verdict.action), ("robbery", Action::Suppress));
    }
}

#[test]
fn harmless_settings_of_sensitive_words_do_not_suppress() {
    let classifier = Classifier::builtin();
    for narrative in [
        "CAR STOLEN, NO KIDS INSIDE",
        "SUSP ROBBED CLERK AT GUNPOINT, MEDIC STAGED, MINOR INJURIES",
        "Robbed at gunpoint near the high school by two men.",
    ] {
        let verdict = classifier.classify(&Input { narrative, ..Input::default() });
        assert_eq!(verdict.action, Action::Publish, "{narrative}: {:?}", verdict.reasons);
    }
}

#[test]
fn dispositions_and_statuses_decide_the_action() {
    let classifier = Classifier::builtin();
    let ended = |disposition, status| {
        let verdict = classifier.classify(&Input {
            description: "SHOTS FIRED",
            disposition,
            status,
            ..Input::default()
        });
        assert_eq!(verdict.category_str(), "shots_fired", "the call reported it, whatever came of it");
        (verdict.ended, verdict.action)
    };
    for text in ["UNFOUNDED", "UNF", "Unfounded - no report", "NO MERIT", "FALSE ALARM", "Not bona fide"] {
        assert_eq!(ended(text, ""), (Some(Ended::Unfounded), Action::Suppress), "{text}");
    }
    for text in ["CANCELLED", "Canceled by caller", "CXL", "CNL", "Unit Cancelled enroute"] {
        assert_eq!(ended(text, ""), (Some(Ended::Cancelled), Action::Suppress), "{text}");
    }
    for text in ["DUPLICATE", "DUP CALL", "Previously handled"] {
        assert_eq!(ended(text, ""), (Some(Ended::Duplicate), Action::Suppress), "{text}");
    }
    for text in ["GOA", "Gone on Arrival", "GONE UPON ARRIVAL"] {
        assert_eq!(ended(text, ""), (Some(Ended::GoneOnArrival), Action::Hold), "{text}");
    }
    for text in ["UTL", "Unable to Locate Complainant", "NO ONE FOUND"] {
        assert_eq!(ended(text, ""), (Some(Ended::UnableToLocate), Action::Hold), "{text}");
    }
    for text in ["AQT", "ALL OK", "Area quiet", "Premises appear secure"] {
        assert_eq!(ended(text, ""), (Some(Ended::AllQuiet), Action::Hold), "{text}");
    }
    assert_eq!(ended("", "Cancelled"), (Some(Ended::Cancelled), Action::Suppress));
    for text in ["REPORT TAKEN", "ARREST", "HANDLED", "ND", "Closed", ""] {
        assert_eq!(ended(text, "Active"), (None, Action::Publish), "{text}");
    }
}

#[test]
fn an_agency_says_what_its_dispositions_mean() {
    let text = "agency = \"a\"\n[dispositions]\n\"7\" = \"unfounded\"\n\"UNF\" = \"none\"\n";
    let classifier = Classifier::with_maps([AgencyMap::parse("a.toml", text).unwrap()]).unwrap();
    let ended = |disposition| {
        let call = Input { agency: Some("a"), description: "ROBBERY", disposition, ..Input::default() };
        classifier.classify(&call).ended
    };
    assert_eq!(ended("7"), Some(Ended::Unfounded));
    assert_eq!(ended("unf"), None);
    assert_eq!(ended("GOA"), Some(Ended::GoneOnArrival));
}
