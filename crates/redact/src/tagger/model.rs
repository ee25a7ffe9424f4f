//! The weights, and the scores of items.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::board::Board;
use crate::lexicon::Flags;
use crate::tagger::decode::Steps;
use crate::tagger::feature::{ENDINGS, REACH, SPACED, ending, key_of_ending, key_of_pair, number_of_spacing};
use crate::tagger::file::{NONE, Parsed, Rows, index_at};
use crate::tagger::item::{self, BEFORE, BEHIND, Item, SPACINGS};
use crate::tagger::row::Weights;
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
    rows_of_words: Vec<Rows>,
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
    /// For what stands before a text, and for what stands behind it.
    edges: [Rows; 2],
    pub(crate) steps: Steps,
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
            rows_of_words: [NONE].into_iter().chain(words.into_values()).collect(),
            kinds,
            listed: Table::new([].into_iter()),
            rows_of_listed: vec![NONE],
            flags,
            pairs: Table::new(pairs.keys().copied()),
            rows_of_pairs: [[Weights::ZERO; 2]].into_iter().chain(pairs.into_values()).collect(),
            endings,
            spacing,
            edges: [NONE; 2],
            steps: Steps::new(&steps),
        };
        model.edges = [&BEFORE, &BEHIND].map(|edge| {
            let mut rows = model.kinds[usize::from(edge.kind)];
            add(&mut rows, &model.rows_of_words[model.words.number(edge.word, model.words.first(edge.word))]);
            rows
        });
        let listed = BUILTIN.iter().map(|(_, flags)| flags).chain(KNOWN_WORDS.all_flags());
        let listed: BTreeSet<Flags> = listed.collect();
        model.listed = Table::new(listed.iter().copied());
        for flags in listed {
            model.rows_of_listed.push(model.sum_of(flags));
        }
        model
    }

    /// The weights of the kind and all flags of a listed word.
    fn sum_of(&self, flags: Flags) -> Rows {
        let mut rows = self.kinds[usize::from(item::kind_of_flags(flags))];
        let mut rest = flags;
        while rest != 0 {
            add(&mut rows, &self.flags[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
        rows
    }

    /// Sums up for every item what speaks for each label: its sum is that of its number and [`MARGIN`]. `asked` is working
    /// memory.
    pub(crate) fn sum_up(
        &self,
        board: &Board<'_>,
        items: &[Item],
        asked: &mut Vec<Asked>,
        sums: &mut Vec<Weights>,
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
        // What lies before and behind the text has sums that nobody asks for, so that no place need be checked.
        sums.resize(items.len() + 2 * MARGIN, Weights::ZERO);
        for at in 0..REACH {
            add(window(sums, MARGIN - 1 - at), &self.edges[0]);
            add(window(sums, MARGIN + items.len() + at), &self.edges[1]);
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
            add(window, &self.rows_of_words[self.words.number(item.word, asked.word)]);
            if asked.flags == 0 {
                add(window, &self.kinds[usize::from(item.kind)]);
            } else {
                match self.listed.number(asked.flags, asked.listed) {
                    // Only an agency's own lists make words of other flags.
                    0 => add(window, &self.sum_of(asked.flags)),
                    number => add(window, &self.rows_of_listed[number]),
                }
            }
            for (spaced, place) in (0..).zip(SPACED) {
                window[index_at(place)] += self.spacing[number_of_spacing(spaced, item.spacing)];
            }
            for ending in ENDINGS.into_iter().filter_map(|letters| ending(board, item, letters)) {
                if let Some(weights) = self.endings.get(&key_of_ending(ending)) {
                    window[REACH] += *weights;
                }
            }
        }
    }
}

#[inline]
fn add(sums: &mut Rows, rows: &Rows) {
    for (sum, row) in sums.iter_mut().zip(rows) {
        *sum += *row;
    }
}

/// The sums of the items around that with the sum number `at`.
fn window(sums: &mut [Weights], at: usize) -> &mut Rows {
    sums[at - REACH..].first_chunk_mut().unwrap_or_else(|| unreachable!("the margins are wide enough"))
}

/// Sums beside those of the items.
pub(crate) const MARGIN: usize = 2 * REACH;
