//! The table in which every word of a text is looked up once.

use std::collections::HashMap;

use wide::u32x4;

use crate::class::{self, Classes};
use crate::config::{Config, PLACEHOLDER_MAX};
use crate::known_words::KnownWords;
use crate::lexicon_flags as flag;
use crate::span::SpanType;
use crate::word_lists::{BUILTIN, KNOWN_WORDS};

/// A set of word classes; the bits are in [`crate::lexicon_flags`].
pub(crate) type Flags = u64;

/// What is known of a word: its flags, and the classes by which detectors find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub(crate) flags: Flags,
    pub(crate) classes: Classes,
}

impl Entry {
    /// What is known of a word that is not listed, but has these flags all the same.
    fn unlisted(flags: Flags) -> Self {
        Self { flags, classes: class::of(flags) }
    }
}

/// An open-addressing table from the hash of a folded word to its classes.
///
/// It is kept small, since every word of a text is a random access: a slot holds [`TAG_BITS`] of the hash and the number
/// of an entry. No two listed words are taken for each other; that an unlisted word is taken for a
/// listed one has a chance of one in a million.
#[derive(Clone)]
pub(crate) struct Lexicon {
    slots: Vec<u32>,
    entries: Vec<Entry>,
    placeholders: Vec<(String, SpanType)>,
    known_words: &'static KnownWords,
}

/// Bits of a slot that come from the hash; the others number some hundred combinations of classes, from one.
const TAG_BITS: u32 = 20;
/// Slots that are compared at once.
const SIDE_BY_SIDE: usize = 4;
/// As many slots of the table, one after another.
pub(crate) type Slots = [u32; SIDE_BY_SIDE];

const NUMBER_MASK: u32 = (1 << (u32::BITS - TAG_BITS)) - 1;

impl Lexicon {
    /// The built-in lists with an agency's own words.
    pub(crate) fn new(config: &Config) -> Self {
        let mut lists = BUILTIN.clone();
        for word in &config.places {
            lists.add_words(word, flag::ORD | flag::BIZ | flag::PLACE);
        }
        for word in &config.vocabulary {
            lists.add_words(word, flag::ORD | flag::STRICT);
        }
        let mut entries = vec![Entry { flags: 0, classes: 0 }];
        let mut numbers = HashMap::new();
        let mut words = Vec::with_capacity(lists.iter().len());
        let mut listed: Vec<_> = lists.iter().collect();
        // In the order of the lists' own hashes, so that every process numbers alike.
        listed.sort_unstable();
        for (key, flags) in listed {
            let entry = Entry { flags, classes: class::of_word(flags, key) };
            let number = *numbers.entry(entry).or_insert_with(|| {
                entries.push(entry);
                entries.len() - 1
            });
            // A word of one entry too many would be as if it were not listed.
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
            entries,
            placeholders: placeholders.collect(),
            known_words: &KNOWN_WORDS,
        }
    }

    /// The first slots in which a hash may stand. Asking for those of all words before any is looked at lets the processor
    /// fetch them side by side.
    #[inline]
    pub(crate) fn first_slots(&self, key: u64) -> Slots {
        self.slots_from(place_of(key) & self.mask())
    }

    /// The greatest place of a slot; the table's size is a power of two.
    fn mask(&self) -> usize {
        self.slots.len() - SIDE_BY_SIDE - 1
    }

    fn slots_from(&self, at: usize) -> Slots {
        self.slots[at..].first_chunk().copied().unwrap_or_default()
    }

    /// The entry of a hash, without flags if the word is unknown.
    fn get(&self, key: u64) -> Entry {
        self.get_from(key, self.first_slots(key))
    }

    /// The entry of a hash whose first slots are these.
    #[inline]
    fn get_from(&self, key: u64, first: Slots) -> Entry {
        let wanted = u32x4::splat(tag_of(key));
        let (mut at, mut slots) = (place_of(key) & self.mask(), first);
        loop {
            let four = u32x4::new(slots);
            let same = (four & u32x4::splat(!NUMBER_MASK)).simd_eq(wanted).to_bitmask();
            let empty = four.simd_eq(u32x4::ZERO).to_bitmask();
            // The first that is either; most words need no second look.
            if same | empty != 0 {
                let slot = slots[(same | empty).trailing_zeros() as usize];
                return self.entries[(slot & NUMBER_MASK) as usize];
            }
            at = (at + SIDE_BY_SIDE) & self.mask();
            slots = self.slots_from(at);
        }
    }

    /// The hash and entry of a word with that hash and these first slots; possessive and contracted forms count as their
    /// stem.
    #[inline]
    pub(crate) fn look_up(&self, word: &[u8], key: u64, first: Slots) -> (u64, Entry) {
        let entry = self.get_from(key, first);
        if entry.flags == 0 { self.look_up_unlisted(word, key) } else { (key, entry) }
    }

    fn look_up_unlisted(&self, word: &[u8], key: u64) -> (u64, Entry) {
        if word.len() > 3 && word[word.len() - 2] == b'\'' {
            let stem = hash(&word[..word.len() - 2]);
            let entry = self.get(stem);
            return (stem, if entry.flags == 0 { Entry::unlisted(0) } else { entry });
        }
        if word.len() > 5 && word[word.len() - 1] | 0x20 == b's' {
            // A family: THE HOLLOWAYS.
            let stem = self.get(hash(&word[..word.len() - 1])).flags;
            let name = stem & (flag::SUR | flag::GIVEN);
            if stem & flag::ORD == 0 && name != 0 {
                return (key, Entry::unlisted(name));
            }
        }
        (key, Entry::unlisted(self.known_words.flags(key)))
    }

