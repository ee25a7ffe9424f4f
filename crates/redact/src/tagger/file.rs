//! Reads the file of weights, a line for each answer to a question: `w-1=CALLER`, a tab, `B-NAME=0.61 O=-0.18`.

use rustc_hash::FxHashMap;

use crate::lexicon::{Flags, hash};
use crate::lexicon_flags as flag;
use crate::span::SpanType;
use crate::tagger::feature::{PLACES, REACH, SPACED, key_of_pair, number_of_spacing};
use crate::tagger::item::{self, BEFORE, BEHIND, KINDS, SPACINGS};
use crate::tagger::label::{self, LABELS};
use crate::tagger::model::NEVER;
use crate::tagger::row::{UNIT, Weights};

/// What an item adds to those around it, by [`index_at`] of its place.
pub(super) type Rows = [Weights; PLACES];
/// Nothing at any place.
pub(super) const NONE: Rows = [Weights::ZERO; PLACES];

/// The weights as they stand in the file.
pub(super) struct Parsed {
    /// By [`Item::word`](item::Item::word).
    pub(super) words: FxHashMap<u64, Rows>,
    pub(super) kinds: Vec<Rows>,
    /// By the number of a flag's bit.
    pub(super) flags: Vec<Rows>,
    /// For two kinds side by side, what they say of the left item and of the right one.
    pub(super) pairs: FxHashMap<u64, [Weights; 2]>,
    /// By the hash of the letters.
    pub(super) endings: FxHashMap<u64, Weights>,
    pub(super) spacing: [Weights; SPACED.len() * SPACINGS],
    /// What each label adds to those of the next item.
    pub(super) steps: [[i16; LABELS]; LABELS],
}

impl Parsed {
    /// Reads the file. Lines that the program for fitting would not write are passed over.
    pub(super) fn read(text: &str) -> Self {
        let step = |last| std::array::from_fn(|label| if label::may_follow(label, last) { 0 } else { NEVER });
        let mut parsed = Self {
            words: FxHashMap::default(),
            kinds: vec![NONE; KINDS],
            flags: vec![NONE; Flags::BITS as usize],
            pairs: FxHashMap::default(),
            endings: FxHashMap::default(),
            spacing: [Weights::ZERO; _],
            steps: std::array::from_fn(step),
        };
        let names = Names::new();
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            let question = line.split_once('\t').and_then(|(question, numbers)| {
                question.split_once('=').map(|(name, answer)| (name, answer, numbers))
            });
            if let Some((name, answer, numbers)) = question {
                // The answer is not read where the name has no place for it.
                let _ = parsed.add(name, answer, names.numbers(numbers), &names);
            }
        }
        parsed
    }

    fn add(&mut self, name: &str, answer: &str, numbers: [f32; LABELS], names: &Names) -> Option<()> {
        let weights = Weights::new(numbers);
        let (what, place) = name.split_at_checked(1)?;
        match what {
            "w" => {
                let index = index_of(place)?;
                self.words.entry(word_of(answer)).or_insert(NONE)[index] = weights;
            }
            "k" => self.kinds[usize::from(names.kind(answer)?)][index_of(place)?] = weights,
            "f" => {
                self.flags[flag::parse_flag(answer)?.trailing_zeros() as usize][index_of(place)?] = weights;
            }
            "p" => {
                // Kinds have no space in their names.
                let (left, right) = answer.split_once(' ')?;
                let key = key_of_pair(names.kind(left)?, names.kind(right)?);
                let rows = self.pairs.entry(key).or_insert([Weights::ZERO; 2]);
                rows[usize::from(place.starts_with('-'))] = weights;
            }
            "s" => {
                let at = SPACED.iter().position(|spaced| place.parse() == Ok(*spaced))?;
                let spacing = answer.parse().ok().filter(|spacing| *spacing < SPACINGS)?;
                self.spacing[number_of_spacing(at, spacing)] = weights;
            }
            "e" => drop(self.endings.insert(hash(answer.as_bytes()), weights)),
            "t" => {
                let last = *names.labels.get(answer)?;
                self.steps[last].iter_mut().zip(numbers).for_each(|(step, number)| *step += units(number));
            }
            _ => {}
        }
        Some(())
    }
}

