//! What must hold for any text: bounds, idempotence, no panic, linear time.

use std::time::Instant;

use callbox_redact::{Engine, Known, Mode, Scratch, SpanType, code_point_offsets};
use proptest::prelude::*;

/// Pieces that make the detectors work: cues, names, numbers, signs and placeholders in any order.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "RP",
        "SUSP",
        "DANA",
        "WHITLOCK",
        "O'DEA",
        "ST",
        "DR.",
        "AVE",
        "N",
        "APT",
        "#",
        "/",
        "&",
        ",",
        ".",
        ":",
        "-",
        "(",
        ")",
        "\"",
        "'",
        "@",
        "+",
        "*",
        "DOB",
        "OLN",
        "LIC",
        "VIN",
        "SSN",
        "CB",
        "CODE",
        "CASE",
        "YO",
        "W/M",
        "1418",
        "555",
        "0137",
        "7",
        "04/11/1988",
        "10:42:17",
        "[NAME]",
        "[PHONE]",
        "[OFC 12]",
        "MAY",
        "WILL",
        "GRANT",
        "HX",
        "CHF",
        "TAKES",
        "ON",
        "AT",
        "AND",
        "THE",
        "UNIT",
        "OFC",
        "ENRT",
        "BLK",
        "FORD",
        "F150",
        "KVR",
        "BOX",
        "PO",
        "RR",
        "MM",
        "I",
        "A",
        "\n",
        "  ",
        "33.7491",
        "-84.3902",
        "34°03'15\"N",
        "a@b.example",
        "https://x.example/y",
        "10.0.0.1",
        "::1",
        "JOSÉ",
        "Ж",
        "😀",
        "ß",
        "\u{200B}",
        "\u{A0}",
        "\u{2010}",
        "１２",
    ]);
    prop_oneof![
        8 => fixed.prop_map(str::to_owned),
        1 => "[A-Za-z]{1,12}",
        1 => "[0-9]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let glue = prop::sample::select(vec![" ", "", " ", " ", "\n", ", "]);
    prop::collection::vec((piece(), glue), 0..40)
        .prop_map(|parts| parts.into_iter().map(|(piece, glue)| piece + glue).collect())
}

fn modes() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Balanced, Mode::Strict])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_are_ordered_and_on_characters(text in text(), mode in modes()) {
        let engine = Engine::builtin();
        let mut scratch = Scratch::default();
        let spans = engine.spans(&text, &Known::none(), mode, &mut scratch).to_vec();
        let mut end = 0;
        for span in &spans {
            prop_assert!(span.start >= end && span.start < span.end && span.end <= text.len());
            prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
            prop_assert!((0.0..=1.0).contains(&span.confidence));
            end = span.end;
        }
        let points = code_point_offsets(&text, &spans);
        let chars: Vec<char> = text.chars().collect();
        for (span, (from, to)) in spans.iter().zip(points) {
            prop_assert_eq!(chars[from..to].iter().collect::<String>(), &text[span.start..span.end]);
        }
    }

    #[test]
    fn redacting_the_result_changes_nothing(text in text(), mode in modes()) {
        let engine = Engine::builtin();
        let once = engine.redact(&text, &Known::none(), mode).text;
        let twice = engine.redact(&once, &Known::none(), mode);
        prop_assert_eq!(&twice.text, &once);
    }

    #[test]
    fn scratch_carries_nothing_over(first in text(), second in text(), mode in modes()) {
        let engine = Engine::builtin();
        let mut scratch = Scratch::default();
        engine.spans(&first, &Known::none(), mode, &mut scratch);
        let used = engine.spans(&second, &Known::none(), mode, &mut scratch).to_vec();
        let fresh = engine.redact(&second, &Known::none(), mode).spans;
        prop_assert_eq!(used, fresh);
    }

    #[test]
    fn known_values_never_survive(before in text(), after in text(), mode in modes()) {
        let known = Known::from_pairs([("name", "Wilhelmina Quackenbush"), ("phone", "(555) 555-0143"), ("case", "ZX-99-1234")]);
        let text = format!("{before} quackenbush, WILHELMINA {after} 5550143 zx991234");
        let result = Engine::builtin().redact(&text, &known, mode).text.to_ascii_uppercase();
        for value in ["QUACKENBUSH", "WILHELMINA", "5550143", "ZX991234"] {
            prop_assert!(!result.contains(value), "{value} survived");
        }
    }
}

