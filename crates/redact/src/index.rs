//! The classes of all tokens, bit by bit: one word says which of 64 tokens have a class.
//!
//! A detector jumps from one token of its classes to the next without looking at those between. What depends on two
//! tokens side by side, such as a number before a word, is asked of 64 pairs at once.

use wide::u64x2;

use crate::class::{ALL, Class, OWN};
use crate::token::Tok;

/// Tokens of a block, and bits of a word.
const BLOCK: usize = 64;

/// For each class, which tokens of a block have it; the lowest bit is the first token.
type Block = [u64; ALL];

/// Where tokens of each class stand.
#[derive(Default)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    /// Whether every token is visited whatever its classes, to see that no detector misses anything by them.
    #[cfg(test)]
    pub(crate) visits_all: bool,
}

impl Index {
    /// Reads the classes of all tokens.
    pub(crate) fn build(&mut self, toks: &[Tok]) {
        self.blocks.resize(toks.len().div_ceil(BLOCK), [0; ALL]);
        for (block, toks) in self.blocks.iter_mut().zip(toks.chunks(BLOCK)) {
            block[..OWN].copy_from_slice(&transposed(toks));
        }
        for at in 0..self.blocks.len() {
            let next = self.blocks.get(at + 1).copied();
            derive(&mut self.blocks[at], next.as_ref());
        }
    }

    /// The next token from `from` that has one of the classes; past the end if there is none.
    #[inline]
    pub(crate) fn seek<const N: usize>(&self, from: usize, classes: [Class; N]) -> usize {
        #[cfg(test)]
        if self.visits_all
            && classes.iter().all(|class| !matches!(class, Class::Line | Class::Masked | Class::Mention))
        {
            return from;
        }
        let mut number = from / BLOCK;
        let mut ahead = u64::MAX << (from % BLOCK);
        while let Some(block) = self.blocks.get(number) {
            let wanted = classes.into_iter().fold(0, |all, class| all | block[class as usize]) & ahead;
            if wanted != 0 {
                return number * BLOCK + wanted.trailing_zeros() as usize;
            }
            number += 1;
            ahead = u64::MAX;
        }
        usize::MAX
    }

    /// Marks the tokens from `first` to `last` as masked.
    pub(crate) fn mask(&mut self, first: usize, last: usize) {
        for at in first..=last {
            self.blocks[at / BLOCK][Class::Masked as usize] |= 1 << (at % BLOCK);
        }
    }

    /// Takes that mark from a token.
    pub(crate) fn unmask(&mut self, at: usize) {
        self.blocks[at / BLOCK][Class::Masked as usize] &= !(1 << (at % BLOCK));
    }

    /// The masked tokens of a block.
    fn masked(&self, number: usize) -> u64 {
        self.blocks.get(number).map_or(0, |block| block[Class::Masked as usize])
    }

    /// The next token from `from` that is masked, follows a masked one within two tokens, or stands right before one; `limit`
    /// if there is none before.
    pub(crate) fn seek_beside_masked(&self, from: usize, limit: usize) -> usize {
        let mut ahead = u64::MAX << (from % BLOCK);
        for number in from / BLOCK..self.blocks.len().min(limit.div_ceil(BLOCK)) {
            let (last, here) = (self.masked(number.wrapping_sub(1)), self.masked(number));
            let next = self.masked(number + 1);
            let behind = here << 1 | last >> (BLOCK - 1) | here << 2 | last >> (BLOCK - 2);
            let beside = (here | behind | here >> 1 | next << (BLOCK - 1)) & ahead;
            if beside != 0 {
                return limit.min(number * BLOCK + beside.trailing_zeros() as usize);
            }
            ahead = u64::MAX;
        }
        limit
    }

    /// The last token before `until` that a masked one follows within two tokens.
    pub(crate) fn seek_before_masked(&self, until: usize) -> Option<usize> {
        let last = until.checked_sub(1)?;
        let mut upto = u64::MAX >> (BLOCK - 1 - last % BLOCK);
        for number in (0..=last / BLOCK).rev() {
            let (here, next) = (self.masked(number), self.masked(number + 1));
            let before = here >> 1 | next << (BLOCK - 1) | here >> 2 | next << (BLOCK - 2);
            if before & upto != 0 {
                return Some(number * BLOCK + (before & upto).ilog2() as usize);
            }
            upto = u64::MAX;
        }
        None
    }

