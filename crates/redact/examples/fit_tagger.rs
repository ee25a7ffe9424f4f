//! Fits the weights of `lexicon/tagger.txt`: `cargo run --release -p callbox-redact --example fit_tagger
//! [-- FILE.txt ...] > tagger.txt`.
//!
//! It reads the labelled notes of this crate's tests, or those of the files that are named, all invented by this project.
//! Each is learned twice: as it stands, and with all that is personal replaced by placeholders, where nothing more is to
//! be found. The model is a conditional random field, fitted by L-BFGS with penalties on sizes and squares of weights; the order of
//! the notes is fixed, so that the same notes give the same weights.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the weights go to standard output")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use callbox_redact::Engine;
use callbox_redact::eval::{Example, read_notes};
use callbox_redact::tagger::fitting::{Observed, label_names, observe};
use crfs::{Attribute, Model, Trainer};

/// Penalties on the sizes and on the squares of weights, and how often an answer must stand. Measured on notes that were left out.
const C1: f64 = 0.1;
const C2: f64 = 0.2;
const LEAST_COUNT: f64 = 3.0;
const ROUNDS: usize = 80;
/// Smaller weights are not written: the engine's are in sixteenths.
const LEAST_WEIGHT: f64 = 0.04;

fn main() -> Result<()> {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
        let entries: Result<Vec<_>, _> =
            std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
        files =
            entries?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
    }
    files.sort();
    let engine = Engine::builtin();
    let mut trainer = Trainer::lbfgs().with_c1(C1)?.with_c2(C2)?.with_max_iterations(ROUNDS)?;
    trainer.set_feature_minfreq(LEAST_COUNT)?;
    let mut count = 0;
    for file in &files {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let notes =
            read_notes(&text).map_err(|line| anyhow!("{}, line {line}: no labelled note", file.display()))?;
        for note in &notes {
            learn(&mut trainer, &engine, &note.text, note)?;
            let redacted = redacted(note);
            learn(&mut trainer, &engine, &redacted, &Example { spans: Vec::new(), ..note.clone() })?;
        }
        count += notes.len();
    }
    eprintln!("{count} notes of {} files", files.len());
    let path = std::env::temp_dir().join(format!("callbox-tagger-{}.crf", std::process::id()));
    trainer.train(&path)?;
    let model = std::fs::read(&path)?;
    std::fs::remove_file(&path)?;
    let mut dump = Vec::new();
    Model::new(&model)?.dump(&mut dump)?;
    print_weights(&String::from_utf8(dump)?, count);
    Ok(())
}

fn learn(
    trainer: &mut Trainer<crfs::train::Lbfgs>,
    engine: &Engine,
    text: &str,
    note: &Example,
) -> Result<()> {
    let observed = observe(engine, text);
    let answers: Vec<Vec<Attribute>> = observed
        .iter()
        .map(|item| item.answers.iter().map(|answer| Attribute::new(answer.as_str(), 1.0)).collect())
        .collect();
    let labels = labels(&observed, note);
    trainer.append(&answers, &labels)?;
    Ok(())
}

/// The label of each item.
fn labels(observed: &[Observed], note: &Example) -> Vec<String> {
    let known = label_names();
    let label = |item: &Observed| {
        let gold = note.spans.iter().find(|gold| gold.start < item.end && item.start < gold.end)?;
        let part = if item.start <= gold.start { "B" } else { "I" };
        Some(format!("{part}-{}", gold.kind)).filter(|label| item.open && known.contains(label))
    };
    observed.iter().map(|item| label(item).unwrap_or_else(|| "O".to_owned())).collect()
}

/// The note with a placeholder for each span.
fn redacted(note: &Example) -> String {
    let letters: Vec<char> = note.text.chars().collect();
    let mut text = String::new();
    let mut copied = 0;
    for gold in &note.spans {
        text.extend(&letters[copied..gold.start]);
        text.extend(["[", gold.kind.as_str(), "]"].into_iter().flat_map(str::chars));
        copied = gold.end;
    }
    text.extend(&letters[copied..]);
    text
}

/// Writes a line for each answer, and for each label what it says of the next.
fn print_weights(dump: &str, notes: usize) {
    let mut rows: BTreeMap<String, Vec<(&str, f64)>> = BTreeMap::new();
    // "  (0) w-1=CALLER --> B-NAME: 1.234567", with (1) from label to label.
    for line in dump.lines() {
        let Some((kind, rest)) = line.trim_start().split_once(") ") else { continue };
        let Some((from, to)) = rest.rsplit_once(" --> ") else { continue };
        let Some((label, weight)) = to.split_once(": ") else { continue };
        let Some(weight) = weight.parse().ok().filter(|weight: &f64| weight.abs() >= LEAST_WEIGHT) else {
            continue;
        };
        let question = if kind == "(1" { format!("t={from}") } else { from.to_owned() };
        rows.entry(question).or_default().push((label, weight));
    }
    println!(
        "# What answers say of labels: written by examples/fit_tagger.rs from {notes} notes, not by hand."
    );
    println!(
        "# w word, k kind, f flag, s spacing, with the place; p two kinds side by side, e ending, t last label."
    );
    for (question, weights) in rows {
        let weights: Vec<String> =
            weights.iter().map(|(label, weight)| format!("{label}={weight:.2}")).collect();
        println!("{question}\t{}", weights.join(" "));
    }
}
