//! What the engine knows about single words: the lists, read once.
//!
//! The lists under `lexicon/` are this project's own; the name priors are the public locale lists of the crate `fake`
//! (MIT or Apache-2.0). A list file has sections: a header line `[flag flag]` and then words. `+s` in a header adds
//! regular plurals, `+v` regular verb forms. A word may stand in many sections; its flags add up.

use std::collections::HashMap;
use std::sync::LazyLock;

use fake::locales::{CY_GB, DE_DE, Data, EN, FR_FR, IT_IT, NL_NL, PT_BR, PT_PT, TR_TR};

use crate::known_words::KnownWords;
use crate::lexicon::{Flags, hash};
use crate::lexicon_flags::{self as flag, parse_flag};
use crate::normal::Normal;

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

/// The built-in lists, and what is known of words that no list has.
pub(crate) static BUILTIN: LazyLock<WordLists> = LazyLock::new(WordLists::build);
pub(crate) static KNOWN_WORDS: LazyLock<KnownWords> = LazyLock::new(|| KnownWords::build(&FILES));

/// The flags of every listed word, by its hash.
#[derive(Clone, Default)]
pub(crate) struct WordLists {
    words: HashMap<u64, Flags>,
}

impl WordLists {
    /// All words with their flags.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, Flags)> + '_ {
        self.words.iter().map(|(&key, &flags)| (key, flags))
    }

    fn build() -> Self {
        let mut lists = Self::default();
        for file in FILES.into_iter().chain(MORE) {
            lists.read(file);
        }
        lists.add_priors();
        lists.add_rare_names();
        lists
    }

    /// Names of the long list, where no ordinary word is spelled like them. A given name that only a dictionary has as a
    /// word is both; a family name of that kind says too little.
    fn add_rare_names(&mut self) {
        for (word, flags) in listed_words(RARE_NAMES) {
            let key = hash(word.as_bytes());
            let word_too = flag::ORD & (self.get(key) | flags) != 0;
            let dictionary = KNOWN_WORDS.is_english(key);
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

    fn read(&mut self, file: &str) {
        for (word, section) in sections(file) {
            let Section { flags, plural, verb } = section;
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

    /// Adds every word of a text.
    pub(crate) fn add_words(&mut self, text: &str, flags: Flags) {
        self.add_words_if(text, flags, |_, word| word.len() > 1);
    }

    /// Adds the words of a foreign name that no list has as anything but a name.
    fn add_foreign(&mut self, text: &str, flags: Flags) {
        self.add_words_if(text, flags, |lists, word| {
            word.len() > 2 && lists.get(hash(word)) & !(flag::GIVEN | flag::SUR) == 0
        });
    }

    fn add_words_if(&mut self, text: &str, flags: Flags, wanted: impl Fn(&Self, &[u8]) -> bool) {
        let mut normal = Normal::default();
        for word in normal.read(text).split(|byte| !byte.is_ascii_alphabetic() && *byte != b'\'') {
            if wanted(self, word) {
                self.insert(hash(word), flags);
            }
        }
    }

    fn add(&mut self, word: &str, flags: Flags) {
        let mut normal = Normal::default();
        let key = hash(normal.read(word));
        self.insert(key, flags);
    }

    fn insert(&mut self, key: u64, flags: Flags) {
        *self.words.entry(key).or_default() |= flags;
    }

    fn get(&self, key: u64) -> Flags {
        self.words.get(&key).copied().unwrap_or_default()
    }
}

/// What the header of a section says of its words.
#[derive(Clone, Copy, Default)]
struct Section {
    flags: Flags,
    plural: bool,
    verb: bool,
}

impl Section {
    fn parse(header: &str) -> Self {
        let has = |sign: &str| header.split_whitespace().any(|word| word == sign);
        let flags = header.split_whitespace().filter_map(parse_flag).fold(0, |all, one| all | one);
        Self { flags, plural: has("+s"), verb: has("+v") }
    }
}

/// The words of a list without inflections, with the flags of their section.
pub(crate) fn listed_words(file: &str) -> impl Iterator<Item = (&str, Flags)> {
    sections(file).map(|(word, section)| (word, section.flags))
}

/// The words of a list without inflections, with their section.
fn sections(file: &str) -> impl Iterator<Item = (&str, Section)> {
    let mut section = Section::default();
    file.lines().map(str::trim).filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let header = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(header) = header {
            section = Section::parse(header);
        }
        let here = section;
        let words = if header.is_some() { "" } else { line };
        words.split_whitespace().map(move |word| (word, here))
    })
}

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

    #[test]
    fn every_header_flag_exists() {
        for file in FILES.into_iter().chain(MORE).chain([RARE_NAMES]) {
            for line in file.lines().filter(|line| line.starts_with('[')) {
                for word in
                    line.trim_matches(['[', ']']).split_whitespace().filter(|word| !word.starts_with('+'))
                {
                    assert!(parse_flag(word).is_some(), "unknown flag {word}");
                }
            }
        }
    }
}