    /// How many of the first `limit` tokens have a class.
    pub(crate) fn count(&self, limit: usize, class: Class) -> u32 {
        let blocks = self.blocks.iter().enumerate().take(limit.div_ceil(BLOCK));
        blocks
            .map(|(number, block)| {
                let rest = limit - number * BLOCK;
                let within = if rest < BLOCK { (1 << rest) - 1 } else { u64::MAX };
                (block[class as usize] & within).count_ones()
            })
            .sum()
    }
}

/// Adds to a block the classes that depend on neighbours to the right, which may stand in the next block.
fn derive(block: &mut Block, next: Option<&Block>) {
    let here = |class: Class| block[class as usize];
    let after = |class: Class, by: usize| {
        here(class) >> by | next.map_or(0, |next| next[class as usize]) << (BLOCK - by)
    };
    let part = here(Class::Word) | here(Class::Num);
    let glued = after(Class::Glued, 1);
    let (word_after, num_after) = (after(Class::Word, 1), after(Class::Num, 1));
    let cluster = part & (word_after | num_after) & glued;
    let joined = part & after(Class::Joiner, 1) & glued;
    // EKW.4410
    let number_behind = after(Class::Num, 2) & after(Class::Glued, 2);
    let short = here(Class::Word) & here(Class::Short);
    // 64-PR903, 23-FDV-108
    let series =
        here(Class::Num) & after(Class::Hyphen, 1) & glued & after(Class::Word, 2) & after(Class::Glued, 2);
    let month = after(Class::Month, 1) | after(Class::Month, 2) | after(Class::Month, 3);
    let mark = after(Class::Mark, 1) & after(Class::Short, 1);
    let street = word_after | num_after | after(Class::Hyphen, 1) | after(Class::Address, 1);
    let letters = here(Class::Capitals) | here(Class::Title) | here(Class::Lower);
    let reviewed = here(Class::Reviewed) & letters & !here(Class::Glued) & !(num_after & glued);
    let derived = [
        (Class::Cluster, cluster),
        (Class::ClusterStart, cluster & !here(Class::Glued)),
        (
            Class::Glue,
            cluster | series | short & (num_after | after(Class::Hyphen, 1) | joined & number_behind),
        ),
        (Class::Date, here(Class::Num) & (joined | month)),
        (Class::Coordinate, here(Class::Num) & (joined | cluster | num_after | mark)),
        (Class::LongJoined, here(Class::Long) & joined),
        (Class::CodeJoined, here(Class::CodeWord) & joined),
        (Class::UnknownCluster, here(Class::Unknown) & cluster),
        (Class::SexAge, here(Class::Described) & cluster),
        (Class::House, here(Class::Num) & street),
        (Class::Grid, short & num_after & glued),
        (Class::UnitNumber, here(Class::Long) & after(Class::Status, 1)),
        (Class::Hyphened, here(Class::Word) & after(Class::Hyphen, 1) & glued | series),
        (Class::Doubtful, part & !reviewed),
        (Class::Masked, here(Class::Placeholder)),
    ];
    for (class, bits) in derived {
        block[class as usize] = bits;
    }
}

/// Turns the classes of 64 tokens into one word for each class.
fn transposed(toks: &[Tok]) -> [u64; OWN] {
    // Two matrices of 32 by 32 bits side by side: the classes of the first 32 tokens and those of the others.
    let mut rows = [0; OWN];
    let (left, right) = toks.split_at(toks.len().min(OWN));
    for (row, tok) in rows.iter_mut().zip(left) {
        *row = u64::from(tok.classes);
    }
    for (row, tok) in rows.iter_mut().zip(right) {
        *row |= u64::from(tok.classes) << OWN;
    }
    let mut pairs = rows.as_chunks().0.iter().map(|pair| u64x2::new(*pair));
    let mut pairs: [u64x2; OWN / 2] = std::array::from_fn(|_| pairs.next().unwrap_or_default());
    swap_blocks::<16>(&mut pairs, 0x0000_FFFF_0000_FFFF);
    swap_blocks::<8>(&mut pairs, 0x00FF_00FF_00FF_00FF);
    swap_blocks::<4>(&mut pairs, 0x0F0F_0F0F_0F0F_0F0F);
    swap_blocks::<2>(&mut pairs, 0x3333_3333_3333_3333);
    for (pair, rows) in pairs.into_iter().zip(rows.as_chunks_mut().0) {
        let [upper, lower] = pair.to_array();
        let swap = (upper >> 1 ^ lower) & 0x5555_5555_5555_5555;
        *rows = [upper ^ swap << 1, lower ^ swap];
    }
    rows
}

