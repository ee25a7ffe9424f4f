//! Scores predictions against labelled text, by the rules of the project's reference scorer.
//!
//! A required span is *recalled* if half of its characters lie in predictions of its type, and *masked* if all its
//! letters and digits lie in predictions of any type. A prediction is *precise* if half of it lies in gold of its type,
//! or if it covers half of a gold span of its type; a hit on optional gold only is not counted. *Over-redaction* is the
//! share of letters and digits outside gold that predictions cover.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::config::Mode;
use crate::engine::{Engine, Scratch};
use crate::known::Known;
use crate::span::code_point_offsets;

/// A labelled text.
#[derive(Clone, Deserialize)]
pub struct Example {
    /// Identifies the text in its set.
    #[serde(default)]
    pub id: String,
    /// The text.
    pub text: String,
    /// What must be found.
    pub spans: Vec<Gold>,
    /// What looks like personal data and is not.
    #[serde(default)]
    pub hard_negatives: Vec<HardNegative>,
}

/// A labelled span, in code points.
#[derive(Clone, Deserialize)]
pub struct Gold {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// Name of the type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Neither asked for nor held against a prediction.
    #[serde(default)]
    pub optional: bool,
}

/// A stretch that looks like personal data and is not, in code points.
#[derive(Clone, Deserialize)]
pub struct HardNegative {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// Name of the type that it looks like.
    pub looks_like: String,
}

/// A predicted span: start, end, name of the type.
pub type Predicted = (usize, usize, &'static str);

/// Counts of one type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Required spans.
    pub gold: usize,
    /// Required spans that were recalled.
    pub recalled: usize,
    /// Required spans found with the same bounds.
    pub exact: usize,
    /// Required spans of which nothing is left to read.
    pub masked: usize,
    /// Predictions that count.
    pub predicted: usize,
    /// Predictions that are right.
    pub precise: usize,
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Counts {
    /// Share of predictions that are right, 0 to 1.
    pub fn precision(&self) -> f64 {
        ratio(self.precise, self.predicted)
    }

    /// Share of required spans that were recalled, 0 to 1.
    pub fn recall(&self) -> f64 {
        ratio(self.recalled, self.gold)
    }

    /// Share of required spans of which nothing is left, 0 to 1.
    pub fn masked_share(&self) -> f64 {
        ratio(self.masked, self.gold)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }

    fn add(&mut self, other: &Self) {
        self.gold += other.gold;
        self.recalled += other.recalled;
        self.exact += other.exact;
        self.masked += other.masked;
        self.predicted += other.predicted;
        self.precise += other.precise;
    }
}

/// The scores of one set.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Counts by name of type.
    pub types: BTreeMap<String, Counts>,
    /// Letters and digits outside gold.
    pub outside: usize,
    /// Those of them that predictions cover.
    pub over: usize,
    /// Hard negatives in the set.
    pub hard_negatives: usize,
    /// Hard negatives that a prediction of the type they look like touches.
    pub hard_negatives_hit: usize,
}

impl Report {
    /// The sum over the types that `wanted` accepts.
    pub fn micro(&self, wanted: impl Fn(&str) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (_, counts) in self.types.iter().filter(|(kind, _)| wanted(kind)) {
            sum.add(counts);
        }
        sum
    }

    /// Share of letters and digits outside gold that predictions cover.
    pub fn over_redaction(&self) -> f64 {
        ratio(self.over, self.outside)
    }

    /// Adds one text.
    pub fn add(&mut self, example: &Example, predicted: &[Predicted]) {
        let chars: Vec<char> = example.text.chars().collect();
        let mut masked = vec![false; chars.len()];
        let mut gold = vec![false; chars.len()];
        for &(start, end, _) in predicted {
            masked[start.min(chars.len())..end.min(chars.len())].fill(true);
        }
        for span in &example.spans {
            gold[span.start..span.end].fill(true);
            if !span.optional {
                self.add_gold(span, predicted, &chars, &masked);
            }
        }
        for prediction in predicted {
            self.add_prediction(example, prediction);
        }
        for at in (0..chars.len()).filter(|&at| chars[at].is_alphanumeric() && !gold[at]) {
            self.outside += 1;
            self.over += usize::from(masked[at]);
        }
        for negative in &example.hard_negatives {
            let hit = |&(start, end, kind): &Predicted| {
                kind == negative.looks_like && start < negative.end && end > negative.start
            };
            self.hard_negatives += 1;
            self.hard_negatives_hit += usize::from(predicted.iter().any(hit));
        }
    }

