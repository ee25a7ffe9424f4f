//! The table in which every word of a text is looked up once.

use std::collections::HashMap;

use crate::config::{Config, PLACEHOLDER_MAX};
use crate::known_words::KnownWords;
use crate::lexicon_flags::{self as flag, class};
use crate::span::SpanType;
use crate::word_lists::{BUILTIN, KNOWN_WORDS};

/// A set of word classes; the bits are in [`crate::lexicon_flags`].
pub(crate) type Flags = u64;

/// An open-addressing table from the hash of a folded word to its classes.
///
/// It is kept small, since every word of a text is a random access: a slot holds [`TAG_BITS`] of the hash and the number
/// of a combination of classes. No two listed words are taken for each other; that an unlisted word is taken for a
/// listed one has a chance of one in a million.
#[derive(Clone)]
pub(crate) struct Lexicon {
    slots: Vec<u32>,
    combinations: Vec<Flags>,
    placeholders: Vec<(String, SpanType)>,
    known_words: &'static KnownWords,
}

/// Bits of a slot that come from the hash; the others number some hundred combinations of classes, from one.
const TAG_BITS: u32 = 20;
const NUMBER_MASK: u32 = (1 << (u32::BITS - TAG_BITS)) - 1;

impl Lexicon {
    /// The built-in lists with an agency's own words.
    pub(crate) fn new(config: &Config) -> Self {
        let mut lists = BUILTIN.clone();
        for word in &config.places {
            lists.add_words(word, flag::ORD | flag::BIZ);
        }
        for word in &config.vocabulary {
            lists.add_words(word, flag::ORD | flag::STRICT);
        }
        let mut combinations = vec![0];
        let mut numbers = HashMap::new();
        let mut words = Vec::with_capacity(lists.iter().len());
        let mut listed: Vec<_> = lists.iter().collect();
        // In the order of the lists' own hashes, so that every process numbers alike.
        listed.sort_unstable();
        for (key, flags) in listed {
            let number = *numbers.entry(flags).or_insert_with(|| {
                combinations.push(class::on(flags));
                combinations.len() - 1
            });
            // A word of one combination too many would be as if it were not listed.
            if let Some(number) = u32::try_from(number).ok().filter(|&number| number <= NUMBER_MASK) {
                words.push((key, number));
            }
        }
        let placeholders = SpanType::ALL.into_iter().map(|ty| {
            let placeholder = config.placeholders.get(&ty).cloned();
            (placeholder.unwrap_or_else(|| format!("[{}]", ty.as_str())), ty)
        });
        Self {
            slots: table(&words),
            combinations,
            placeholders: placeholders.collect(),
            known_words: &KNOWN_WORDS,
        }
    }

    /// The first slot in which a hash may stand. Asking for those of all words before any is looked at lets the processor
    /// fetch them side by side.
    #[inline]
    pub(crate) fn first_slot(&self, key: u64) -> u32 {
        self.slots[place_of(key) & (self.slots.len() - 1)]
    }

    /// The classes of a hash, none if the word is unknown.
    fn get(&self, key: u64) -> Flags {
        self.get_from(key, self.first_slot(key))
    }

    #[inline]
    fn get_from(&self, key: u64, first: u32) -> Flags {
        let mask = self.slots.len() - 1;
        let wanted = tag_of(key);
        let (mut at, mut slot) = (place_of(key) & mask, first);
        loop {
            if slot == 0 || slot & !NUMBER_MASK == wanted {
                return self.combinations[(slot & NUMBER_MASK) as usize];
            }
            at = (at + 1) & mask;
            slot = self.slots[at];
        }
    }

    /// The hash and classes of a word with that hash and first slot; possessive and contracted forms count as their stem.
    #[inline]
    pub(crate) fn look_up(&self, word: &[u8], key: u64, first: u32) -> (u64, Flags) {
        let flags = self.get_from(key, first);
        if flags == 0 { self.look_up_unlisted(word, key) } else { (key, flags) }
    }

    fn look_up_unlisted(&self, word: &[u8], key: u64) -> (u64, Flags) {
        if word.len() > 3 && word[word.len() - 2] == b'\'' {
            let stem = hash(&word[..word.len() - 2]);
            let flags = self.get(stem);
            return (stem, if flags == 0 { class::on(0) } else { flags });
        }
        if word.len() > 5 && word[word.len() - 1] | 0x20 == b's' {
            // A family: THE HOLLOWAYS.
            let stem = self.get(hash(&word[..word.len() - 1]));
            let name = stem & (flag::SUR | flag::GIVEN);
            if stem & flag::ORD == 0 && name != 0 {
                return (key, class::on(name));
            }
        }
        (key, class::on(self.known_words.flags(key)))
    }

