//! Words that no list of ours has: which of them are English, and which are ordinary words with a slip of the fingers.
//!
//! A word that nobody knows is often a name, so it matters to know many words. The dictionary is the English list of
//! the crate `random_word` (MIT). Slips are made from the ordinary words of our own lists: one letter left out, two
//! letters exchanged, as typists do most (Damerau, CACM 7(3), 1964), or all vowels but the first left out, as
//! dispatchers do on purpose. Only hashes are kept, as bits, since the answer is yes or no.

use random_word::Lang;

use crate::lexicon::hash;
use crate::lexicon_flags as flag;

/// Bits of one set, as a power of two: three hundred thousand words set one bit in fourteen, and two bits must be set.
const BITS: u32 = 23;
/// Shorter words have too many neighbours.
const SLIP_LETTERS_MIN: usize = 6;

pub(crate) struct KnownWords {
    dictionary: Set,
    slips: Set,
}

impl KnownWords {
    /// Reads the dictionary, and makes the slips of the ordinary words in the list `files`.
    pub(crate) fn build(files: &[&str]) -> Self {
        let mut known = Self { dictionary: Set::new(), slips: Set::new() };
        for word in random_word::all(Lang::En) {
            known.dictionary.insert(hash(word.as_bytes()));
        }
        for file in files {
            let mut ordinary = false;
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                if line.starts_with('[') {
                    ordinary = line.trim_matches(['[', ']']).split(' ').any(|word| word == "ord");
                } else if ordinary {
                    line.split_whitespace().for_each(|word| known.add_slips(word.as_bytes()));
                }
            }
        }
        known
    }

    fn add_slips(&mut self, word: &[u8]) {
        if !word.iter().all(u8::is_ascii_alphabetic) {
            return;
        }
        let vowel = |byte: &u8| b"aeiou".contains(byte);
        if word.len() >= 4 {
            let (first, rest) = word.split_at(1);
            let short: Vec<u8> =
                first.iter().chain(rest.iter().filter(|byte| !vowel(byte))).copied().collect();
            if short.len() >= 3 {
                self.slips.insert(hash(&short));
            }
        }
        let mut slip = Vec::with_capacity(word.len());
        for at in 1..word.len() {
            // A vowel left out of a word of five letters, any letter out of a longer one; never the first.
            if word.len() >= SLIP_LETTERS_MIN || word.len() == SLIP_LETTERS_MIN - 1 && vowel(&word[at]) {
                slip.clear();
                slip.extend_from_slice(&word[..at]);
                slip.extend_from_slice(&word[at + 1..]);
                self.slips.insert(hash(&slip));
            }
            if word.len() >= SLIP_LETTERS_MIN && at + 1 < word.len() {
                slip.clear();
                slip.extend_from_slice(word);
                slip.swap(at, at + 1);
                self.slips.insert(hash(&slip));
            }
        }
    }

    /// What is known of a word that no list has, by its hash.
    pub(crate) fn flags(&self, key: u64) -> u64 {
        if self.dictionary.contains(key) {
            flag::DICT
        } else if self.slips.contains(key) {
            flag::SLIP
        } else {
            0
        }
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
        KnownWords::build(&["[ord]\ncaller vehicle apartment\n[sur]\nwhitfield"]).flags(hash(word.as_bytes()))
    }

    #[test]
    fn english_words_are_known() {
        assert_eq!(flags("LATTICE"), flag::DICT);
        assert_eq!(flags("QZXKJW"), 0);
    }

    #[test]
    fn slips_of_ordinary_words_are_known() {
        for slip in ["CALLR", "CLLR", "VEHCLE", "VEHICEL", "APARTMNET", "APRTMNT"] {
            assert_eq!(flags(slip), flag::SLIP, "{slip}");
        }
        assert_eq!(flags("WHITFELD"), 0);
    }
}