    /// The length and type of a placeholder at the start of `bytes`.
    #[inline]
    pub(crate) fn placeholder(&self, bytes: &[u8]) -> Option<(usize, SpanType)> {
        if bytes.first() != Some(&b'[') {
            return None;
        }
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
    // So that the last slots have followers, as the first do.
    slots.extend_from_within(..SIDE_BY_SIDE);
    Some(slots)
}

/// A hash of a word that does not see case; never zero.
pub(crate) const fn hash(word: &[u8]) -> u64 {
    let mut state = mix(eight(word, 0), eight(word, 8));
    let mut at = SHORT;
    while at < word.len() {
        state = mix(state ^ eight(word, at), eight(word, at + 8));
        at += SHORT;
    }
    state
}

/// The hash of the word between two places of a text. Most words are short and not the last, and need no loop.
#[inline]
pub(crate) fn hash_in(bytes: &[u8], start: usize, end: usize) -> u64 {
    match bytes.get(start..start + SHORT) {
        Some(sixteen) if end - start <= SHORT => {
            let (low, high) = sixteen.split_at(8);
            let part =
                |eight: &[u8], count: usize| eight.try_into().map_or(0, u64::from_le_bytes) & MASKS[count];
            let len = end - start;
            mix(part(low, len.min(8)), part(high, len.saturating_sub(8)))
        }
        _ => hash(&bytes[start..end]),
    }
}

/// Bytes that one step of the hash takes in.
const SHORT: usize = 16;

/// Keeps the first bytes of eight, by their number, without the bit in which ASCII capitals and small letters differ.
const MASKS: [u64; 9] = {
    let mut masks = [0; 9];
    let mut count = 1;
    while count <= 8 {
        masks[count] = FOLD >> (64 - 8 * count);
        count += 1;
    }
    masks
};

/// Clears the bit in which ASCII capitals and small letters differ.
const FOLD: u64 = 0xDFDF_DFDF_DFDF_DFDF;

/// Eight bytes of a word from `from`, folded; zeros where it has ended.
const fn eight(word: &[u8], from: usize) -> u64 {
    let mut value = 0;
    let mut at = 0;
    while at < 8 && from + at < word.len() {
        value |= (word[from + at] as u64) << (8 * at);
        at += 1;
    }
    value & FOLD
}

const fn mix(low: u64, high: u64) -> u64 {
    let state = low.wrapping_mul(MIX) ^ high.wrapping_mul(MIX).rotate_left(32);
    let state = (state ^ state >> 32).wrapping_mul(MIX);
    (state ^ state >> 29).wrapping_mul(MIX) | 1
}

/// An odd number with well-spread bits: two to the 64 divided by the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// Words that a detector asks for by name.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    hashes: &'static [u64],
    /// One bit of 64 for each word, which rules most other words out at once.
    sieve: u64,
    /// The same by other bits of the hashes, for the longer lists.
    second_sieve: u64,
}

impl Words {
    /// Words by their hashes; [`words`] makes them from text.
    pub(crate) const fn new(hashes: &'static [u64]) -> Self {
        let (mut sieve, mut second_sieve) = (0, 0);
        let mut at = 0;
        while at < hashes.len() {
            sieve |= 1 << (hashes[at] >> SIEVE_SHIFT);
            second_sieve |= 1 << (hashes[at] >> SECOND_SHIFT & 63);
            at += 1;
        }
        Self { hashes, sieve, second_sieve }
    }

    /// The hashes of all of them.
    #[cfg(test)]
    pub(crate) const fn hashes(&self) -> &'static [u64] {
        self.hashes
    }

    /// Whether the word of that hash is one of them.
    #[inline]
    pub(crate) fn have(&self, hash: u64) -> bool {
        self.sieve >> (hash >> SIEVE_SHIFT) & 1 != 0
            && self.second_sieve >> (hash >> SECOND_SHIFT & 63) & 1 != 0
            && self.hashes.contains(&hash)
    }
}

/// The top six bits of a hash choose its bit of the sieve.
const SIEVE_SHIFT: u32 = u64::BITS - 6;
/// And the six below them that of the second.
const SECOND_SHIFT: u32 = SIEVE_SHIFT - 6;

/// Words as [`Words`], hashed when the program is compiled.
macro_rules! words {
    ($($word:literal),* $(,)?) => {
        const {
            const HASHES: &[u64] = &[$($crate::lexicon::hash($word.as_bytes())),*];
            &$crate::lexicon::Words::new(HASHES)
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(word: &str) -> Flags {
        let lexicon = Lexicon::new(&Config::default());
        let key = hash(word.as_bytes());
        lexicon.look_up(word.as_bytes(), key, lexicon.first_slots(key)).1.flags
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(hash(b"Whitfield"), hash(b"WHITFIELD"));
        assert_eq!(hash(b"Brandywine-Wilmington"), hash(b"BRANDYWINE-WILMINGTON"));
        assert_ne!(hash(b"Whitfield"), hash(b"Whitfiels"));
    }

    #[test]
    fn a_word_in_a_text_has_its_own_hash() {
        let text = b"ON PNEUMONOULTRAMICROSCOPIC QUOINS AT O'DEA";
        for (start, end) in [(0, 2), (3, 27), (28, 34), (35, 37), (38, 43)] {
            assert_eq!(hash_in(text, start, end), hash(&text[start..end]));
        }
    }

    #[test]
    fn every_listed_word_is_found() {
        let lexicon = Lexicon::new(&Config::default());
        for (key, flags) in BUILTIN.iter() {
            assert_eq!(lexicon.get(key).flags, flags);
        }
        assert!(lexicon.entries.len() <= NUMBER_MASK as usize);
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
