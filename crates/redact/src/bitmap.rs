//! Which bytes of a text are letters, digits and white space, 64 of them to a word.
//!
//! Where words begin and end is then a question about bits, which needs no branch per byte: a processor cannot foresee
//! how long the next word will be.

use wide::u8x16;

use crate::normal::LETTER;

/// Bytes of a block, and bits of a word.
const BLOCK: usize = 64;

/// What the bytes of one block are; the lowest bit is the first byte.
#[derive(Clone, Copy, Default)]
pub(crate) struct Block {
    /// Letters, and apostrophes between letters.
    pub(crate) letters: u64,
    /// Digits.
    pub(crate) digits: u64,
    /// First bytes of words, numbers and signs.
    pub(crate) starts: u64,
    /// Last bytes of words, numbers and signs.
    pub(crate) ends: u64,
    /// Capital letters of ASCII.
    pub(crate) capitals: u64,
    /// Line breaks.
    pub(crate) lines: u64,
    apostrophes: u64,
    blanks: u64,
}

/// Reads a text into `blocks`, and an empty one behind it.
pub(crate) fn read(bytes: &[u8], blocks: &mut Vec<Block>) {
    blocks.clear();
    let (whole, rest) = bytes.as_chunks::<BLOCK>();
    blocks.extend(whole.iter().map(classify));
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        blocks.push(classify(&last));
    }
    let mut letter = 0;
    for at in 0..blocks.len() {
        let next = blocks.get(at + 1).map_or(0, |next| next.letters << (BLOCK - 1));
        let block = &mut blocks[at];
        let last = block.letters >> (BLOCK - 1);
        let between = block.apostrophes & (block.letters << 1 | letter) & (block.letters >> 1 | next);
        letter = last;
        block.letters |= between;
    }
    let (mut word, mut digit) = (0, 0);
    for at in 0..blocks.len() {
        let (word_after, digit_after) = blocks
            .get(at + 1)
            .map_or((0, 0), |next| (next.letters << (BLOCK - 1), next.digits << (BLOCK - 1)));
        let block = &mut blocks[at];
        let (words, numbers) = (block.letters, block.digits);
        let signs = !(words | numbers | block.blanks);
        block.starts = words & !(words << 1 | word) | numbers & !(numbers << 1 | digit) | signs;
        block.ends = words & !(words >> 1 | word_after) | numbers & !(numbers >> 1 | digit_after) | signs;
        word = words >> (BLOCK - 1);
        digit = numbers >> (BLOCK - 1);
    }
    // So that every block of the text has a next one.
    blocks.push(Block::default());
}

fn classify(bytes: &[u8; BLOCK]) -> Block {
    let mut block = Block::default();
    for (at, sixteen) in bytes.as_chunks::<16>().0.iter().enumerate() {
        let bytes = u8x16::new(*sixteen);
        let shift = 16 * at;
        let bits = |these: u8x16| u64::from(these.to_bitmask()) << shift;
        let letters = between(bytes | u8x16::splat(0x20), b'a', b'z') | equal(bytes, LETTER);
        // Tab to carriage return; a zero byte is white space too.
        let blanks = between(bytes, b'\t', b'\r') | equal(bytes, b' ') | equal(bytes, 0);
        block.letters |= bits(letters);
        block.digits |= bits(between(bytes, b'0', b'9'));
        block.capitals |= bits(between(bytes, b'A', b'Z'));
        block.lines |= bits(equal(bytes, b'\n') | equal(bytes, b'\r'));
        block.apostrophes |= bits(equal(bytes, b'\''));
        block.blanks |= bits(blanks);
    }
    block
}

/// All ones in each byte that stands between two values.
fn between(bytes: u8x16, low: u8, high: u8) -> u8x16 {
    (bytes - u8x16::splat(low)).simd_le(u8x16::splat(high - low))
}

/// All ones in each byte that is this one.
fn equal(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(u8x16::splat(byte))
}

impl Block {
    /// The bits from one on, and after them those of the next block.
    #[inline]
    pub(crate) fn from(&self, bit: u32, next: &Self, bits: impl Fn(&Self) -> u64) -> u64 {
        bits(self) >> bit | (bits(next) << 1) << (63 - bit)
    }
}

/// Past the first last byte from `at` on.
#[cold]
pub(crate) fn end(blocks: &[Block], at: usize) -> usize {
    let mut number = at / BLOCK;
    let mut ahead = u64::MAX << (at % BLOCK);
    while let Some(block) = blocks.get(number) {
        let ends = block.ends & ahead;
        if ends != 0 {
            return number * BLOCK + ends.trailing_zeros() as usize + 1;
        }
        number += 1;
        ahead = u64::MAX;
    }
    number * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The starts of words, numbers and signs, byte by byte.
    fn starts(bytes: &[u8]) -> Vec<usize> {
        let letter = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphabetic() || *b == LETTER);
        let word = |at: usize| letter(at) || bytes[at] == b'\'' && at > 0 && letter(at - 1) && letter(at + 1);
        let digit = |at: usize| bytes[at].is_ascii_digit();
        let blank = |at: usize| matches!(bytes[at], 0 | b'\t'..=b'\r' | b' ');
        let same = |at: usize| at > 0 && (word(at) && word(at - 1) || digit(at) && digit(at - 1));
        (0..bytes.len()).filter(|&at| !blank(at) && !same(at)).collect()
    }

    #[test]
    fn every_byte_is_classed_as_one_by_one() {
        // All pairs of bytes, so that each class meets each other, over the edges of blocks.
        let mut text = Vec::new();
        for first in 0..=LETTER {
            for second in [b'a', b'Z', b'5', b' ', b'\'', b'-', LETTER, first] {
                text.extend([first, second]);
            }
        }
        for skip in 0..70 {
            let bytes = &text[skip..];
            let mut blocks = Vec::new();
            read(bytes, &mut blocks);
            let found: Vec<usize> = blocks
                .iter()
                .enumerate()
                .flat_map(|(i, block)| {
                    (0..BLOCK).filter(move |at| block.starts >> at & 1 != 0).map(move |at| i * BLOCK + at)
                })
                .collect();
            assert!(found == starts(bytes), "from byte {skip}");
        }
    }

    #[test]
    fn ends_are_found_over_blocks() {
        let text = [b"-".as_slice(), &[b'a'; 200], b"12"].concat();
        let mut blocks = Vec::new();
        read(&text, &mut blocks);
        assert_eq!(end(&blocks, 0), 1);
        assert_eq!(end(&blocks, 1), 201);
        assert_eq!(end(&blocks, 201), 203);
        assert_eq!(blocks[0].from(1, &blocks[1], |block| block.letters), u64::MAX);
    }
}
