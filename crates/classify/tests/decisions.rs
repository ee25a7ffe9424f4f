//! How the layers work together.

#![allow(clippy::unwrap_used, reason = "a helper of tests")]

use callbox_classify::{Action, AgencyMap, Category, Classifier, Input, Reason, Verdict};

fn classify(input: &Input<'_>) -> Verdict {
    Classifier::builtin().classify(input)
}

fn with_map(text: &str) -> Classifier {
    Classifier::with_maps([AgencyMap::parse("a.toml", text).unwrap()]).unwrap()
}

#[test]
fn the_final_type_stands_and_the_initial_one_is_remembered() {
    let verdict =
        classify(&Input { description: "SHOOTING", initial_description: "SHOTS FIRED", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Shooting), Action::Publish));
    assert!(verdict.reasons.contains(&Reason::Retyped));
    let verdict = classify(&Input {
        description: "NOISE COMPLAINT",
        initial_description: "SHOTS FIRED",
        ..Input::default()
    });
    assert_eq!((verdict.category, verdict.action), (None, Action::Suppress));
}

#[test]
fn an_initial_type_alone_is_held() {
    let verdict = classify(&Input { initial_description: "ROBBERY", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Robbery), Action::Hold));
}

#[test]
fn a_report_after_the_fact_keeps_its_category_and_is_not_published() {
    for description in
        ["BURGLARY REPORT", "ROBBERY COLD", "STOLEN VEHICLE OCCURRED EARLIER", "BURGLARY - PAST"]
    {
        let verdict = classify(&Input { description, ..Input::default() });
        assert!(verdict.category.is_some(), "{description}");
        assert_eq!(verdict.action, Action::Suppress, "{description}");
        assert!(verdict.reasons.contains(&Reason::Cold), "{description}");
    }
    for description in ["REPORT OF SHOTS FIRED", "BURGLARY IN PROGRESS", "ROBBERY JUST OCCURRED"] {
        assert_eq!(
            classify(&Input { description, ..Input::default() }).action,
            Action::Publish,
            "{description}"
        );
    }
}

#[test]
fn what_is_unknown_is_held_and_what_is_surely_other_is_not() {
    for description in ["KIDNAPPING", "BARRICADED SUBJECT", "HOMICIDE", "XQ PLOVER", "FORCED ENTRY", ""] {
        let verdict = classify(&Input { description, ..Input::default() });
        assert_eq!((verdict.category, verdict.action), (None, Action::Hold), "{description}");
    }
    for description in ["NOISE COMPLAINT", "PARKING", "BURGLARY ALARM", "FIREWORKS", "SHOPLIFTING"] {
        let verdict = classify(&Input { description, ..Input::default() });
        assert_eq!((verdict.category, verdict.action), (None, Action::Suppress), "{description}");
    }
}

#[test]
fn what_was_read_by_likeness_is_held() {
    let verdict = classify(&Input { description: "BURGLARLY", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Burglary), Action::Hold));
    assert!(verdict.reasons.contains(&Reason::Likeness));
}

#[test]
fn a_narrative_can_name_the_crime_deny_it_or_disagree() {
    let narrative = "MALE SHOT IN THE LEG";
    let alone = classify(&Input { narrative, ..Input::default() });
    assert_eq!((alone.category, alone.action), (Some(Category::Shooting), Action::Publish));
    let other_type = classify(&Input { description: "DISTURBANCE", narrative, ..Input::default() });
    assert_eq!((other_type.category, other_type.action), (Some(Category::Shooting), Action::Hold));
    let denied = classify(&Input {
        description: "SHOTS FIRED",
        narrative: "Officers determined it was fireworks, no shots.",
        ..Input::default()
    });
    assert_eq!((denied.category, denied.action), (Some(Category::ShotsFired), Action::Hold));
    let harmless = classify(&Input { description: "ROBBERY", narrative: "No injuries.", ..Input::default() });
    assert_eq!(harmless.action, Action::Publish);
}

#[test]
fn code_families_speak_only_where_they_are_declared() {
    let call = Input { agency: Some("a"), code: "459", ..Input::default() };
    assert_eq!(classify(&call).category, None);
    let declared = with_map("agency = \"a\"\nfamilies = [\"california\"]\n");
    let verdict = declared.classify(&call);
    assert_eq!((verdict.category, verdict.action), (Some(Category::Burglary), Action::Publish));
    assert_eq!(declared.classify(&Input { agency: Some("b"), ..call }).category, None);
}

