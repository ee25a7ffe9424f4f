//! The weights, and the scores of items.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::board::Board;
use crate::lexicon::{Flags, hash};
use crate::tagger::decode::Steps;
use crate::tagger::feature::{ENDINGS, REACH, SPACED, ending, key_of_pair, number_of_spacing};
use crate::tagger::file::{NONE, Parsed, Rows, index_at};
use crate::tagger::item::{self, BEFORE, BEHIND, Item};
use crate::tagger::row::Weights;
use crate::word_lists::{BUILTIN, KNOWN_WORDS};

/// What no sum of weights makes up for.
pub(crate) const NEVER: i16 = -20_000;

/// The built-in weights.
pub(crate) static MODEL: LazyLock<Model> =
    LazyLock::new(|| Model::new(Parsed::read(include_str!("../../lexicon/tagger.txt"))));

/// A conditional random field (Lafferty, McCallum and Pereira, 2001).
pub(crate) struct Model {
    weights: Parsed,
    /// For words of lists: the weights of their kind and all their flags together.
    listed: FxHashMap<Flags, Rows>,
    /// For what stands before a text, and for what stands behind it.
    edges: [Rows; 2],
    pub(crate) steps: Steps,
}

impl Model {
    fn new(weights: Parsed) -> Self {
        let steps = Steps::new(&weights.steps);
        let mut model = Self { weights, listed: FxHashMap::default(), edges: [NONE; 2], steps };
        model.edges = [&BEFORE, &BEHIND].map(|edge| {
            let mut rows = NONE;
            model.add_item(edge, 0, &mut rows);
            rows
        });
        for flags in BUILTIN.iter().map(|(_, flags)| flags).chain(KNOWN_WORDS.all_flags()) {
            if !model.listed.contains_key(&flags) {
                model.listed.insert(flags, model.sum_of(flags));
            }
        }
        model
    }

    /// The weights of the kind and all flags of a listed word.
    fn sum_of(&self, flags: Flags) -> Rows {
        let mut rows = self.weights.kinds[usize::from(item::kind_of_flags(flags))];
        let mut rest = flags;
        while rest != 0 {
            add(&mut rows, &self.weights.flags[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
        rows
    }

    /// Sums up for every item what speaks for each label: its sum is that of its number and [`MARGIN`].
    pub(crate) fn sum_up(&self, board: &Board<'_>, items: &[Item], sums: &mut Vec<Weights>) {
        sums.clear();
        // What lies before and behind the text has sums that nobody asks for, so that no place need be checked.
        sums.resize(items.len() + 2 * MARGIN, Weights::ZERO);
        for at in 0..REACH {
            add(window(sums, MARGIN - 1 - at), &self.edges[0]);
            add(window(sums, MARGIN + items.len() + at), &self.edges[1]);
        }
        let mut left = &BEFORE;
        for (at, item) in (MARGIN..).zip(items.iter().chain([&BEHIND])) {
            if let Some([of_left, of_right]) = self.weights.pairs.get(&key_of_pair(left.kind, item.kind)) {
                sums[at - 1] += *of_left;
                sums[at] += *of_right;
            }
            left = item;
        }
        for (at, item) in (MARGIN..).zip(items) {
            let window = window(sums, at);
            self.add_item(item, if item.letters { board.flags(item.first) } else { 0 }, window);
            for (spaced, place) in (0..).zip(SPACED) {
                window[index_at(place)] += self.weights.spacing[number_of_spacing(spaced, item.spacing)];
            }
            for ending in ENDINGS.into_iter().filter_map(|letters| ending(board, item, letters)) {
                if let Some(weights) = self.weights.endings.get(&hash(ending)) {
                    window[REACH] += *weights;
                }
            }
        }
    }

    /// Adds what an item's word, kind and flags say of the items around it.
    #[inline]
    fn add_item(&self, item: &Item, flags: Flags, window: &mut Rows) {
        if let Some(rows) = self.weights.words.get(&item.word) {
            add(window, rows);
        }
        if flags == 0 {
            add(window, &self.weights.kinds[usize::from(item.kind)]);
        } else if let Some(rows) = self.listed.get(&flags) {
            add(window, rows);
        } else {
            // Only an agency's own lists make words of other flags.
            add(window, &self.sum_of(flags));
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
