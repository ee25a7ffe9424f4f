//! From words to classes, and the reading of words that are not in the list: misspelt, cut off, run
//! together, torn apart or written without vowels.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::rules::{Bits, Names, RuleError, Tagged};
use crate::text::Words;

/// A misspelling is looked for in words of at least this length: shorter ones have too many neighbours.
const SHORTEST_MISSPELT: usize = 6;
/// A word cut off at the end of a text keeps at least this many letters to be recognised.
const SHORTEST_CUT: usize = 4;
/// A word without vowels has at least this many consonants to be recognised.
const SHORTEST_SKELETON: usize = 4;
/// Words run together are looked for in words of at least this length, in parts of at least
/// `SHORTEST_PART`.
const SHORTEST_RUN: usize = 7;
const SHORTEST_PART: usize = 3;
/// No likeness is looked for in longer words, so that a hostile text costs no more than a dull one.
const LONGEST_LIKENESS: usize = 40;
/// In progress, just occurred, just happened: what is run together with a type most often.
const PROGRESS_TAILS: [&str; 3] = ["ip", "jo", "jh"];

/// How a text's words were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// A word was recognised by likeness, not letter by letter.
    pub(crate) by_likeness: bool,
    /// How many words have letters and are not in the list.
    pub(crate) unknown: u16,
}

/// The words of the lexicon with their classes.
pub(crate) struct Vocabulary {
    ids: FxHashMap<Box<str>, u32>,
    spelled: FxHashMap<Box<str>, u32>,
    /// The classes of each word, then the elements that it fits.
    classes: Vec<SmallVec<[u16; 4]>>,
    elements: Vec<Bits>,
    /// The class of words that are numbers, and the elements that they fit.
    number_class: u16,
    number: Bits,
    /// Words by what is left when one letter is dropped.
    neighbours: FxHashMap<Box<str>, u32>,
    /// Long words by their consonants.
    skeletons: FxHashMap<Box<str>, u32>,
    /// The first letter of each word.
    first_letters: Vec<u8>,
    /// Words in alphabetical order, for prefixes.
    sorted: Vec<(Box<str>, u32)>,
}

