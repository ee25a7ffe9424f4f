//! Proposes an agency map from a sample of its calls: a draft for a person to review.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::category::Category;
use crate::engine::Classifier;
use crate::map::key;
use crate::verdict::{Action, Input, Reason, Verdict};

/// Below this confidence a proposed type needs a person.
const SURE_FROM: f32 = 0.85;

/// One call type of a sample, with how many calls had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The type's code, or empty.
    pub code: String,
    /// The type's description, or empty.
    pub description: String,
    /// How many calls of the sample have this type.
    pub count: u64,
}

/// What is proposed for one call type.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedType {
    /// The type as it stands in the feed.
    pub sample: Sample,
    /// The proposed category; `None` is none of the eight.
    pub category: Option<Category>,
    /// The most that may happen to a call of this type.
    pub action: Action,
    /// How sure the engine is, from 0 to 1.
    pub confidence: f32,
    /// Why, as reason codes.
    pub why: Vec<&'static str>,
    /// A person must decide: the engine is unsure, or the type is near to one of the eight.
    pub needs_person: bool,
}

/// How much of a sample the proposal settles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Distinct types, and those that need a person.
    pub types: u64,
    /// Types that need a person.
    pub types_open: u64,
    /// Calls of the sample.
    pub calls: u64,
    /// Calls whose type needs a person.
    pub calls_open: u64,
}

/// A draft of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The agency that the map is for.
    pub agency: String,
    /// The types: those that need a person first, then by count, largest first.
    pub types: Vec<ProposedType>,
    /// How much is settled.
    pub coverage: Coverage,
}

/// Proposes a map for `agency`. Samples that differ only in case, spacing or punctuation are one type.
pub fn propose(agency: &str, samples: impl IntoIterator<Item = Sample>) -> Proposal {
    let classifier = Classifier::builtin();
    let mut merged: BTreeMap<(String, String), Sample> = BTreeMap::new();
    for sample in samples {
        let place = (key(&sample.code), key(&sample.description));
        if place == (String::new(), String::new()) {
            continue;
        }
        merged
            .entry(place)
            .and_modify(|known| known.count = known.count.saturating_add(sample.count))
            .or_insert(sample);
    }
    let mut types: Vec<_> = merged.into_values().map(|sample| propose_type(&classifier, sample)).collect();
    types.sort_by(|a, b| b.needs_person.cmp(&a.needs_person).then(b.sample.count.cmp(&a.sample.count)));
    let mut coverage = Coverage::default();
    for proposed in &types {
        let open = u64::from(proposed.needs_person);
        coverage.types += 1;
        coverage.types_open += open;
        coverage.calls += proposed.sample.count;
        coverage.calls_open += open * proposed.sample.count;
    }
    Proposal { agency: agency.to_owned(), types, coverage }
}

fn propose_type(classifier: &Classifier, sample: Sample) -> ProposedType {
    let input = Input { code: &sample.code, description: &sample.description, ..Input::default() };
    let verdict = classifier.classify(&input);
    let needs_person = verdict.confidence < SURE_FROM || is_doubtful(&verdict);
    let why = verdict.reasons.iter().map(|reason| reason.as_str()).collect();
    ProposedType {
        sample,
        category: verdict.category,
        action: verdict.action,
        confidence: verdict.confidence,
        why,
        needs_person,
    }
}

fn is_doubtful(verdict: &Verdict) -> bool {
    let doubts =
        [Reason::NeedsPerson, Reason::UnknownType, Reason::Likeness, Reason::Unsure, Reason::TypeDisagrees];
    verdict.reasons.iter().any(|reason| doubts.contains(reason))
}

impl ProposedType {
    /// The value in a map: a category, `none` or `hold`.
    pub fn value(&self) -> &'static str {
        match (self.category, self.action) {
            (Some(category), _) => category.as_str(),
            (None, Action::Suppress) => "none",
            (None, _) => "hold",
        }
    }
}