/// One step of turning matrices of bits, two rows to a pair: their quarters, of `WIDTH` by `WIDTH` bits, above and below
/// the diagonal change places (Warren, Hacker's Delight, second edition, section 7-3).
#[inline]
fn swap_blocks<const WIDTH: u32>(pairs: &mut [u64x2; OWN / 2], mask: u64) {
    let (mask, half) = (u64x2::splat(mask), WIDTH as usize / 2);
    for pairs in pairs.chunks_exact_mut(2 * half) {
        let (upper, lower) = pairs.split_at_mut(half);
        for (upper, lower) in upper.iter_mut().zip(lower) {
            let swap = (*upper >> WIDTH ^ *lower) & mask;
            *lower ^= swap;
            *upper ^= swap << WIDTH;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::lexicon::Lexicon;
    use crate::token::{Work, tokenize};

    #[test]
    fn every_class_is_found_where_a_token_has_it() {
        let lexicon = Lexicon::new(&Config::default());
        let text =
            "RP DANA WHITLOCK ADV 3 MAY AT 1418 HOLLIS AVE #3B, CB 555-0142. W/M30 A1 Dana sits ".repeat(7);
        let (mut toks, mut work, mut index) = (Vec::new(), Work::default(), Index::default());
        tokenize(text.as_bytes(), &lexicon, &mut toks, &mut work);
        for skip in 0..70 {
            index.build(&toks[skip..]);
            for class in [Class::Word, Class::Num, Class::Short, Class::Month, Class::Cue, Class::Mention] {
                let mut at = 0;
                for (number, _) in
                    toks[skip..].iter().enumerate().filter(|(_, tok)| tok.classes & class.bit() != 0)
                {
                    assert_eq!(index.seek(at, [class]), number, "from token {skip}");
                    at = number + 1;
                }
                assert_eq!(index.seek(at, [class]), usize::MAX);
            }
            let glued =
                |at: usize| toks[skip..].get(at).is_some_and(|tok| tok.classes & Class::Glued.bit() != 0);
            let part = Class::Word.bit() | Class::Num.bit();
            let is_part = |at: usize| toks[skip..].get(at).is_some_and(|tok| tok.classes & part != 0);
            for at in 0..toks.len() - skip {
                let cluster = is_part(at) && is_part(at + 1) && glued(at + 1);
                assert_eq!(index.seek(at, [Class::Cluster]) == at, cluster, "token {at} from {skip}");
            }
        }
    }

    #[test]
    fn what_stands_beside_a_masked_token_is_found() {
        let lexicon = Lexicon::new(&Config::default());
        let (mut toks, mut work) = (Vec::new(), Work::default());
        tokenize("and ".repeat(200).as_bytes(), &lexicon, &mut toks, &mut work);
        for masked in 0..200 {
            let mut index = Index::default();
            index.build(&toks);
            index.mask(masked, masked);
            let beside = |at: usize| (masked.saturating_sub(1)..=masked + 2).contains(&at);
            let before = |at: usize| (at + 1..=at + 2).contains(&masked);
            for at in 0..200 {
                let next = (at..150).find(|&at| beside(at)).unwrap_or(150);
                assert_eq!(index.seek_beside_masked(at, 150).max(at), next.max(at), "{masked} from {at}");
                assert_eq!(
                    index.seek_before_masked(at),
                    (0..at).rev().find(|&at| before(at)),
                    "{masked} to {at}"
                );
            }
        }
    }

    #[test]
    fn counts_stop_at_the_limit() {
        let lexicon = Lexicon::new(&Config::default());
        let (mut toks, mut work, mut index) = (Vec::new(), Work::default(), Index::default());
        tokenize("and ".repeat(150).as_bytes(), &lexicon, &mut toks, &mut work);
        index.build(&toks);
        for limit in [1, 63, 64, 65, 150, 400] {
            assert_eq!(index.count(limit, Class::Lower) as usize, limit.min(150));
        }
    }
}