/// The index in [`Rows`] of what is said at a place: of an item to the left of the scored one, it is what it says of one to
/// its right.
pub(super) fn index_at(place: isize) -> usize {
    REACH.saturating_add_signed(-place)
}

fn index_of(place: &str) -> Option<usize> {
    let place = place.parse::<isize>().ok()?;
    (place.unsigned_abs() <= REACH).then(|| index_at(place))
}

/// The names that the file uses.
struct Names {
    kinds: FxHashMap<String, u16>,
    labels: FxHashMap<String, usize>,
}

impl Names {
    fn new() -> Self {
        Self {
            kinds: (0..).take(KINDS).map(|kind| (item::name_of_kind(kind), kind)).collect(),
            labels: (0..LABELS).map(|label| (label::name(label), label)).collect(),
        }
    }

    fn kind(&self, name: &str) -> Option<u16> {
        self.kinds.get(name).copied()
    }

    /// Reads `B-NAME=1.25 O=-0.31`.
    fn numbers(&self, weights: &str) -> [f32; LABELS] {
        let mut row = [0.0; LABELS];
        for weight in weights.split(' ') {
            let parsed = weight.split_once('=').map(|(name, value)| (self.labels.get(name), value.parse()));
            if let Some((Some(&label), Ok(value))) = parsed {
                row[label] = value;
            }
        }
        row
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a float that is too great becomes the greatest number")]
fn units(weight: f32) -> i16 {
    (weight.clamp(-100.0, 100.0) * UNIT).round() as i16
}

/// The identity of a word as the file writes it: a word, `9` for each digit, a sign, `[TYPE]`, `^^` or `$$`.
fn word_of(text: &str) -> u64 {
    match text.as_bytes() {
        b"^^" => BEFORE.word,
        b"$$" => BEHIND.word,
        [b'9', ..] => item::identity_of_number(text.len()),
        [b'[', name @ .., b']'] if !name.is_empty() => {
            std::str::from_utf8(name).ok().and_then(SpanType::parse).map_or(0, item::identity_of_span)
        }
        [sign] if !sign.is_ascii_alphabetic() => item::identity_of_sign(*sign),
        word => hash(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_built_in_file_is_read() {
        let names = Names::new();
        let mut parsed = Parsed::read("");
        let mut count = 0;
        for line in include_str!("../../lexicon/tagger.txt").lines().filter(|line| !line.starts_with("# ")) {
            let (question, numbers) = line.split_once('\t').unwrap();
            let (name, answer) = question.split_once('=').unwrap();
            let numbers = names.numbers(numbers);
            assert!(Weights::new(numbers) != Weights::ZERO || name == "t", "no weight in {line}");
            assert!(parsed.add(name, answer, numbers, &names).is_some(), "no question in {line}");
            count += 1;
        }
        assert!(count > 5000, "only {count} lines");
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names = Names::new();
        for flag in (0..64).filter_map(flag::name_of).filter_map(flag::parse_flag) {
            let kind = item::kind_of_flags(flag);
            assert_eq!(names.kind(&item::name_of_kind(kind)), Some(kind));
        }
        for edge in [BEFORE, BEHIND] {
            assert_eq!(names.kind(&item::name_of_kind(edge.kind)), Some(edge.kind));
        }
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        let parsed = Parsed::read("\n# a comment\nw0\nw9=A\tO=1\nw0=CALLER\tB-NAME=2.5 X=1 O=y\nz=1\tO=1");
        assert_eq!(parsed.words.len(), 1);
        assert!(parsed.words[&hash(b"caller")][index_at(0)] != Weights::ZERO);
    }
}