impl Proposal {
    /// The draft as a TOML map. Types whose code has several descriptions of different categories are
    /// named by description; types that need a person carry a comment.
    pub fn to_toml(&self) -> String {
        let mut by_code: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for proposed in &self.types {
            by_code.entry(key(&proposed.sample.code)).or_default().push(proposed.value());
        }
        let is_plain = |proposed: &&ProposedType| {
            let values = &by_code[&key(&proposed.sample.code)];
            !proposed.sample.code.trim().is_empty() && values.iter().all(|value| *value == values[0])
        };
        let (codes, descriptions): (Vec<_>, Vec<_>) = self.types.iter().partition(is_plain);
        let mut text = format!("agency = {}\n", quoted(&self.agency));
        let Coverage { types, types_open, calls, calls_open } = self.coverage;
        let _ = writeln!(
            text,
            "# {types} types of {calls} calls; {types_open} types of {calls_open} calls need a person."
        );
        render(&mut text, "codes", &codes, |sample| (&sample.code, &sample.description));
        render(&mut text, "descriptions", &descriptions, |sample| (&sample.description, &sample.code));
        text
    }

    /// The draft as CSV, with a column for each thing that a reviewer wants to see.
    ///
    /// # Errors
    /// Never in practice: the writer is a buffer.
    pub fn to_csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record([
            "code",
            "description",
            "category",
            "count",
            "confidence",
            "why",
            "needs_person",
        ])?;
        for proposed in &self.types {
            writer.write_record([
                proposed.sample.code.as_str(),
                &proposed.sample.description,
                proposed.value(),
                &proposed.sample.count.to_string(),
                &format!("{:.2}", proposed.confidence),
                &proposed.why.join(" "),
                if proposed.needs_person { "yes" } else { "" },
            ])?;
        }
        let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Writes one table, each name once: spellings that differ only in punctuation are the same key.
fn render<'a>(
    text: &mut String,
    table: &str,
    types: &[&'a ProposedType],
    name: impl Fn(&'a Sample) -> (&'a String, &'a String),
) {
    if types.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n[{table}]");
    let mut written = std::collections::BTreeSet::new();
    for proposed in types {
        let (name, other) = name(&proposed.sample);
        if !written.insert(key(name)) {
            continue;
        }
        let mark = if proposed.needs_person { "NEEDS A PERSON; " } else { "" };
        let _ = writeln!(
            text,
            "{} = \"{}\"  # {mark}{}{} calls, {:.2}, {}",
            quoted(name),
            proposed.value(),
            comment(other),
            proposed.sample.count,
            proposed.confidence,
            proposed.why.join(" ")
        );
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.trim().chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The other name of a type, for a comment.
fn comment(text: &str) -> String {
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_empty() { text } else { format!("{text}; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AgencyMap;

    fn sample(code: &str, description: &str, count: u64) -> Sample {
        Sample { code: code.into(), description: description.into(), count }
    }

    fn proposal() -> Proposal {
        propose(
            "metro",
            [
                sample("7", "SHOTS FIRED", 5),
                sample("7", "shots-fired", 2),
                sample("8", "BURGLARY", 3),
                sample("8", "BURGLARY ALARM", 30),
                sample("9", "KIDNAPPING", 1),
                sample("", "NOISE \"LOUD\"", 4),
                sample("", "  ", 9),
            ],
        )
    }

    #[test]
    fn types_are_merged_and_open_ones_come_first() {
        let proposal = proposal();
        assert_eq!(proposal.types.len(), 5);
        assert_eq!(proposal.types[0].sample.description, "KIDNAPPING");
        assert_eq!(proposal.coverage, Coverage { types: 5, types_open: 1, calls: 45, calls_open: 1 });
    }

    #[test]
    fn the_draft_is_a_map_that_says_the_same() {
        let proposal = proposal();
        let map = AgencyMap::parse("metro.toml", &proposal.to_toml()).unwrap();
        let with_map = Classifier::with_maps([map]).unwrap();
        for proposed in &proposal.types {
            let Sample { code, description, .. } = &proposed.sample;
            let input = Input { agency: Some("metro"), code, description, ..Input::default() };
            let verdict = with_map.classify(&input);
            assert_eq!(verdict.category, proposed.category, "{description}");
            assert!(verdict.reasons.contains(&Reason::Map), "{description}");
        }
        assert!(proposal.to_toml().contains("NEEDS A PERSON"));
        let csv = AgencyMap::parse("metro.csv", &proposal.to_csv().unwrap()).unwrap();
        assert_eq!(csv.len(), 5);
    }
}