#[test]
fn apco_codes_are_built_in() {
    let verdict = classify(&Input { code: "shoot", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Shooting), Action::Publish));
    assert_eq!(verdict.reasons[0].as_str(), "apco:SHOOT");
    let verdict = classify(&Input { code: "DVA", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (None, Action::Suppress));
    let torn = classify(&Input { code: "ROBBERY", description: "ALARM, HOLD-UP", ..Input::default() });
    assert_eq!((torn.category, torn.action), (Some(Category::Robbery), Action::Suppress));
}

#[test]
fn a_code_that_is_a_word_is_read_and_held() {
    let verdict = classify(&Input { code: "BURGRES", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Burglary), Action::Hold));
    let verdict = classify(&Input { code: "19 - Shooting", ..Input::default() });
    assert_eq!((verdict.category, verdict.action), (Some(Category::Shooting), Action::Publish));
}

#[test]
fn the_map_decides_the_category() {
    let map = "agency = \"a\"\n[codes]\nENT = \"burglary\"\nBX = \"none\"\nKD = \"hold\"\n";
    let classifier = with_map(map);
    let classify = |code, description| {
        let verdict =
            classifier.classify(&Input { agency: Some("a"), code, description, ..Input::default() });
        (verdict.category, verdict.action)
    };
    assert_eq!(classify("ent", "ENTRY"), (Some(Category::Burglary), Action::Publish));
    assert_eq!(classify("BX", "BURGLARY"), (None, Action::Suppress));
    assert_eq!(classify("KD", "ROBBERY"), (None, Action::Hold));
    assert_eq!(classify("", "ROBBERY"), (Some(Category::Robbery), Action::Hold));
    assert_eq!(classify("ZZ", "ROBBERY"), (Some(Category::Robbery), Action::Publish));
}

#[test]
fn two_maps_for_one_agency_are_refused() {
    let map = || AgencyMap::parse("a.toml", "agency = \"a\"\n").unwrap();
    assert!(Classifier::with_maps([map(), map()]).is_err());
}

#[test]
fn explanations_quote_the_lexicon_and_never_the_call() {
    let input = Input {
        description: "SHOTS FIRED QUAGMIRETON",
        narrative: "ZEBEDEE QUAGMIRETON heard gunshots, [PHONE]",
        ..Input::default()
    };
    let (verdict, steps) = Classifier::builtin().explain(&input);
    assert_eq!(verdict, classify(&input));
    assert!(steps.iter().any(|step| step.code == "rule" && step.text.contains("types.rules")));
    assert!(steps.iter().any(|step| step.code == "lexicon:shots_fired"));
    assert!(steps.iter().all(|step| !step.text.to_lowercase().contains("quagmireton")));
}

/// Dispatchers write race and sex with a slash: a description of a person is no relation to anybody.
#[test]
fn a_description_of_a_person_is_no_boyfriend() {
    for narrative in ["SUSP B/F/30S TOOK PURSE AT GUNPOINT", "SUSP B/F BLK HOODIE TOOK PURSE AT GUNPOINT"] {
        let verdict = classify(&Input { description: "ROBBERY", narrative, ..Input::default() });
        assert_eq!(
            (verdict.category, verdict.action),
            (Some(Category::Robbery), Action::Publish),
            "{narrative}"
        );
    }
    let narrative = "HER BF TOOK HER PURSE AT GUNPOINT";
    let verdict = classify(&Input { description: "ROBBERY", narrative, ..Input::default() });
    assert_eq!(verdict.action, Action::Suppress);
}

#[test]
fn words_against_the_rules_are_held_and_explained() {
    let classifier = Classifier::builtin();
    let cases = [
        // No rule knows it.
        (
            "burglary",
            "Staff arriving to open the bakery saw glass across the floor near the back door and the cash drawer lying empty.",
        ),
        // A rule takes it for a crime.
        (
            "none",
            "A driver hit a parked car at the store, broke its window and left; the owner found the glass inside.",
        ),
    ];
    for (expected, narrative) in cases {
        let (verdict, steps) = classifier.explain(&Input { narrative, ..Input::default() });
        assert_eq!((verdict.category_str(), verdict.action), (expected, Action::Hold), "{narrative}");
        assert!(verdict.reasons.contains(&Reason::Evidence), "{narrative}: {:?}", verdict.reasons);
        assert!(steps.iter().any(|step| step.text.contains("evidence.txt")), "{narrative}");
    }
    // A type that is known leaves the words nothing to say.
    let typed = classifier.classify(&Input {
        description: "NOISE COMPLAINT",
        narrative: cases[0].1,
        ..Input::default()
    });
    assert!(!typed.reasons.contains(&Reason::Evidence));
}
