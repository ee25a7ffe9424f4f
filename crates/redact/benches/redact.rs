//! Notes and bytes a second on one core, per mode, and beside the same fixed forms as regular expressions one after
//! another.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use callbox_redact::eval::read_notes;
use callbox_redact::{Engine, Known, Mode, Scratch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use regex::Regex;

/// Invented notes of 167 bytes on average, the average of real narratives.
const NOTES: [&str; 8] = [
    "RP DANA WHITLOCK ADV UNK MALE KICKED IN THE FRONT DOOR AT 1418 HOLLIS AVE APT 3B AND LEFT NB ON FOOT. NOTHING MISSING SO FAR. RP IS SAFE INSIDE. CB (414) 555-0137. OFC DUNHAM ENRT",
    "COMP STS SUSP SMASHED WINDOW OF HIS GRY 2019 DODGE CHARGER, LIC KVR 4482 TX. TOOK BACKPACK W/ LAPTOP. COMP GRAYSON, HUNTER M DOB 04/11/1988 OLN 40771926 TX",
    "MULT CALLERS RPTG 6 TO 8 SHOTS HEARD NEAR THE PARK. NOTHING SEEN. NO VEH DESC. NO VICS LOCATED AT THIS TIME. UNITS CHECKING THE AREA AND THE BALL FIELDS",
    "06:12:44 [OPR 6038] CALLER RPTS PICKUP STOLEN FROM DRIVEWAY SOMETIME OVERNIGHT\n06:13:10 [OPR 6038] WHI 2021 FORD F150 CREW CAB, LADDER RACK, OH LIC HZT 9031, NO SUSP, ENTERED",
    "71 YO M C/O CHEST PAIN RADIATING TO L ARM. HX CHF, TYPE 2 DIABETES, TAKES METFORMIN AND WARFARIN. WIFE BEATRIZ CARVALHO ON PHONE. 1650 S 400 W. FRONT DOOR UNLOCKED",
    "Caller reports that two people in dark hoodies are going from car to car pulling door handles in the parking lot behind the grocery store. No weapons seen. Please check the area.",
    "DISTURBANCE BETWEEN NEIGHBORS OVER LOUD MUSIC, VERBAL ONLY, NO WEAPONS SEEN. SUBJ KNOWN AS TITO LEFT IN SIL NISSAN ALTIMA PRIOR TO CALL. RP WANTS TO REMAIN ANON AND NO CONTACT",
    "ALARM CO ADV FRONT DOOR BURG ALARM AT THE LIBRARY. KEYHOLDER ON SITE GAVE PROPER PASSCODE. EMPLOYEE ERROR ON OPENING. CANCEL UNITS. REF 8841220",
];

/// The engine's fixed forms as people write them when they begin: one expression each.
const PATTERNS: [&str; 12] = [
    r"(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}",
    r"(?i)\b(?:https?://|www\.)\S+",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    r"(?:\+?1[-. ]?)?\(?[2-9]\d{2}\)?[-. /]{0,3}\d{3}[-. ]{0,3}\d{4}\b",
    r"\b\d{3}-\d{2}-\d{4}\b",
    r"\b[A-HJ-NPR-Z0-9]{17}\b",
    r"(?i)\b(?:dob|born)\W{0,3}\d{1,2}[/-]\d{1,2}[/-]\d{2,4}",
    r"(?i)\b\d{1,3} ?(?:yo|yoa|y/o|year[- ]old)\b",
    r"(?i)\b(?:oln|dl)\W{0,3}[a-z0-9-]{5,20}",
    r"(?i)\b(?:lic|plate|tag)\W{0,3}[a-z0-9]{2,4}[- ]?[a-z0-9]{2,4}\b",
    r"(?i)\b\d{1,6} (?:[nsew] )?(?:[a-z]+ ){1,3}(?:ave|st|rd|ln|dr|blvd|ct|way|pl)\b",
    r"[-+]?\d{1,3}\.\d{4,}[, /]+[-+]?\d{1,3}\.\d{4,}",
];

/// The invented notes of other authors in the tests: hundreds of different ones, so that nothing is learnt by heart, and
/// with two to three times as much to find as in real notes.
const VARIED: [&str; 3] = [
    include_str!("../tests/data/notes_d.txt"),
    include_str!("../tests/data/notes_f.txt"),
    include_str!("../tests/data/notes_g.txt"),
];

fn varied(criterion: &mut Criterion) {
    let engine = Engine::builtin();
    let known = Known::none();
    let mut scratch = Scratch::default();
    let labelled = VARIED.iter().flat_map(|file| read_notes(file).unwrap());
    let notes: Vec<String> = labelled.map(|note| note.text).collect();
    let bytes: usize = notes.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("hundreds of notes");
    group.throughput(Throughput::ElementsAndBytes { elements: notes.len() as u64, bytes: bytes as u64 });
    for mode in [Mode::Balanced, Mode::Strict] {
        group.bench_function(mode.as_str(), |bencher| {
            bencher.iter(|| {
                for note in &notes {
                    black_box(engine.spans(black_box(note), &known, mode, &mut scratch).len());
                }
            });
        });
    }
    group.bench_function("regexes one after another", |bencher| {
        let patterns: Vec<Regex> = PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        bencher.iter(|| {
            for note in &notes {
                let found: usize =
                    patterns.iter().map(|pattern| pattern.find_iter(black_box(note)).count()).sum();
                black_box(found);
            }
        });
    });
    group.finish();
}

fn notes(criterion: &mut Criterion) {
    let engine = Engine::builtin();
    let known = Known::none();
    let mut scratch = Scratch::default();
    let mut out = String::new();
    let bytes: usize = NOTES.iter().map(|note| note.len()).sum();
    let mut group = criterion.benchmark_group("notes");
    group.throughput(Throughput::ElementsAndBytes { elements: NOTES.len() as u64, bytes: bytes as u64 });
    for mode in [Mode::Balanced, Mode::Strict] {
        group.bench_function(format!("spans/{mode}"), |bencher| {
            bencher.iter(|| {
                for note in NOTES {
                    black_box(engine.spans(black_box(note), &known, mode, &mut scratch).len());
                }
            });
        });
    }
    group.bench_function("redact/balanced", |bencher| {
        bencher.iter(|| {
            for note in NOTES {
                engine.redact_into(black_box(note), &known, Mode::Balanced, &mut scratch, &mut out);
                black_box(out.len());
            }
        });
    });
    let patterns: Vec<Regex> = PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
    assert_eq!(patterns.len(), PATTERNS.len());
    group.bench_function("regexes one after another", |bencher| {
        bencher.iter(|| {
            for note in NOTES {
                let found: usize =
                    patterns.iter().map(|pattern| pattern.find_iter(black_box(note)).count()).sum();
                black_box(found);
            }
        });
    });
    group.finish();
}

fn long(criterion: &mut Criterion) {
    let engine = Engine::builtin();
    let known = Known::none();
    let mut scratch = Scratch::default();
    let text = NOTES.join("\n").repeat(800);
    let mut group = criterion.benchmark_group("one text of a megabyte");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    for mode in [Mode::Balanced, Mode::Strict] {
        group.bench_function(mode.as_str(), |bencher| {
            bencher.iter(|| black_box(engine.spans(black_box(&text), &known, mode, &mut scratch).len()));
        });
    }
    group.finish();
}

criterion_group!(benches, notes, varied, long);
criterion_main!(benches);