impl Vocabulary {
    /// Reads lines of `class: word word …`. A word with `&` is spelled with letters that stand apart;
    /// `@other` stands for all words that the class has so far.
    pub(crate) fn parse(text: &str, names: &mut Names) -> Result<Self, RuleError> {
        let mut this = Self {
            ids: FxHashMap::default(),
            spelled: FxHashMap::default(),
            classes: Vec::new(),
            elements: Vec::new(),
            number_class: 0,
            number: Bits::EMPTY,
            neighbours: FxHashMap::default(),
            skeletons: FxHashMap::default(),
            first_letters: Vec::new(),
            sorted: Vec::new(),
        };
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (class, words) = line.split_once(':').ok_or(RuleError::Malformed("class: words"))?;
            let class = names.define(class.trim());
            for word in words.split_whitespace() {
                match word.strip_prefix('@') {
                    Some(other) => this.include(names.class(other)?, class),
                    None => this.add(word, class),
                }
            }
        }
        this.number_class = names.define("number");
        Ok(this)
    }

    /// Gives all words of one class another class too.
    fn include(&mut self, from: u16, to: u16) {
        for classes in &mut self.classes {
            if classes.contains(&from) && !classes.contains(&to) {
                classes.push(to);
            }
        }
    }

    fn add(&mut self, word: &str, class: u16) {
        let id = self.id(word);
        self.classes[id].push(class);
    }

    /// The number of a word, new or known.
    fn id(&mut self, word: &str) -> usize {
        let next = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        let id = if word.contains('&') {
            *self.spelled.entry(word.replace('&', "").into()).or_insert(next)
        } else {
            *self.ids.entry(word.into()).or_insert(next)
        };
        if id == next {
            self.classes.push(SmallVec::new());
        }
        id as usize
    }

    /// Works out which elements each word fits, and builds the indexes for words that are not in the
    /// list. Call once, after the last rule was read.
    pub(crate) fn index(&mut self, names: &Names) {
        let by_word: Vec<(usize, u16)> =
            names.by_word().map(|(word, element)| (self.id(word), element)).collect();
        let by_class = names.by_class();
        self.elements = vec![Bits::EMPTY; self.classes.len()];
        for (elements, classes) in self.elements.iter_mut().zip(&self.classes) {
            for class in classes {
                elements.add(&by_class[usize::from(*class)]);
            }
        }
        self.number = by_class[usize::from(self.number_class)];
        for (id, element) in by_word {
            self.elements[id].set(element);
        }
        self.sorted = self.ids.iter().map(|(word, &id)| (word.clone(), id)).collect();
        self.sorted.sort_unstable();
        self.first_letters = vec![0; self.classes.len()];
        for (word, id) in &self.sorted {
            self.first_letters[*id as usize] = word.as_bytes().first().copied().unwrap_or(0);
        }
        for (word, id) in &self.sorted {
            if word.len() >= SHORTEST_MISSPELT && word.is_ascii() {
                self.neighbours.entry(word.clone()).or_insert(*id);
                for_each_deletion(word, |shorter| {
                    self.neighbours.entry(shorter.into()).or_insert(*id);
                });
            }
            let skeleton = skeleton(word);
            if word.len() >= SHORTEST_MISSPELT && skeleton.len() >= SHORTEST_SKELETON {
                self.skeletons.entry(skeleton.into()).or_insert(*id);
            }
        }
    }

    /// How many words fit each element.
    pub(crate) fn weights(&self) -> Vec<u32> {
        let mut weights = vec![0; crate::rules::ELEMENTS];
        for elements in &self.elements {
            for element in elements.iter() {
                weights[usize::from(element)] += 1;
            }
        }
        weights
    }

    /// Reads a call type: short, free-typed, cut to a width. Unknown words are read by likeness.
    pub(crate) fn read_type(&self, words: &Words, text: &mut Tagged) -> Reading {
        let mut reading = Reading::default();
        let last = words.len().saturating_sub(1);
        let mut at = 0;
        while at < words.len() {
            let word = words.get(at);
            if let Some(bits) = self.exact(word.text, word.spelled) {
                text.push(bits);
            } else if word.spelled && self.spelled_pair(word.text, text) {
                // Two abbreviations side by side (`B&E I/P`).
            } else if let Some(id) = self.torn(word.text, words.get(at + 1).text) {
                text.push(&self.elements[id as usize]);
                reading.by_likeness = true;
                at += 1;
            } else if is_code(word.text) {
                text.push(if is_number(word.text) { &self.number } else { &Bits::EMPTY });
            } else {
                reading.by_likeness |= self.by_likeness(word.text, at == last, text, &mut reading.unknown);
            }
            at += 1;
        }
        reading
    }

    /// Reads a narrative: long, full of names. Only known words and their plurals count.
    pub(crate) fn read_narrative(&self, words: &Words, text: &mut Tagged) {
        text.words.reserve(words.len());
        for word in words.iter() {
            if let Some(bits) = self.exact(word.text, word.spelled) {
                text.push(bits);
            } else if !(word.spelled && self.spelled_pair(word.text, text)) {
                text.push(if is_number(word.text) { &self.number } else { &Bits::EMPTY });
            }
        }
    }

    fn exact(&self, word: &str, spelled: bool) -> Option<&Bits> {
        let id = if spelled {
            // Letters apart usually abbreviate something of their own; else they spell a word.
            self.spelled.get(word).or_else(|| self.ids.get(word))
        } else {
            self.ids.get(word).or_else(|| self.singular(word))
        };
        id.map(|&id| &self.elements[id as usize])
    }

    /// Splits letters that stood apart into two known abbreviations.
    fn spelled_pair(&self, letters: &str, text: &mut Tagged) -> bool {
        (1..letters.len()).any(|middle| {
            let (head, tail) = letters.split_at(middle);
            let (Some(&head), Some(&tail)) = (self.spelled.get(head), self.spelled.get(tail)) else {
                return false;
            };
            text.push(&self.elements[head as usize]);
            text.push(&self.elements[tail as usize]);
            true
        })
    }

    fn singular(&self, word: &str) -> Option<&u32> {
        let stem = word.strip_suffix('s').filter(|stem| stem.len() > 3)?;
        self.ids.get(stem).or_else(|| self.ids.get(stem.strip_suffix('e')?))
    }

    /// A word torn in two (`I NVESTIGATE`), of which the second half alone is not a word.
    fn torn(&self, word: &str, next: &str) -> Option<u32> {
        if next.is_empty() || self.ids.contains_key(next) || word.len() + next.len() < SHORTEST_MISSPELT {
            return None;
        }
        let whole = [word, next].concat();
        self.ids.get(whole.as_str()).copied()
    }

    fn by_likeness(&self, word: &str, is_last: bool, text: &mut Tagged, unknown: &mut u16) -> bool {
        if word.len() > LONGEST_LIKENESS {
            text.push(&Bits::EMPTY);
            *unknown = unknown.saturating_add(1);
            return false;
        }
        let cut = if is_last { self.cut(word) } else { None };
        let alike =
            || self.misspelt(word).or_else(|| self.vowelless(word)).map(|id| self.elements[id as usize]);
        if let Some(bits) = cut.or_else(alike) {
            text.push(&bits);
            return true;
        }
        if self.run_together(word, is_last, text) {
            return true;
        }
        text.push(&Bits::EMPTY);
        *unknown = unknown.saturating_add(1);
        false
    }

    /// What all words that continue `word` have in common.
    fn cut(&self, word: &str) -> Option<Bits> {
        if word.len() < SHORTEST_CUT {
            return None;
        }
        let first = self.sorted.partition_point(|(known, _)| &**known < word);
        let longer = self.sorted[first..].iter().take_while(|(known, _)| known.starts_with(word));
        let common = longer.map(|(_, id)| self.elements[*id as usize]).reduce(|a, b| a.meet(&b))?;
        (!common.is_empty()).then_some(common)
    }

    /// The known word at one insertion, deletion, replacement or swap of neighbours from `word`.
    fn misspelt(&self, word: &str) -> Option<u32> {
        if word.len() < SHORTEST_MISSPELT {
            return None;
        }
        // One letter too many at the end is the commonest slip of all.
        let longer_by_one = self.ids.get(&word[..word.len() - 1]);
        let mut found = longer_by_one.or_else(|| self.neighbours.get(word)).copied();
        for_each_deletion(word, |shorter| {
            found = found.or_else(|| self.neighbours.get(shorter).copied());
        });
        // Most slips of the pen leave the first letter alone; the rest would be guessing.
        found.filter(|&id| self.first_letters.get(id as usize) == word.as_bytes().first())
    }

    fn vowelless(&self, word: &str) -> Option<u32> {
        if word.len() < SHORTEST_SKELETON || word.bytes().any(is_vowel) {
            return None;
        }
        self.skeletons.get(skeleton(word).as_str()).copied()
    }

    /// Splits `word` into two or three known ones.
    fn run_together(&self, word: &str, is_last: bool, text: &mut Tagged) -> bool {
        let before_tail = PROGRESS_TAILS.iter().find_map(|tail| word.strip_suffix(tail));
        let head = before_tail.filter(|head| head.len() > SHORTEST_PART);
        if let Some(bits) = head.and_then(|head| self.exact(head, false)) {
            text.push(bits);
            return true;
        }
        if word.len() < SHORTEST_RUN {
            return false;
        }
        for middle in (SHORTEST_PART..=word.len() - SHORTEST_PART).rev() {
            let (head, tail) = word.split_at(middle);
            let Some(head) = self.exact(head, false) else { continue };
            let mut parts = Tagged::whole();
            parts.push(head);
            let cut = if is_last { self.cut(tail) } else { None };
            if let Some(bits) = self.exact(tail, false).or(cut.as_ref()) {
                parts.push(bits);
            } else if !self.run_together(tail, is_last, &mut parts) {
                continue;
            }
            for bits in &parts.words {
                text.push(bits);
            }
            return true;
        }
        false
    }
}

