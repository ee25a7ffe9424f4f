//! Which bytes of a text are letters, digits and white space, 64 of them to a word.
//!
//! Where words begin and end is then a question about bits, which needs no branch per byte: a processor cannot foresee
//! how long the next word will be.

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
    apostrophes: u64,
    blanks: u64,
}

/// Reads a text into `blocks`.
pub(crate) fn read(bytes: &[u8], blocks: &mut Vec<Block>) {
    blocks.clear();
    let (whole, rest) = bytes.as_chunks::<BLOCK>();
    blocks.extend(whole.iter().map(classify));
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        blocks.push(classify(&last));
    }
    let (mut letter, mut word, mut digit) = (0, 0, 0);
    for at in 0..blocks.len() {
        let next = blocks.get(at + 1).map_or(0, |next| next.letters << (BLOCK - 1));
        let block = &mut blocks[at];
        let last = block.letters >> (BLOCK - 1);
        let between = block.apostrophes & (block.letters << 1 | letter) & (block.letters >> 1 | next);
        letter = last;
        block.letters |= between;
        let (words, numbers) = (block.letters, block.digits);
        let signs = !(words | numbers | block.blanks);
        block.starts = words & !(words << 1 | word) | numbers & !(numbers << 1 | digit) | signs;
        word = words >> (BLOCK - 1);
        digit = numbers >> (BLOCK - 1);
    }
}

fn classify(bytes: &[u8; BLOCK]) -> Block {
    let mut block = Block::default();
    for (at, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let shift = 8 * at;
        let letters = between(eight | each(0x20), b'a', b'z') & !eight | equal(eight, LETTER);
        block.letters |= gather(letters) << shift;
        block.digits |= gather(between(eight, b'0', b'9') & !eight) << shift;
        block.apostrophes |= gather(equal(eight, b'\'')) << shift;
        // Tab to carriage return; a zero byte is white space too.
        let blanks = (between(eight, b'\t', b'\r') | between(eight, 0, 0)) & !eight | equal(eight, b' ');
        block.blanks |= gather(blanks) << shift;
    }
    block
}

/// The byte in all eight places.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of each byte whose lower seven bits stand between two values (Warren, Hacker's Delight, second edition,
/// chapter 6).
const fn between(eight: u64, low: u8, high: u8) -> u64 {
    let seven = eight & each(0x7F);
    (seven + each(0x80 - low)) & !(seven + each(0x7F - high)) & each(0x80)
}

/// The high bit of each byte that is this one.
const fn equal(eight: u64, byte: u8) -> u64 {
    let other = eight ^ each(byte);
    !(((other & each(0x7F)) + each(0x7F)) | other) & each(0x80)
}

/// The high bits of the eight bytes as one byte, the first byte's lowest.
const fn gather(high: u64) -> u64 {
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The end of the run of ones in `bits`, or of the single byte, that starts at byte `at` of the text.
#[inline]
pub(crate) fn run_end(blocks: &[Block], at: usize, bits: impl Fn(&Block) -> u64) -> usize {
    let mut end = at;
    loop {
        let Some(block) = blocks.get(end / BLOCK) else { return end };
        let within = end % BLOCK;
        let ones = (bits(block) >> within).trailing_ones() as usize;
        end += ones;
        if ones == 0 || within + ones < BLOCK {
            return end;
        }
    }
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
    fn runs_cross_blocks() {
        let text = [b"-".as_slice(), &[b'a'; 200], b"12"].concat();
        let mut blocks = Vec::new();
        read(&text, &mut blocks);
        assert_eq!(run_end(&blocks, 1, |block| block.letters), 201);
        assert_eq!(run_end(&blocks, 201, |block| block.digits), 203);
    }
}