/// Texts of one kind of trouble each, `size` bytes long.
fn adversarial(size: usize) -> Vec<String> {
    let seeds = [
        "A",
        "1",
        "1 ",
        "1-",
        "A.",
        "RP ",
        "RP RP DANA ",
        "HTN CHF COPD ",
        "OFC DANA / ",
        "(555) ",
        "#",
        "@",
        "a@",
        "/",
        "A/",
        ":",
        "1:",
        "::",
        "\"",
        "\"A",
        "ST ",
        "1 N ",
        "1 MAIN ",
        "AND ",
        "DANA, ",
        "DE LA ",
        "A-",
        "1.1.",
        "[",
        "[NAME]",
        "[NAME",
        "X ",
        "AGE ",
        "ADAM ",
        "FIVE ",
        "\n",
        "é",
        "\u{200B}",
        "1 1/2 ",
        "DOB ",
        "VIN ",
        "LIC TX ",
        "HX ",
        "UNIT ",
        "10:42 ",
        "O'",
        "12 FEB ",
        "///a.b.c",
        "34°",
    ];
    seeds.iter().map(|seed| seed.repeat(size / seed.len())).collect()
}

#[test]
fn time_is_linear_on_adversarial_text() {
    let engine = Engine::builtin();
    let mut scratch = Scratch::default();
    for mode in [Mode::Balanced, Mode::Strict] {
        for (small, large) in adversarial(8_000).iter().zip(adversarial(128_000)) {
            let mut time = |text: &str| {
                let start = Instant::now();
                engine.spans(text, &Known::none(), mode, &mut scratch);
                start.elapsed().as_secs_f64()
            };
            let (one, sixteen) = (time(small).min(time(small)), time(&large).min(time(&large)));
            // Sixteen times the text in sixteen times the time; quadratic time would take 256 times.
            assert!(
                sixteen < 90.0 * one + 0.05,
                "{:?} took {sixteen} s after {one} s",
                &small[..small.len().min(12)]
            );
        }
    }
}

/// Texts on which a second reading once found more.
#[test]
fn known_texts_are_read_to_the_end() {
    let engine = Engine::builtin();
    for text in ["FOUND 19 X4 FOR CART", "10 -84.3902 ", "SAW S R T WHITFURD"] {
        let once = engine.redact(text, &Known::none(), Mode::Strict).text;
        assert_eq!(engine.redact(&once, &Known::none(), Mode::Strict).text, once);
    }
}

#[test]
fn long_lines_and_empty_texts() {
    let engine = Engine::builtin();
    for text in ["", " ", "\n", "\u{200B}", "\u{301}"] {
        assert_eq!(engine.redact(text, &Known::none(), Mode::Strict).spans, []);
    }
    let line = "RP DANA WHITLOCK CB 555-0142. ".repeat(10_000);
    let result = engine.redact(&line, &Known::none(), Mode::Balanced);
    assert!(!result.text.contains("WHITLOCK") && !result.text.contains("0142"));
}

#[test]
fn every_unicode_space_and_dash_is_read() {
    let engine = Engine::builtin();
    let spaces = "\u{20}\u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}\u{202F}\u{205F}\u{3000}";
    for space in spaces.chars() {
        for dash in
            "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{FE58}\u{FE63}\u{FF0D}".chars()
        {
            let text = format!("CB{space}414{dash}555{dash}0137");
            let spans = engine.redact(&text, &Known::none(), Mode::Balanced).spans;
            assert_eq!(
                spans.iter().map(|span| span.kind).collect::<Vec<_>>(),
                [SpanType::Phone],
                "U+{:04X} U+{:04X}",
                u32::from(space),
                u32::from(dash)
            );
        }
    }
}