    /// The length and type of a placeholder at the start of `bytes`.
    pub(crate) fn placeholder(&self, bytes: &[u8]) -> Option<(usize, SpanType)> {
        let end = bytes.iter().take(PLACEHOLDER_MAX + 2).position(|&byte| byte == b']')?;
        let found = self.placeholders.iter().find(|(text, _)| text.as_bytes() == &bytes[..=end])?;
        Some((end + 1, found.1))
    }

    /// The text that replaces a span of that type.
    pub(crate) fn placeholder_of(&self, ty: SpanType) -> &str {
        self.placeholders.get(ty as usize).map_or("[REDACTED]", |(text, _)| text)
    }
}

/// Where the search for a hash begins.
#[allow(clippy::cast_possible_truncation, reason = "only the low bits are used")]
fn place_of(key: u64) -> usize {
    (key >> 32) as usize ^ key as usize
}

/// What is stored of a hash.
fn tag_of(key: u64) -> u32 {
    (key >> 32) as u32 & !NUMBER_MASK
}

/// The slots for words and the numbers of their classes, at most two thirds of them used. In the rare case that two words
/// could be taken for each other, the table is doubled, which parts them.
fn table(words: &[(u64, u32)]) -> Vec<u32> {
    let mut size = (words.len() * 3 / 2).next_power_of_two();
    loop {
        if let Some(slots) = try_table(words, size) {
            return slots;
        }
        size *= 2;
    }
}

fn try_table(words: &[(u64, u32)], size: usize) -> Option<Vec<u32>> {
    let mut slots = vec![0; size];
    for &(key, number) in words {
        let mut at = place_of(key) & (size - 1);
        while slots[at] != 0 {
            if slots[at] & !NUMBER_MASK == tag_of(key) {
                return None;
            }
            at = (at + 1) & (size - 1);
        }
        slots[at] = tag_of(key) | number;
    }
    Some(slots)
}

/// A hash of a word that does not see case. Eight bytes a step, the last eight overlapping; never zero.
pub(crate) const fn hash(word: &[u8]) -> u64 {
    let mut state = word.len() as u64;
    let mut rest = word;
    while rest.len() > 8 {
        state = step(state, eight(rest));
        rest = rest.split_at(8).1;
    }
    let tail = match word.len() {
        0 => 0,
        1..=3 => {
            let middle = word[word.len() / 2] as u64;
            (word[0] as u64) << 16 | middle << 8 | word[word.len() - 1] as u64
        }
        4..=8 => (four(word) as u64) << 32 | four(word.split_at(word.len() - 4).1) as u64,
        _ => eight(word.split_at(word.len() - 8).1),
    };
    state = step(state, tail);
    state ^= state >> 29;
    state.wrapping_mul(MIX) | 1
}

const fn step(state: u64, bytes: u64) -> u64 {
    (state.rotate_left(5) ^ (bytes & FOLD)).wrapping_mul(MIX)
}

const fn eight(word: &[u8]) -> u64 {
    u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]])
}

const fn four(word: &[u8]) -> u32 {
    u32::from_le_bytes([word[0], word[1], word[2], word[3]])
}

/// Clears the bit in which ASCII capitals and small letters differ.
const FOLD: u64 = 0xDFDF_DFDF_DFDF_DFDF;
/// An odd number with well-spread bits: two to the 64 divided by the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hashes of words, computed when the program is compiled.
macro_rules! words {
    ($($word:literal),* $(,)?) => {
        const { &[$($crate::lexicon::hash($word.as_bytes())),*] }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(word: &str) -> Flags {
        let lexicon = Lexicon::new(&Config::default());
        let key = hash(word.as_bytes());
        lexicon.look_up(word.as_bytes(), key, lexicon.first_slot(key)).1 & crate::token::WORD_FLAGS
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(hash(b"Whitfield"), hash(b"WHITFIELD"));
        assert_ne!(hash(b"Whitfield"), hash(b"Whitfiels"));
    }

    #[test]
    fn every_listed_word_is_found() {
        let lexicon = Lexicon::new(&Config::default());
        for (key, flags) in BUILTIN.iter() {
            assert_eq!(lexicon.get(key) & crate::token::WORD_FLAGS, flags);
        }
        assert!(lexicon.combinations.len() <= NUMBER_MASK as usize);
    }

    #[test]
    fn words_have_their_classes() {
        assert_ne!(flags("RP") & flag::ROLE, 0);
        assert_ne!(flags("stopped") & flag::ORD, 0);
        assert_ne!(flags("ROBERT") & flag::GIVEN, 0);
        assert_eq!(flags("QZXKJW"), 0);
    }

    #[test]
    fn long_words_and_possessives() {
        assert_eq!(flags("robert's"), flags("robert"));
        assert_eq!(flags("quoins"), flag::DICT);
        assert_eq!(flags("pneumonoultramicroscopicsilicovolcanoconiosis"), 0);
    }
}
