//! What the engine knows about single words.
//!
//! The lists under `lexicon/` are this project's own; the name priors are the public locale lists of the crate `fake`
//! (MIT or Apache-2.0). A list file has sections: a header line `[flag flag]` and then words. `+s` in a header adds
//! regular plurals, `+v` regular verb forms. A word may stand in many sections; its flags add up.

use std::sync::LazyLock;

use fake::locales::{CY_GB, DE_DE, Data, EN, FR_FR, IT_IT, NL_NL, PT_BR, PT_PT, TR_TR};

use crate::config::{Config, PLACEHOLDER_MAX};
use crate::known_words::KnownWords;
use crate::lexicon_flags::{self as flag, class, parse_flag};
use crate::normal::Normal;
use crate::span::SpanType;

/// A set of word classes; the bits are in [`crate::lexicon_flags`].
pub(crate) type Flags = u64;

/// An open-addressing table from the hash of a folded word to its classes.
///
/// Only hashes are kept: two of some twenty thousand words would have to share 64 bits for a wrong answer.
#[derive(Clone)]
pub(crate) struct Lexicon {
    slots: Vec<(u64, Flags)>,
    mask: usize,
    len: usize,
    placeholders: Vec<(String, SpanType)>,
    known_words: &'static KnownWords,
}

const FILES: [&str; 10] = [
    include_str!("../lexicon/function.txt"),
    include_str!("../lexicon/dispatch.txt"),
    include_str!("../lexicon/english.txt"),
    include_str!("../lexicon/english2.txt"),
    include_str!("../lexicon/english3.txt"),
    include_str!("../lexicon/places.txt"),
    include_str!("../lexicon/vehicles.txt"),
    include_str!("../lexicon/medical.txt"),
    include_str!("../lexicon/names.txt"),
    include_str!("../lexicon/spanish.txt"),
];

/// Words that are not reviewed for strict mode, and too many to make slips of.
const MORE: [&str; 5] = [
    include_str!("../lexicon/english4.txt"),
    include_str!("../lexicon/abbreviations.txt"),
    include_str!("../lexicon/brands.txt"),
    include_str!("../lexicon/towns.txt"),
    include_str!("../lexicon/medical2.txt"),
];

/// Names that are rarer than the words which look like them.
const RARE_NAMES: &str = include_str!("../lexicon/names2.txt");

static BUILTIN: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);
static KNOWN_WORDS: LazyLock<KnownWords> = LazyLock::new(|| KnownWords::build(&FILES));

impl Lexicon {
    /// The built-in lists with an agency's own words.
    pub(crate) fn new(config: &Config) -> Self {
        let mut lexicon = BUILTIN.clone();
        for word in &config.places {
            lexicon.add_words(word, flag::ORD | flag::BIZ);
        }
        for word in &config.vocabulary {
            lexicon.add_words(word, flag::ORD | flag::STRICT);
        }
        lexicon.classify();
        for ty in SpanType::ALL {
            let placeholder =
                config.placeholders.get(&ty).cloned().unwrap_or_else(|| format!("[{}]", ty.as_str()));
            lexicon.placeholders.push((placeholder, ty));
        }
        lexicon
    }

    fn build() -> Self {
        let mut lexicon = Self {
            slots: vec![(0, 0); 1 << 10],
            mask: (1 << 10) - 1,
            len: 0,
            placeholders: Vec::new(),
            known_words: &KNOWN_WORDS,
        };
        for file in FILES.into_iter().chain(MORE) {
            lexicon.read(file);
        }
        lexicon.add_priors();
        lexicon.add_rare_names();
        lexicon
    }