    fn add_gold(&mut self, span: &Gold, predicted: &[Predicted], chars: &[char], masked: &[bool]) {
        let counts = self.types.entry(span.kind.clone()).or_default();
        let same = predicted.iter().filter(|prediction| prediction.2 == span.kind);
        counts.gold += 1;
        let covered = covered(span.start, span.end, same.clone().map(|&(start, end, _)| (start, end)));
        counts.recalled += usize::from(covered * 2 >= span.end - span.start);
        counts.exact +=
            usize::from(same.clone().any(|&(start, end, _)| (start, end) == (span.start, span.end)));
        let left = (span.start..span.end).any(|at| chars[at].is_alphanumeric() && !masked[at]);
        counts.masked += usize::from(!left);
    }

    fn add_prediction(&mut self, example: &Example, &(start, end, kind): &Predicted) {
        let same = example.spans.iter().filter(|span| span.kind == kind);
        let hit = |span: &Gold| {
            2 * span.end.min(end).saturating_sub(span.start.max(start)) >= span.end - span.start
        };
        let inside = |required_only: bool| {
            let spans = same.clone().filter(move |span| !(required_only && span.optional));
            covered(start, end, spans.map(|span| (span.start, span.end))) * 2 >= end - start
        };
        let mut required = same.clone().filter(|span| !span.optional);
        let right = inside(true) || required.any(hit);
        let excused = !right && (inside(false) || same.clone().any(hit));
        let counts = self.types.entry(kind.to_owned()).or_default();
        counts.precise += usize::from(right);
        counts.predicted += usize::from(!excused);
    }
}

/// How many code points of a range lie in any of the intervals.
fn covered(start: usize, end: usize, intervals: impl Iterator<Item = (usize, usize)>) -> usize {
    let intervals: Vec<_> = intervals.collect();
    (start..end).filter(|at| intervals.iter().any(|(from, to)| (from..to).contains(&at))).count()
}

/// Runs the engine over a set and scores it.
pub fn evaluate(engine: &Engine, examples: &[Example], mode: Mode) -> Report {
    let mut report = Report::default();
    let mut scratch = Scratch::default();
    let known = Known::none();
    for example in examples {
        let spans = engine.spans(&example.text, &known, mode, &mut scratch);
        let offsets = code_point_offsets(&example.text, spans);
        let predicted: Vec<Predicted> =
            spans.iter().zip(offsets).map(|(span, (start, end))| (start, end, span.kind.as_str())).collect();
        report.add(example, &predicted);
    }
    report
}

/// Reads a labelled set: one JSON object per line.
///
/// # Errors
/// The number of the first line that is not a labelled text, from one, and why.
pub fn read_set(text: &str) -> Result<Vec<Example>, (usize, serde_json::Error)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| serde_json::from_str(line).map_err(|error| (at + 1, error))).collect()
}

/// Reads notes with their labels inline, one to a line: `{TYPE:text}` must be found, `{TYPE?:text}` may be, `{!TYPE:text}`
/// looks like TYPE and must stay; `\n` is a line break, and a line that begins with `#` a comment.
///
/// # Errors
/// The number of the first line, from one, with a label that has no colon or no end.
pub fn read_notes(text: &str) -> Result<Vec<Example>, usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines.map(|(at, line)| read_note(line).ok_or(at + 1)).collect()
}

fn read_note(line: &str) -> Option<Example> {
    let line = line.replace("\\n", "\n");
    let mut example =
        Example { id: String::new(), text: String::new(), spans: Vec::new(), hard_negatives: Vec::new() };
    let mut parts = line.split('{');
    example.text.push_str(parts.next()?);
    for part in parts {
        let (label, rest) = part.split_once(':')?;
        let (value, after) = rest.split_once('}')?;
        let start = example.text.chars().count();
        let end = start + value.chars().count();
        example.text.push_str(value);
        example.text.push_str(after);
        if let Some(looks_like) = label.strip_prefix('!') {
            example.hard_negatives.push(HardNegative { start, end, looks_like: looks_like.to_owned() });
        } else {
            let optional = label.ends_with('?');
            example.spans.push(Gold { start, end, kind: label.trim_end_matches('?').to_owned(), optional });
        }
    }
    Some(example)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:10} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6}",
            "type", "gold", "pred", "prec", "recall", "F1", "exact", "masked"
        )?;
        let mut rows: Vec<_> = self.types.iter().map(|(kind, counts)| (kind.as_str(), *counts)).collect();
        rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.gold));
        rows.push(("MICRO", self.micro(|_| true)));
        for (kind, c) in rows {
            let exact = ratio(c.exact, c.gold);
            let (p, r, f1, m) = (c.precision(), c.recall(), c.f1(), c.masked_share());
            writeln!(
                f,
                "{kind:10} {:5} {:5} {p:6.3} {r:6.3} {f1:6.3} {exact:6.3} {m:6.3}",
                c.gold, c.predicted
            )?;
        }
        write!(f, "over-redaction {}/{} = {:.4}", self.over, self.outside, self.over_redaction())?;
        if self.hard_negatives > 0 {
            write!(f, "; hard negatives hit {}/{}", self.hard_negatives_hit, self.hard_negatives)?;
        }
        Ok(())
    }
}
