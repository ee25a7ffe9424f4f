//! Words that no list of ours has: which of them are English, and which are ordinary words with a slip of the fingers.
//!
//! A word that nobody knows is often a name, so it matters to know many words. The dictionary is the English list of
//! the crate `random_word` (MIT). Slips are made from the ordinary words of our own lists: one letter left out, two
//! letters exchanged, as typists do most (Damerau, CACM 7(3), 1964), or all vowels but the first left out, as
//! dispatchers do on purpose. Only hashes are kept: as bits, since the answer is yes or no, and for words that speak of
//! a person with what they say (BOYFREND is a boyfriend).

use random_word::Lang;

use crate::lexicon::{Flags, hash};
use crate::lexicon_flags as flag;
use crate::word_lists::listed_words;

/// Bits of one set, as a power of two: three hundred thousand words set one bit in fifteen, and two bits must be set.
const BITS: u32 = 23;
/// Shorter words have too many neighbours.
const SLIP_LETTERS_MIN: usize = 6;

pub(crate) struct KnownWords {
    dictionary: Set,
    slips: Set,
    /// Slips of words that speak of a person, with their classes; sorted.
    of_people: Vec<(u64, Flags)>,
}

/// What a slip keeps of the word that was meant.
const OF_PEOPLE: Flags = flag::ROLE | flag::KIN | flag::PERSON | flag::NAMECUE | flag::VERB | flag::TOPERSON;

impl KnownWords {
    /// Reads the dictionary, and makes the slips of the ordinary words in the list `files`.
    pub(crate) fn build(files: &[&str]) -> Self {
        let mut known = Self { dictionary: Set::new(), slips: Set::new(), of_people: Vec::new() };
        for word in random_word::all(Lang::En) {
            known.dictionary.insert(hash(word.as_bytes()));
        }
        for file in files {
            for (word, flags) in listed_words(file).filter(|(_, flags)| flags & flag::ORD != 0) {
                known.add_slips(word.as_bytes(), flags & OF_PEOPLE);
            }
        }
        known.of_people.sort_unstable();
        known.of_people.dedup_by_key(|slip| slip.0);
        known
    }

    fn add_slips(&mut self, word: &[u8], flags: Flags) {
        if !word.iter().all(u8::is_ascii_alphabetic) {
            return;
        }
        let vowel = |byte: &u8| b"aeiou".contains(byte);
        if word.len() >= 4 {
            let (first, rest) = word.split_at(1);
            let short: Vec<u8> =
                first.iter().chain(rest.iter().filter(|byte| !vowel(byte))).copied().collect();
            if short.len() >= 3 {
                self.add_slip(&short, flags);
            }
        }
        let mut slip = Vec::with_capacity(word.len());
        for at in 1..word.len() {
            // A vowel left out of a word of five letters, any letter out of a longer one; never the first.
            if word.len() >= SLIP_LETTERS_MIN || word.len() == SLIP_LETTERS_MIN - 1 && vowel(&word[at]) {
                slip.clear();
                slip.extend_from_slice(&word[..at]);
                slip.extend_from_slice(&word[at + 1..]);
                self.add_slip(&slip, flags);
            }
            if word.len() >= SLIP_LETTERS_MIN && at + 1 < word.len() {
                slip.clear();
                slip.extend_from_slice(word);
                slip.swap(at, at + 1);
                self.add_slip(&slip, flags);
            }
        }
    }

    fn add_slip(&mut self, slip: &[u8], flags: Flags) {
        let key = hash(slip);
        self.slips.insert(key);
        if flags != 0 {
            self.of_people.push((key, flags | flag::ORD | flag::SLIP));
        }
    }

    /// Whether the dictionary has the word.
    pub(crate) fn is_english(&self, key: u64) -> bool {
        self.dictionary.contains(key)
    }

    /// What is known of a word that no list has, by its hash.
    pub(crate) fn flags(&self, key: u64) -> Flags {
        if self.dictionary.contains(key) {
            flag::DICT
        } else if self.slips.contains(key) {
            self.of_people
                .binary_search_by_key(&key, |slip| slip.0)
                .map_or(flag::SLIP, |at| self.of_people[at].1)
        } else {
            0
        }
    }

    /// Everything that may be known of a word that no list has.
    pub(crate) fn all_flags(&self) -> impl Iterator<Item = Flags> {
        [flag::DICT, flag::SLIP].into_iter().chain(self.of_people.iter().map(|slip| slip.1))
    }
}

/// A Bloom filter with two bits per word, taken from a hash that is well mixed already.
struct Set {
    bits: Vec<u64>,
}

impl Set {
    fn new() -> Self {
        Self { bits: vec![0; 1 << (BITS - 6)] }
    }

    fn insert(&mut self, key: u64) {
        for at in places(key) {
            self.bits[at / 64] |= 1 << (at % 64);
        }
    }

    fn contains(&self, key: u64) -> bool {
        places(key).iter().all(|at| self.bits[at / 64] >> (at % 64) & 1 != 0)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "only that many bits are taken")]
fn places(key: u64) -> [usize; 2] {
    [(key >> (64 - BITS)) as usize, (key >> (64 - 2 * BITS)) as usize & ((1 << BITS) - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(word: &str) -> u64 {
        KnownWords::build(&["[ord role]\ncaller\n[ord]\nvehicle apartment\n[sur]\nwhitfield"])
            .flags(hash(word.as_bytes()))
    }

    #[test]
    fn english_words_are_known() {
        assert_eq!(flags("LATTICE"), flag::DICT);
        assert_eq!(flags("QZXKJW"), 0);
    }

    #[test]
    fn slips_of_ordinary_words_are_known() {
        for slip in ["VEHCLE", "VEHICEL", "VHCL", "APARTMNET", "APRTMNT"] {
            assert_eq!(flags(slip), flag::SLIP, "{slip}");
        }
        for slip in ["CALLR", "CLLR"] {
            assert_eq!(flags(slip), flag::ORD | flag::ROLE | flag::SLIP, "{slip}");
        }
        assert_eq!(flags("WHITFELD"), 0);
    }
}