    /// Names of the long list, where no ordinary word is spelled like them. A given name that only a dictionary has as a
    /// word is both; a family name of that kind says too little.
    fn add_rare_names(&mut self) {
        for (word, flags) in listed_words(RARE_NAMES) {
            let key = hash(word.as_bytes());
            let word_too = flag::ORD & (self.get(key) | flags) != 0;
            let dictionary = self.known_words.is_english(key);
            let given = flags & flag::GIVEN != 0;
            let skipped = word.len() < if given { 3 } else { 4 }
                || self.get(key) & !(flag::GIVEN | flag::SUR) != 0 && flags & flag::ORD == 0
                || dictionary && !given && !word_too
                // Strict mode lets no name through, and needs its words.
                || self.get(key) & flag::STRICT != 0 && !given;
            // What the shorter lists have as a name and no word stays so.
            let settled = self.get(key) & (flag::GIVEN | flag::SUR) != 0 && self.get(key) & flag::ORD == 0;
            if !skipped {
                let word = if dictionary && given { flag::ORD } else { 0 };
                self.insert(key, if settled { flags & !flag::ORD } else { flags | word });
            }
        }
    }

    /// Puts the classes on top of the flags, when all words are in.
    fn classify(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.0 != 0) {
            slot.1 = class::on(slot.1);
        }
    }

    fn read(&mut self, file: &str) {
        let mut flags = 0;
        let (mut plural, mut verb) = (false, false);
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                flags = header.split_whitespace().filter_map(parse_flag).fold(0, |all, one| all | one);
                plural = header.split_whitespace().any(|word| word == "+s");
                verb = header.split_whitespace().any(|word| word == "+v");
                continue;
            }
            for word in line.split_whitespace() {
                self.add(word, flags);
                if plural || verb {
                    for form in inflect(word, verb) {
                        // A past or a participle is a verb for sure; the bare form may be a noun.
                        let sure = verb && (form.ends_with("ed") || form.ends_with("ing"));
                        self.add(&form, if sure { flags | flag::VERB } else { flags });
                    }
                }
            }
        }
    }

    /// The names of `fake`: the English ones even where they are words as well, the others only where they are not.
    fn add_priors(&mut self) {
        for name in EN::NAME_FIRST_NAME {
            self.add_words(name, flag::GIVEN);
        }
        for name in EN::NAME_LAST_NAME {
            self.add_words(name, flag::SUR);
        }
        let given = [
            FR_FR::NAME_FIRST_NAME,
            DE_DE::NAME_FIRST_NAME,
            IT_IT::NAME_FIRST_NAME,
            PT_BR::NAME_FIRST_NAME,
            PT_PT::NAME_FIRST_NAME,
            NL_NL::NAME_FIRST_NAME,
            TR_TR::NAME_FIRST_NAME,
            CY_GB::NAME_FIRST_NAME,
        ];
        for name in given.into_iter().flatten() {
            self.add_foreign(name, flag::GIVEN);
        }
        let family = [
            FR_FR::NAME_LAST_NAME,
            DE_DE::NAME_LAST_NAME,
            IT_IT::NAME_LAST_NAME,
            PT_BR::NAME_LAST_NAME,
            PT_PT::NAME_LAST_NAME,
            NL_NL::NAME_LAST_NAME,
            TR_TR::NAME_LAST_NAME,
            CY_GB::NAME_LAST_NAME,
        ];
        for name in family.into_iter().flatten() {
            self.add_foreign(name, flag::SUR);
        }
    }

    fn add_words(&mut self, text: &str, flags: Flags) {
        let mut normal = Normal::default();
        for word in normal.read(text).split(|byte| !byte.is_ascii_alphabetic() && *byte != b'\'') {
            if word.len() > 1 {
                self.insert(hash(word), flags);
            }
        }
    }

    fn add_foreign(&mut self, text: &str, flags: Flags) {
        let mut normal = Normal::default();
        for word in normal.read(text).split(|byte| !byte.is_ascii_alphabetic() && *byte != b'\'') {
            let key = hash(word);
            if word.len() > 2 && self.get(key) & !(flag::GIVEN | flag::SUR) == 0 {
                self.insert(key, flags);
            }
        }
    }

    fn add(&mut self, word: &str, flags: Flags) {
        let mut normal = Normal::default();
        let key = hash(normal.read(word));
        self.insert(key, flags);
    }

    fn insert(&mut self, key: u64, flags: Flags) {
        if (self.len + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut at = slot_of(key) & self.mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != key {
            at = (at + 1) & self.mask;
        }
        if self.slots[at].0 == 0 {
            self.slots[at].0 = key;
            self.len += 1;
        }
        self.slots[at].1 |= flags;
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); size]);
        self.mask = size - 1;
        self.len = 0;
        for (key, flags) in old.into_iter().filter(|slot| slot.0 != 0) {
            self.insert(key, flags);
        }
    }

    /// The classes of a hash, none if the word is unknown.
    pub(crate) fn get(&self, key: u64) -> Flags {
        let mut at = slot_of(key) & self.mask;
        loop {
            match self.slots[at] {
                (0, _) => return 0,
                (found, flags) if found == key => return flags,
                _ => at = (at + 1) & self.mask,
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
            if stem & flag::ORD == 0 {
                return (key, class::on(stem & (flag::SUR | flag::GIVEN)));
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

/// The words of a list without inflections, with the flags of their section.
pub(crate) fn listed_words(file: &str) -> impl Iterator<Item = (&str, Flags)> {
    let mut flags = 0;
    file.lines().map(str::trim).filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let header = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(header) = header {
            flags = header.split(' ').filter_map(parse_flag).fold(0, |all, one| all | one);
        }
        let here = flags;
        let words = if header.is_some() { "" } else { line };
        words.split_whitespace().map(move |word| (word, here))
    })
}

#[allow(clippy::cast_possible_truncation, reason = "only the low bits are used")]
fn slot_of(key: u64) -> usize {
    (key >> 32) as usize ^ key as usize
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

/// Regular English forms of a word: the plural, and for verbs the past and the participle too.
pub(crate) fn inflect(word: &str, verb: bool) -> Vec<String> {
    let mut forms = Vec::new();
    let last = word.as_bytes()[word.len() - 1];
    let before = word.as_bytes()[word.len().saturating_sub(2)];
    let vowel = |byte: u8| b"AEIOUaeiou".contains(&byte);
    let soft = matches!(last, b's' | b'x' | b'z') || word.ends_with("ch") || word.ends_with("sh");
    let stem = &word[..word.len() - 1];
    let y = last == b'y' && !vowel(before);
    forms.push(if y {
        format!("{stem}ies")
    } else if soft {
        format!("{word}es")
    } else {
        format!("{word}s")
    });
    if verb {
        if last == b'e' {
            forms.extend([format!("{word}d"), format!("{stem}ing"), format!("{word}r")]);
        } else if y {
            forms.extend([format!("{stem}ied"), format!("{word}ing")]);
        } else {
            forms.extend([format!("{word}ed"), format!("{word}ing"), format!("{word}er")]);
            // A short stem with one vowel doubles its consonant: stop, stopped.
            if !vowel(last) && vowel(before) && !b"wxy".contains(&last) {
                let double = char::from(last);
                forms.extend([format!("{word}{double}ed"), format!("{word}{double}ing")]);
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(word: &str) -> Flags {
        BUILTIN.look_up(word.as_bytes()).1 & crate::token::WORD_FLAGS
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(hash(b"Whitfield"), hash(b"WHITFIELD"));
        assert_ne!(hash(b"Whitfield"), hash(b"Whitfiels"));
    }

    #[test]
    fn lists_are_read() {
        assert_ne!(flags("RP") & flag::ROLE, 0);
        assert_ne!(flags("stopped") & flag::ORD, 0);
        assert_ne!(flags("ROBERT") & flag::GIVEN, 0);
        assert_eq!(flags("QZXKJW"), 0);
    }

    #[test]
    fn every_header_flag_exists() {
        for file in FILES {
            for line in file.lines().filter(|line| line.starts_with('[')) {
                for word in
                    line.trim_matches(['[', ']']).split_whitespace().filter(|word| !word.starts_with('+'))
                {
                    assert!(parse_flag(word).is_some(), "unknown flag {word}");
                }
            }
        }
    }

    #[test]
    fn long_words_and_possessives() {
        assert_eq!(flags("robert's"), flags("robert"));
        assert_eq!(flags("pneumonoultramicroscopicsilicovolcanoconiosis"), 0);
    }
}
