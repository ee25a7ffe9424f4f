//! Scores the classifier on labelled call types and narratives, by the rules of the scorer that ships
//! with the data: `cargo run -p callbox-classify --release --example eval_classify [-- --errors] [-- --maps DIR]`.
//!
//! The data folder is `../shared/data` beside the project; without it the program says so and ends.

#![allow(clippy::print_stdout, reason = "a table on standard output is what this program is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use callbox_classify::{Action, AgencyMap, Category, Classifier, Input, Verdict};

type Error = Box<dyn std::error::Error>;

/// One distinct call type of one city.
struct Row {
    city: String,
    code: String,
    description: String,
    label: String,
    accepted: BTreeSet<String>,
    count: Option<u64>,
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let show_errors = arguments.iter().any(|a| a == "--errors");
    let maps = arguments.iter().position(|a| a == "--maps").and_then(|at| arguments.get(at + 1));
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !data.is_dir() {
        println!("skipped: {} is absent", data.display());
        return Ok(());
    }
    let rows = read_labels(&data.join("labels"))?;
    let (classifier, with_maps) = match maps {
        Some(directory) => (Classifier::with_maps(read_maps(Path::new(directory))?)?, true),
        None => (Classifier::builtin(), false),
    };
    let verdicts: Vec<Verdict> = rows
        .iter()
        .map(|row| {
            let agency = with_maps.then(|| row.city.trim_end_matches("_initial"));
            classifier.classify(&Input {
                agency: agency.map(|a| a.trim_end_matches("_realtime")),
                code: &row.code,
                description: &row.description,
                ..Input::default()
            })
        })
        .collect();
    print_types(&rows, &verdicts, show_errors);
    print_confusion(&rows, &verdicts);
    print_narratives(&data.join("narratives"), &Classifier::builtin(), show_errors)
}

fn read_maps(directory: &Path) -> Result<Vec<AgencyMap>, Error> {
    let mut maps = Vec::new();
    for path in files(directory, "toml")? {
        maps.push(AgencyMap::parse(&path.display().to_string(), &std::fs::read_to_string(&path)?)?);
    }
    Ok(maps)
}

fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(directory)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    Ok(paths)
}

fn read_labels(directory: &Path) -> Result<Vec<Row>, Error> {
    let mut alternatives = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut index: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for path in files(directory, "csv")? {
        let city = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = csv::Reader::from_path(&path)?;
        for record in reader.records() {
            let record = record?;
            let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
            if city.contains("alternatives") {
                alternatives.push((field(0), field(1), field(2), accepted(&field(3))));
                continue;
            }
            let count = field(2).trim().parse().ok();
            let key = (city.clone(), field(0), field(1));
            if let Some(&at) = index.get(&key) {
                let row: &mut Row = &mut rows[at];
                row.count = count.map_or(row.count, |n: u64| Some(row.count.unwrap_or(0) + n));
                continue;
            }
            index.insert(key, rows.len());
            let label = field(3);
            let accepted = BTreeSet::from([label.clone()]);
            rows.push(Row {
                city: city.clone(),
                code: field(0),
                description: field(1),
                label,
                accepted,
                count,
            });
        }
    }
    for (city, code, description, also) in alternatives {
        for row in rows.iter_mut().filter(|r| r.city == city && r.code == code) {
            if fits(&description, &row.description) {
                row.accepted.extend(also.iter().cloned());
            }
        }
    }
    rows.retain(|row| row.label != "doubtful");
    Ok(rows)
}

/// `a|b (note)` as a set.
fn accepted(text: &str) -> BTreeSet<String> {
    let text = text.split('(').next().unwrap_or_default();
    text.split('|').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// Whether a description fits a pattern whose `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|&at| rest.is_char_boundary(at)).any(|at| fits(tail, &rest[at..]))
        }),
    }
}

/// Sums for precision and recall.
#[derive(Clone, Copy, Default)]
struct Sums {
    predicted: u64,
    predicted_right: u64,
    gold: u64,
    gold_right: u64,
}

impl Sums {
    fn add(&mut self, row: &Row, predicted: &str, only: Option<&str>, weight: u64) {
        let right = row.accepted.contains(predicted);
        let counts = |name: &str| only.map_or(name != "none", |only| only == name);
        if counts(predicted) {
            self.predicted += weight;
            self.predicted_right += if right { weight } else { 0 };
        }
        if counts(&row.label) {
            self.gold += weight;
            self.gold_right += if right { weight } else { 0 };
        }
    }

    fn show(self) -> String {
        let ratio =
            |a: u64, b: u64| if b == 0 { "  -  ".into() } else { format!("{:.3}", a as f64 / b as f64) };
        format!(
            "{} {} ({}/{})",
            ratio(self.predicted_right, self.predicted),
            ratio(self.gold_right, self.gold),
            self.predicted,
            self.gold
        )
    }
}

