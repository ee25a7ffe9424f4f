//! Fits the weights of `lexicon/evidence.txt`: `cargo run --release -p callbox-classify --example fit_evidence
//! [-- FILE.jsonl ...] > evidence.txt`.
//!
//! The narratives of this crate's tests are always used. Each further file holds one object with `text` and
//! `label` (or `category`) a line: real texts, which count twice, and of which no word is taken that the tests do not have.
//! The model is multinomial logistic regression over the presence of stems with a quadratic penalty; the
//! order of the texts is fixed, so that the same texts give the same weights.

#![allow(clippy::print_stdout, reason = "the weights go to standard output")]

use std::collections::BTreeMap;

use callbox_classify::{Category, Classifier, evidence};

type Error = Box<dyn std::error::Error>;

/// None, then the categories.
const ANSWERS: usize = Category::ALL.len() + 1;
/// A stem must stand in at least so many texts.
const LEAST_TEXTS: usize = 4;
/// What a square of a weight costs beside the likelihood of all texts.
const PENALTY: f64 = 4.0;
const WEIGHT_OF_REAL: f64 = 2.0;
const ROUNDS: usize = 150;
const STEP: f64 = 0.3;
/// Smaller weights, in hundredths, are not written.
const LEAST_WEIGHT: f64 = 3.0;

/// Words of grammar (as stems) get no weight: what they say of a text is how long and in what style it is.
const GRAMMAR: &str = "the an and or of to in is was were be been being are am it its that this these those he \
    she they them his her their him we our you your my as by for on at with had has have having do did doe \
    who which where when while but if then than so also just very there here would could";

struct Text {
    stems: Vec<String>,
    answer: usize,
    weight: f64,
}

impl Text {
    fn new(classifier: &Classifier, text: &str, label: &str, weight: f64) -> Result<Self, Error> {
        let answer = if label == "none" { 0 } else { label.parse::<Category>()? as usize + 1 };
        Ok(Self { stems: classifier.stems(text), answer, weight })
    }
}

fn main() -> Result<(), Error> {
    let classifier = Classifier::builtin();
    let mut texts = Vec::new();
    for line in include_str!("../tests/data/narratives.txt").lines() {
        if let Some((label, text)) = line.split_once(" | ").filter(|_| !line.starts_with('#')) {
            texts.push(Text::new(&classifier, text, label, 1.0)?);
        }
    }
    let own = texts.len();
    for path in std::env::args().skip(1) {
        for line in std::fs::read_to_string(path)?.lines() {
            let row: serde_json::Value = serde_json::from_str(line)?;
            let field = |name: &str| row[name].as_str().unwrap_or_default();
            let label = if row["label"].is_null() { "category" } else { "label" };
            texts.push(Text::new(&classifier, field("text"), field(label), WEIGHT_OF_REAL)?);
        }
    }
    let stems = vocabulary(&texts, own);
    let weights = fit(&texts, &stems);
    print_weights(&stems, &weights);
    Ok(())
}

/// The stems that get weights, numbered; number 0 is the start.
fn vocabulary(texts: &[Text], own: usize) -> BTreeMap<&str, usize> {
    let mut counts: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for (index, text) in texts.iter().enumerate() {
        for stem in &text.stems {
            let (count, is_own) = counts.entry(stem).or_default();
            *count += 1;
            *is_own |= index < own;
        }
    }
    let grammar: Vec<&str> = GRAMMAR.split_whitespace().collect();
    let wanted = counts
        .into_iter()
        .filter(|(stem, (count, is_own))| *count >= LEAST_TEXTS && *is_own && !grammar.contains(stem));
    wanted.map(|(stem, _)| stem).zip(1..).collect()
}

/// Stochastic gradient descent with a step of its own for each weight (AdaGrad).
fn fit(texts: &[Text], stems: &BTreeMap<&str, usize>) -> Vec<[f64; ANSWERS]> {
    let rows: Vec<Vec<usize>> = texts
        .iter()
        .map(|text| {
            text.stems.iter().filter_map(|stem| stems.get(stem.as_str()).copied()).chain([0]).collect()
        })
        .collect();
    let mut occurrences = vec![0.0; stems.len() + 1];
    rows.iter().flatten().for_each(|&stem| occurrences[stem] += 1.0);
    // How much the start counts in each text.
    let starts: Vec<f64> = rows
        .iter()
        .map(|row| u16::try_from(row.len() - 1).unwrap_or(u16::MAX).min(evidence::WORDS_OF_STORY))
        .map(|known| f64::from(known) / f64::from(evidence::WORDS_OF_STORY))
        .collect();
    let mut weights = vec![[0.0; ANSWERS]; stems.len() + 1];
    let mut squares = vec![[1e-3; ANSWERS]; stems.len() + 1];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut state = 1_u64;
    for _ in 0..ROUNDS {
        shuffle(&mut order, &mut state);
        for &index in &order {
            let (row, text) = (&rows[index], &texts[index]);
            let shares = shares(row, starts[index], &weights);
            for &stem in row {
                // The penalty is paid in parts, once for each text that the stem stands in.
                let share = if stem == 0 { starts[index] } else { 1.0 };
                let penalty = if stem == 0 { 0.0 } else { PENALTY / occurrences[stem] };
                for answer in 0..ANSWERS {
                    let wanted = if answer == text.answer { 1.0 } else { 0.0 };
                    let weight = &mut weights[stem][answer];
                    let slope = (shares[answer] - wanted) * text.weight * share + penalty * *weight;
                    squares[stem][answer] += slope * slope;
                    *weight -= STEP * slope / squares[stem][answer].sqrt();
                }
            }
        }
    }
    weights
}

/// How likely each answer is.
fn shares(row: &[usize], start: f64, weights: &[[f64; ANSWERS]]) -> [f64; ANSWERS] {
    let mut sums = [0.0; ANSWERS];
    for &stem in row {
        let share = if stem == 0 { start } else { 1.0 };
        for (sum, weight) in sums.iter_mut().zip(weights[stem]) {
            *sum += weight * share;
        }
    }
    let most = sums.into_iter().fold(f64::MIN, f64::max);
    let powers = sums.map(|sum| (sum - most).exp());
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

/// Fisher and Yates, with the generator of Knuth's MMIX.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for last in (1..order.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, usize::try_from(*state >> 33).unwrap_or(0) % (last + 1));
    }
}

fn print_weights(stems: &BTreeMap<&str, usize>, weights: &[[f64; ANSWERS]]) {
    println!(
        "# How much the stem of a word speaks for each category rather than for none, in hundredths of a"
    );
    println!(
        "# logarithm of odds; `-` is the start. Written by examples/fit_evidence.rs; do not edit by hand."
    );
    let names = Category::ALL.map(Category::as_str).join(" ");
    println!("# stem {names}");
    for (stem, number) in [("-", 0)].into_iter().chain(stems.iter().map(|(stem, number)| (*stem, *number))) {
        let scores: [f64; ANSWERS] = weights[number].map(|weight| (weight - weights[number][0]) * 100.0);
        if number > 0 && scores.iter().all(|score| score.abs() < LEAST_WEIGHT) {
            continue;
        }
        let columns: Vec<String> = scores[1..].iter().map(|score| format!("{score:.0}")).collect();
        println!("{stem} {}", columns.join(" "));
    }
}