/// Whether a word is a number or a code rather than a word of a language.
fn is_code(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit()) || word.len() < 2
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

const fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The first letter and the consonants after it, doubled ones once.
fn skeleton(word: &str) -> String {
    let mut skeleton = String::with_capacity(word.len());
    for (at, c) in word.char_indices() {
        let vowel = u8::try_from(c).is_ok_and(is_vowel);
        if at == 0 || (!vowel && !skeleton.ends_with(c)) {
            skeleton.push(c);
        }
    }
    skeleton
}

fn for_each_deletion(word: &str, mut act: impl FnMut(&str)) {
    let mut shorter = String::with_capacity(word.len());
    for at in 0..word.len() {
        shorter.clear();
        shorter.push_str(&word[..at]);
        shorter.push_str(&word[at + 1..]);
        act(&shorter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes of a type's words, as letters; and how it was read.
    fn read(text: &str) -> (String, Reading) {
        let mut names = Names::default();
        let words = "b: burglary burglar breaking\na: alarm\nv: vehicle auto\nt: theft stolen\nr: robbery\ne: b&e\ni: i&p ip\n";
        let mut vocabulary = Vocabulary::parse(words, &mut names).unwrap();
        let letters = ["b", "a", "v", "t", "r", "e", "i"];
        let elements = letters.map(|class| (class, names.element(&format!("@{class}")).unwrap()));
        vocabulary.index(&names);
        let mut tagged = Tagged::whole();
        let reading = vocabulary.read_type(&Words::new(text), &mut tagged);
        let letter =
            |bits: &Bits| elements.iter().find(|(_, e)| bits.has(*e)).map_or("-", |(class, _)| class);
        (tagged.words.iter().map(letter).collect(), reading)
    }

    fn classes(text: &str) -> String {
        read(text).0
    }

    #[test]
    fn known_words_and_plurals_are_read_letter_by_letter() {
        assert_eq!(classes("Stolen VEHICLES alarm 12"), "tva-");
        assert!(!read("STOLEN VEHICLES ALARM 12").1.by_likeness);
        assert_eq!(read("STOLEN XYLOPHONE").1, Reading { by_likeness: false, unknown: 1 });
    }

    #[test]
    fn misspelt_cut_torn_and_vowelless_words_are_read_by_likeness() {
        for (text, expected) in [
            ("BURGLRY", "b"),
            ("BUGLARY", "b"),
            ("BRUGLARY", "b"),
            ("BURGLARYY", "b"),
            ("STOLEN VEHI", "tv"),
            ("ROBBERY ALAR", "ra"),
            ("R OBBERY", "r"),
            ("BRGLRY", "b"),
        ] {
            let (classes, reading) = read(text);
            assert_eq!((classes.as_str(), reading.by_likeness), (expected, true), "{text}");
        }
    }

    #[test]
    fn words_run_together_are_split() {
        for (text, expected) in
            [("AUTOTHEFT", "vt"), ("BURGLARYALARM", "ba"), ("STOLENAUTOTHEFT", "tvt"), ("ROBBERYIP", "r")]
        {
            assert_eq!(classes(text), expected, "{text}");
        }
    }

    #[test]
    fn letters_that_stand_apart_are_abbreviations() {
        assert_eq!(classes("B&E"), "e");
        assert_eq!(classes("B & E I/P"), "ei");
        assert_eq!(classes("BE"), "-");
    }

    #[test]
    fn words_that_are_only_near_are_not_guessed() {
        for text in ["CHATTER", "THE", "AUT", "VEHEMENT"] {
            assert_eq!(classes(text), "-", "{text}");
        }
    }
}
