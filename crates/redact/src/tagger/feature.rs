//! What is asked of an item and its neighbours.
//!
//! The words and kinds of the items up to two places away, the flags of those words, how the items around stand and are
//! written, each two neighbouring kinds together, and the last letters of a word.

use crate::board::Board;
use crate::lexicon_flags as flag;
use crate::tagger::item::{Item, SPACINGS};

/// How far from an item words and kinds are looked at, to either side.
pub(crate) const REACH: usize = 2;
/// Number of places that are looked at.
pub(crate) const PLACES: usize = 2 * REACH + 1;
/// Places at which spacing is looked at: from one before the item to two behind.
pub(crate) const SPACED: [isize; 4] = [-1, 0, 1, 2];
/// Numbers of last letters that are looked at.
pub(crate) const ENDINGS: [usize; 2] = [2, 3];

/// The last letters of a word that is no ordinary one; nothing for one that is not longer than them.
pub(crate) fn ending<'a>(board: &'a Board<'_>, item: &Item, letters: usize) -> Option<&'a [u8]> {
    let word = if item.letters && !board.has(item.first, flag::ORD) { board.text(item.first) } else { &[] };
    word.len().checked_sub(letters).filter(|before| *before > 0).map(|before| &word[before..])
}

/// The key of two kinds side by side.
pub(crate) fn key_of_pair(left: u16, right: u16) -> u64 {
    u64::from(left) << 16 | u64::from(right)
}

/// The number of a spacing at a place.
pub(crate) fn number_of_spacing(place: usize, spacing: usize) -> usize {
    place * SPACINGS + spacing
}
