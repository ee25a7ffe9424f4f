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
/// It is kept small, since every word of a text is a random access: of a hash only 32 bits are stored, and of the
/// classes the number of their combination. Two of some seventy thousand words would have to share the place and those
/// bits for a wrong answer.
#[derive(Clone)]
pub(crate) struct Lexicon {
    tags: Vec<u32>,
    kinds: Vec<u16>,
    combinations: Vec<Flags>,
    placeholders: Vec<(String, SpanType)>,
    known_words: &'static KnownWords,
}

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
        let size = (lists.iter().len() * 3 / 2).next_power_of_two();
        let mut lexicon = Self {
            tags: vec![0; size],
            kinds: vec![0; size],
            combinations: Vec::new(),
            placeholders: Vec::new(),
            known_words: &KNOWN_WORDS,
        };
        let mut numbers = HashMap::new();
        for (key, flags) in lists.iter() {
            let next = lexicon.combinations.len();
            let number = *numbers.entry(flags).or_insert(next);
            if number == next {
                lexicon.combinations.push(class::on(flags));
            }
            // There are some hundred combinations. A word of one too many would be as if it were not listed.
            if let Ok(number) = u16::try_from(number) {
                lexicon.insert(key, number);
            }
        }
        for ty in SpanType::ALL {
            let placeholder =
                config.placeholders.get(&ty).cloned().unwrap_or_else(|| format!("[{}]", ty.as_str()));
            lexicon.placeholders.push((placeholder, ty));
        }
        lexicon
    }

    fn insert(&mut self, key: u64, number: u16) {
        let mask = self.tags.len() - 1;
        let mut at = place_of(key) & mask;
        while self.tags[at] != 0 {
            at = (at + 1) & mask;
        }
        self.tags[at] = tag_of(key);
        self.kinds[at] = number;
    }

    /// The classes of a hash, none if the word is unknown.
    pub(crate) fn get(&self, key: u64) -> Flags {
        let mask = self.tags.len() - 1;
        let wanted = tag_of(key);
        let mut at = place_of(key) & mask;
        loop {
            match self.tags[at] {
                0 => return 0,
                tag if tag == wanted => return self.combinations[usize::from(self.kinds[at])],
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The hash and classes of a word; possessive and contracted forms count as their stem.
    pub(crate) fn look_up(&self, word: &[u8]) -> (u64, Flags) {
        let key = hash(word);
        let flags = self.get(key);
        if flags == 0 && word.len() > 3 && word[word.len() - 2] == b'\'' {
            let stem = hash(&word[..word.len() - 2]);
            let flags = self.get(stem);
            return (stem, if flags == 0 { class::on(0) } else { flags });
        }
        if flags == 0 && word.len() > 5 && word[word.len() - 1] | 0x20 == b's' {
            // A family: THE HOLLOWAYS.
            let stem = self.get(hash(&word[..word.len() - 1]));
            let name = stem & (flag::SUR | flag::GIVEN);
            if stem & flag::ORD == 0 && name != 0 {
                return (key, class::on(name));
            }
        }
        (key, if flags == 0 { class::on(self.known_words.flags(key)) } else { flags })
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

/// What is stored of a hash; never zero.
fn tag_of(key: u64) -> u32 {
    (key >> 32) as u32 | 1
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
        Lexicon::new(&Config::default()).look_up(word.as_bytes()).1 & crate::token::WORD_FLAGS
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
        assert!(lexicon.combinations.len() < 1 << 16);
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
