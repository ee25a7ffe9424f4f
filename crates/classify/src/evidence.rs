//! A second opinion on narratives: what each word by itself says of each crime, added up.
//!
//! Rules find what they were written for; a crime in words of no rule they miss, and a word in a sense of
//! its own they take for a crime. The weights of `lexicon/evidence.txt` know no phrases and read every
//! word, so they err elsewhere. They were fitted to labelled narratives by `examples/fit_evidence.rs`,
//! and hold no word that the tests of this crate do not hold.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::category::Category;
use crate::rules::{Origin, Tagged};
use crate::text::Words;

/// How much the words of a text speak for each category rather than for none, in hundredths of a natural
/// logarithm of odds.
pub(crate) type Scores = [i32; Category::ALL.len()];

/// What another answer than the rules' must have in its favour, in the same unit: the answer of the
/// rules stands unless the words alone make another some seven times as likely.
pub(crate) const TRUST_IN_RULES: i32 = 200;

/// In a text of fewer known words than this the start counts less: it says how seldom a story is of one
/// crime, and a few words are hardly a story.
pub const WORDS_OF_STORY: u16 = 10;

const FILE: &str = "evidence.txt";

/// The weights of words.
pub(crate) struct Evidence {
    stems: FxHashMap<&'static str, u16>,
    weights: Vec<(Scores, Origin)>,
    /// What is so before a word is read.
    start: Scores,
}

impl Evidence {
    /// Reads lines of a stem and its weight for each category in order; `-` is the start. The line that
    /// cannot be read is named.
    pub(crate) fn parse(text: &'static str) -> Result<Self, u32> {
        let mut this = Self { stems: FxHashMap::default(), weights: Vec::new(), start: Scores::default() };
        for (line, number) in text.lines().zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut columns = line.split_whitespace();
            let stem = columns.next().ok_or(number)?;
            let mut scores = Scores::default();
            for score in &mut scores {
                *score = columns.next().and_then(|c| c.parse().ok()).ok_or(number)?;
            }
            if stem == "-" {
                this.start = scores;
                continue;
            }
            let id = u16::try_from(this.weights.len()).map_err(|_| number)?;
            this.weights.push((scores, Origin { file: FILE, line: number, text: line }));
            if columns.next().is_some() || this.stems.insert(stem, id).is_some() {
                return Err(number);
            }
        }
        Ok(this)
    }

    /// Adds up what the words say. A word counts once, however often it stands, and not where a negative
    /// context cleared it.
    pub(crate) fn weigh(&self, words: &Words, text: &Tagged) -> Scores {
        let known = self.known(words, text);
        let share = u16::try_from(known.len()).unwrap_or(u16::MAX).min(WORDS_OF_STORY);
        let mut scores = self.start.map(|start| start * i32::from(share) / i32::from(WORDS_OF_STORY));
        for id in known {
            for (sum, weight) in scores.iter_mut().zip(self.weights[usize::from(id)].0) {
                *sum += weight;
            }
        }
        scores
    }

    /// The words that say most for an answer and against another, the strongest first.
    pub(crate) fn strongest(
        &self,
        words: &Words,
        text: &Tagged,
        answer: Option<Category>,
        other: Option<Category>,
    ) -> impl Iterator<Item = &Origin> {
        const SHOWN: usize = 5;
        let of = |scores: &Scores, category: Option<Category>| category.map_or(0, |c| scores[c as usize]);
        let mut known: Vec<_> = self
            .known(words, text)
            .iter()
            .map(|&id| &self.weights[usize::from(id)])
            .map(|(scores, origin)| (of(scores, answer) - of(scores, other), origin))
            .filter(|(difference, _)| *difference > 0)
            .collect();
        known.sort_by_key(|(difference, _)| -difference);
        known.into_iter().take(SHOWN).map(|(_, origin)| origin)
    }

    /// The numbers of the words that have weights, each once.
    fn known(&self, words: &Words, text: &Tagged) -> SmallVec<[u16; 64]> {
        let mut known = SmallVec::new();
        for stem in meant(words, text) {
            let Some(&id) = self.stems.get(stem) else { continue };
            if !known.contains(&id) {
                known.push(id);
            }
        }
        known
    }
}

/// The stems that may have a weight, each once, for those who fit weights.
pub(crate) fn stems(words: &Words, text: &Tagged) -> Vec<String> {
    let mut stems: Vec<String> = meant(words, text)
        .filter(|stem| stem.len() > 1 && stem.bytes().all(|b| b.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// The stems of the words that no negative context cleared.
fn meant<'a>(words: &'a Words, text: &'a Tagged) -> impl Iterator<Item = &'a str> {
    // Two abbreviations in one word are tagged apart; then words and tags cannot be compared.
    let cleared: &[usize] = if words.len() == text.words.len() { &text.cleared } else { &[] };
    words.iter().enumerate().filter(|(at, _)| !cleared.contains(at)).map(|(_, word)| stem(word.text))
}

/// A word without its ending, so that `robbed`, `robber` and `robbing` are one.
fn stem(word: &str) -> &str {
    const SHORTEST: usize = 3;
    let endings: &[&str] = match word.as_bytes().last() {
        Some(b's') => &["ies", "es", "s"],
        Some(b'g') => &["ing"],
        Some(b'd') => &["ed"],
        Some(b'r') => &["er"],
        Some(b'y') => &["ly"],
        _ => &[],
    };
    let cut = endings.iter().find_map(|end| word.strip_suffix(end).filter(|rest| rest.len() >= SHORTEST));
    let rest = cut.map_or(word, |rest| match rest.as_bytes() {
        [_, .., before, last] if rest.len() > SHORTEST && before == last && !b"sl".contains(last) => {
            &rest[..rest.len() - 1]
        }
        _ => rest,
    });
    if rest.len() > SHORTEST + 1 { rest.trim_end_matches('e') } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Bits;

    #[test]
    fn endings_are_cut() {
        for word in ["robbed", "robber", "robbing", "robs", "rob"] {
            assert_eq!(stem(word), "rob", "{word}");
        }
        for word in ["vehicle", "vehicles"] {
            assert_eq!(stem(word), "vehicl", "{word}");
        }
        assert_eq!(["glass", "bus", "a", ""].map(stem), ["glas", "bus", "a", ""]);
    }

    #[test]
    fn words_count_once() {
        let evidence =
            Evidence::parse("- 10 0 0 0 0 0 0 0\nrob 0 0 5 0 0 0 0 0\ncar 0 7 1 0 0 0 0 0\n").unwrap();
        let words = Words::new("Robbed, robbed of the car");
        let mut text = Tagged::whole();
        (0..words.len()).for_each(|_| text.push(&Bits::EMPTY));
        assert_eq!(evidence.weigh(&words, &text), [2, 7, 6, 0, 0, 0, 0, 0]);
        let strongest = evidence.strongest(&words, &text, Some(Category::Robbery), None);
        assert_eq!(strongest.map(|origin| origin.line).collect::<Vec<_>>(), [2, 3]);
        text.clear(4);
        assert_eq!(evidence.weigh(&words, &text), [1, 0, 5, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn mistakes_are_named() {
        for wrong in ["rob 1", "rob 0 0 0 0 0 0 0 0 0", "- x", "a 0 0 0 0 0 0 0 0\na 0 0 0 0 0 0 0 0"] {
            assert!(Evidence::parse(wrong).is_err(), "{wrong}");
        }
    }
}
