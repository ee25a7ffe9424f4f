//! How fast one core classifies: call types alone, and records with a narrative of about 170 bytes.
//! Types are drawn in about the proportion of real feeds, where few name one of the eight crimes.

#![allow(missing_docs, reason = "the macros of the benchmark harness make public items")]

use callbox_classify::{AgencyMap, Classifier, Input};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const TYPES: [&str; 20] = [
    "TRAFFIC STOP",
    "DISTURBANCE",
    "WELFARE CHECK",
    "ALARM, AUDIBLE",
    "PARKING VIOLATION",
    "SUSPICIOUS PERSON",
    "SHOTS FIRED - IN PROGRESS",
    "BURGLARY ALARM",
    "BUSINESS CHECK",
    "VEHICLE ACCIDENT - PROPERTY DAMAGE",
    "THEFT FROM VEHICLE",
    "FOLLOW UP",
    "911 HANG UP",
    "MEET WITH CITIZEN",
    "NOISE COMPLAINT",
    "TRESPASSING",
    "SHOPLIFTING",
    "FOOT PATROL",
    "BURGLARY - RESIDENCE - REPORT",
    "MISSING PERSON",
];

const NARRATIVES: [&str; 4] = [
    "RP ADV HE CAME HOME AND FOUND FRONT DOOR KICKED IN. TV AND LAPTOP MISSING. UNK IF SUSP STILL INSIDE. RP WAITING \
     IN VEH ACROSS THE ST. CB [PHONE]. X-ST [ADDRESS]. UNIT ENRT",
    "CALLER STATES TWO MALES ARGUING OVER A PARKING SPACE IN FRONT OF THE STORE, NO WEAPONS SEEN, ONE IN A RED JACKET \
     THE OTHER IN BLUE. CALLER DOES NOT WANT CONTACT. [NAME] [PHONE]",
    "Caller was walking to her car after work when a man stepped out, showed a folding knife and took her purse. She \
     was not hurt. He ran east behind the pharmacy. Call back on [PHONE].",
    "NON INJURY COLLISION, TAN SEDAN AND A DELIVERY TRUCK, BLOCKING THE RIGHT LANE. TOW REQUESTED. BOTH DRIVERS ARE OUT \
     OF THE VEHICLES. [PLATE] [LICENSE] [NAME] WILL WAIT AT THE GAS STATION",
];

fn types(c: &mut Criterion) {
    let classifier = Classifier::builtin();
    let mut group = c.benchmark_group("types");
    group.throughput(Throughput::Elements(TYPES.len() as u64));
    group.bench_function("lexicon", |b| {
        b.iter(|| {
            for description in TYPES {
                std::hint::black_box(classifier.classify(&Input { description, ..Input::default() }));
            }
        });
    });
    let mut map = String::from("agency = \"metro\"\n[descriptions]\n");
    for description in TYPES {
        map.extend(["\"", description, "\" = \"none\"\n"]);
    }
    let map = AgencyMap::parse("metro.toml", &map).expect("the map is well-formed");
    let mapped = Classifier::with_maps([map]).expect("one map");
    group.bench_function("mapped", |b| {
        b.iter(|| {
            for description in TYPES {
                let input = Input { agency: Some("metro"), description, ..Input::default() };
                std::hint::black_box(mapped.classify(&input));
            }
        });
    });
    group.finish();
}

fn records(c: &mut Criterion) {
    let classifier = Classifier::builtin();
    let mut group = c.benchmark_group("records");
    group.throughput(Throughput::Elements(NARRATIVES.len() as u64));
    group.bench_function("with narrative", |b| {
        b.iter(|| {
            for narrative in NARRATIVES {
                let input = Input { description: "DISTURBANCE", narrative, ..Input::default() };
                std::hint::black_box(classifier.classify(&input));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, types, records);
criterion_main!(benches);