fn print_types(rows: &[Row], verdicts: &[Verdict], show_errors: bool) {
    let mut by_city: BTreeMap<&str, [Sums; 2]> = BTreeMap::new();
    let mut total = [Sums::default(); 2];
    let mut by_category: BTreeMap<Category, [Sums; 2]> = BTreeMap::new();
    let mut actions: BTreeMap<(bool, Action), u64> = BTreeMap::new();
    for (row, verdict) in rows.iter().zip(verdicts) {
        let predicted = verdict.category_str();
        let weight = row.count.unwrap_or(0);
        let city = by_city.entry(&row.city).or_default();
        for (sums, weight) in [(0, 1), (1, weight)] {
            city[sums].add(row, predicted, None, weight);
            total[sums].add(row, predicted, None, weight);
            for category in Category::ALL {
                let only = Some(category.as_str());
                by_category.entry(category).or_default()[sums].add(row, predicted, only, weight);
            }
        }
        *actions.entry((verdict.category.is_some(), verdict.action)).or_default() += 1;
        if show_errors && !row.accepted.contains(predicted) {
            println!(
                "{:<22} {:<10} {:<55} gold {:<12} predicted {predicted}",
                row.city, row.code, row.description, row.label
            );
        }
    }
    println!("{:<24}{:<28}{:<28}", "call types", "distinct P R (pred/gold)", "weighted P R (pred/gold)");
    for (city, [distinct, weighted]) in by_city {
        println!("{city:<24}{:<28}{:<28}", distinct.show(), weighted.show());
    }
    println!("{:<24}{:<28}{:<28}", "TOTAL", total[0].show(), total[1].show());
    for (category, [distinct, weighted]) in by_category {
        println!("  {:<22}{:<28}{:<28}", category.as_str(), distinct.show(), weighted.show());
    }
    for ((crime, action), n) in actions {
        println!("  {} {action}: {n}", if crime { "a crime," } else { "none,   " });
    }
}

fn print_confusion(rows: &[Row], verdicts: &[Verdict]) {
    let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (row, verdict) in rows.iter().zip(verdicts) {
        *cells.entry((&row.label, verdict.category_str())).or_default() += 1;
    }
    let names: Vec<&str> = Category::ALL.iter().map(|c| c.as_str()).chain(["none"]).collect();
    let line =
        |cells: Vec<String>| cells.iter().map(|cell| format!("{cell:>12}")).collect::<Vec<_>>().concat();
    println!("confusion: rows are labels, columns predictions");
    println!("{:<12}{}", "", line(names.iter().map(ToString::to_string).collect()));
    for label in &names {
        let cells = names.iter().map(|n| cells.get(&(*label, *n)).copied().unwrap_or(0).to_string());
        println!("{label:<12}{}", line(cells.collect()));
    }
}

fn print_narratives(directory: &Path, classifier: &Classifier, show_errors: bool) -> Result<(), Error> {
    for path in files(directory, "jsonl")? {
        let text = std::fs::read_to_string(&path)?;
        let (mut all, mut right, mut leaks) = (0, 0, 0);
        let mut sums = Sums::default();
        let (mut clean, mut published) = (0, 0);
        for line in text.lines() {
            let note: serde_json::Value = serde_json::from_str(line)?;
            let of = |field: &str| note[field].as_str().unwrap_or_default().to_owned();
            let narrative = of("text");
            let verdict = classifier.classify(&Input { narrative: &narrative, ..Input::default() });
            let sensitive = note["sensitive"].as_array().is_some_and(|s| !s.is_empty());
            let (label, predicted) = (of("category"), verdict.category_str());
            let publishable = !sensitive && matches!(of("status").as_str(), "active" | "");
            all += 1;
            right += i32::from(label == predicted);
            let leak = !publishable && verdict.action == Action::Publish;
            leaks += i32::from(leak);
            if publishable && label != "none" {
                clean += 1;
                published += i32::from(verdict.action == Action::Publish && label == predicted);
            }
            let accepted = BTreeSet::from([label.clone()]);
            let row = Row {
                city: String::new(),
                code: String::new(),
                description: String::new(),
                label,
                accepted,
                count: None,
            };
            sums.add(&row, predicted, None, 1);
            let missed = publishable && row.label != "none" && verdict.action != Action::Publish;
            if show_errors && (row.label != predicted || leak || missed) {
                let reasons: Vec<_> = verdict.reasons.iter().map(|r| r.as_str()).collect();
                println!(
                    "{} gold {} predicted {predicted} {} leak={leak} {reasons:?}\n    {narrative}",
                    of("id"),
                    row.label,
                    verdict.action
                );
            }
        }
        println!(
            "{}: {right} of {all} right ({:.3}); crimes P R {}; wrongly published {leaks}; published {published} of {clean} that may be",
            path.file_name().unwrap_or_default().to_string_lossy(),
            f64::from(right) / f64::from(all.max(1)),
            sums.show()
        );
    }
    Ok(())
}
