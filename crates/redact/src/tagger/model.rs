//! The weights, and the scores of items.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::board::Board;
use crate::lexicon::Flags;
use crate::tagger::decode::Steps;
use crate::tagger::feature::{
    ENDINGS, PLACES, REACH, SPACED, ending, key_of_ending, key_of_pair, number_of_spacing,
};
use crate::tagger::file::{NONE, Parsed, Rows, index_at};
use crate::tagger::item::{self, BEFORE, BEHIND, Item, SPACINGS};
use crate::tagger::row::{Row, Weights};
use crate::tagger::table::{Slot, Table};
use crate::word_lists::{BUILTIN, KNOWN_WORDS};

/// What no sum of weights makes up for.
pub(crate) const NEVER: i16 = -20_000;

/// The built-in weights.
pub(crate) static MODEL: LazyLock<Model> =
    LazyLock::new(|| Model::new(Parsed::read(include_str!("../../lexicon/tagger.txt"))));

/// The weights of a conditional random field (Lafferty, McCallum and Pereira, 2001). Number zero of each table is nothing.
pub(crate) struct Model {
    words: Table,
    places: Vec<Places>,
    rows_of_words: Vec<Weights>,
    kinds: Vec<Rows>,
    /// For words of lists: the weights of their kind and all their flags together.
    listed: Table,
    rows_of_listed: Vec<Rows>,
    flags: Vec<Rows>,
    /// For two kinds side by side, what they say of the left item and of the right one.
    pairs: Table,
    rows_of_pairs: Vec<[Weights; 2]>,
    endings: FxHashMap<u64, Weights>,
    spacing: [Weights; SPACED.len() * SPACINGS],
    pub(crate) steps: Steps,
}

/// Where a word's weights are: most say something at few places only.
#[derive(Clone, Copy, Default)]
struct Places {
    /// The number of the first row.
    first: u32,
    /// A bit for each place that has a row.
    mask: u32,
}

/// Where the weights of an item may be.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    flags: Flags,
    word: Slot,
    listed: Slot,
    pair: Slot,
}

impl Model {
    fn new(parsed: Parsed) -> Self {
        let Parsed { words, kinds, flags, pairs, endings, spacing, steps } = parsed;
        let mut model = Self {
            words: Table::new(words.keys().copied()),
            places: vec![Places::default()],
            rows_of_words: Vec::new(),
            kinds,
            listed: Table::new([].into_iter()),
            rows_of_listed: vec![NONE],
            flags,
            pairs: Table::new(pairs.keys().copied()),
            rows_of_pairs: [[Weights::ZERO; 2]].into_iter().chain(pairs.into_values()).collect(),
            endings,
            spacing,
            steps: Steps::new(&steps),
        };
        for rows in words.into_values() {
            model.add_word(rows);
        }
        let listed = BUILTIN.iter().map(|(_, flags)| flags).chain(KNOWN_WORDS.all_flags());
        let listed: BTreeSet<Flags> = listed.collect();
        model.listed = Table::new(listed.iter().copied());
        for flags in listed {
            model.rows_of_listed.push(model.sum_of(flags));
        }
        model
    }

    fn add_word(&mut self, rows: Rows) {
        let mut places = Places { first: u32::try_from(self.rows_of_words.len()).unwrap_or(0), mask: 0 };
        for (index, row) in rows.into_iter().enumerate().filter(|(_, row)| *row != Weights::ZERO) {
            places.mask |= 1 << index;
            self.rows_of_words.push(row);
        }
        self.places.push(places);
    }

    /// The weights of the kind and all flags of a listed word.
    fn sum_of(&self, flags: Flags) -> Rows {
        let mut rows = self.kinds[usize::from(item::kind_of_flags(flags))];
        let mut rest = flags;
        while rest != 0 {
            for (row, of_flag) in rows.iter_mut().zip(self.flags[rest.trailing_zeros() as usize]) {
                *row = row.plus(of_flag);
            }
            rest &= rest - 1;
        }
        rows
    }

    /// Scores every item for every label: its sum is that of its number and [`MARGIN`]. `asked` is working memory.
    pub(crate) fn score(
        &self,
        board: &Board<'_>,
        items: &[Item],
        asked: &mut Vec<Asked>,
        sums: &mut Vec<Row>,
    ) {
        asked.clear();
        let mut left = &BEFORE;
        asked.extend(items.iter().chain([&BEHIND]).map(|item| {
            let flags = if item.letters { board.flags(item.first) } else { 0 };
            let pair = self.pairs.first(key_of_pair(left.kind, item.kind));
            left = item;
            Asked { flags, word: self.words.first(item.word), listed: self.listed.first(flags), pair }
        }));
        sums.clear();
        // What lies before and behind the text has scores that nobody asks for, so that no place need be checked.
        sums.resize(items.len() + 2 * MARGIN, Row::ZERO);
        for at in 0..REACH {
            for (edge, at) in [(&BEFORE, MARGIN - 1 - at), (&BEHIND, MARGIN + items.len() + at)] {
                let asked = Asked {
                    flags: 0,
                    word: self.words.first(edge.word),
                    listed: Slot::default(),
                    pair: Slot::default(),
                };
                self.spread(edge, &asked, window(sums, at));
            }
        }
        let mut left = &BEFORE;
        for ((at, item), asked) in (MARGIN..).zip(items.iter().chain([&BEHIND])).zip(&*asked) {
            let pair = self.pairs.number(key_of_pair(left.kind, item.kind), asked.pair);
            let [of_left, of_right] = self.rows_of_pairs[pair];
            sums[at - 1] += of_left;
            sums[at] += of_right;
            left = item;
        }
        for ((at, item), asked) in (MARGIN..).zip(items).zip(&*asked) {
            let window = window(sums, at);
            self.spread(item, asked, window);
            for (spaced, place) in (0..).zip(SPACED) {
                window[index_at(place)] += self.spacing[number_of_spacing(spaced, item.spacing)];
            }
            for ending in ENDINGS.into_iter().filter_map(|letters| ending(board, item, letters)) {
                if let Some(row) = self.endings.get(&key_of_ending(ending)) {
                    window[REACH] += *row;
                }
            }
        }
    }

    /// Adds what an item says of the items around it.
    #[inline]
    fn spread(&self, item: &Item, asked: &Asked, window: &mut [Row; PLACES]) {
        let sum;
        let of_kind = if asked.flags == 0 {
            &self.kinds[usize::from(item.kind)]
        } else {
            match self.listed.number(asked.flags, asked.listed) {
                // Only an agency's own lists make words of other flags.
                0 => {
                    sum = self.sum_of(asked.flags);
                    &sum
                }
                number => &self.rows_of_listed[number],
            }
        };
        for (sum, row) in window.iter_mut().zip(of_kind) {
            *sum += *row;
        }
        let Places { first, mut mask } = self.places[self.words.number(item.word, asked.word)];
        for row in &self.rows_of_words[first as usize..][..mask.count_ones() as usize] {
            window[mask.trailing_zeros() as usize % PLACES] += *row;
            mask &= mask - 1;
        }
    }
}

/// The sums of the items around that with the sum number `at`.
fn window(sums: &mut [Row], at: usize) -> &mut [Row; PLACES] {
    sums[at - REACH..].first_chunk_mut().unwrap_or_else(|| unreachable!("the margins are wide enough"))
}

/// Sums beside those of the items.
pub(crate) const MARGIN: usize = 2 * REACH;
