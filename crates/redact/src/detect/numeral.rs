//! Numbers in words, as a voice is written down.

use crate::board::Board;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;

/// The tens.
pub(crate) const TENS: Words =
    *words!("TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY");

/// Other numbers that are not one digit, and the zero of `NINETEEN OH SIX`.
pub(crate) const NUMERALS: Words = *words!(
    "OH",
    "TEN",
    "ELEVEN",
    "TWELVE",
    "THIRTEEN",
    "FOURTEEN",
    "FIFTEEN",
    "SIXTEEN",
    "SEVENTEEN",
    "EIGHTEEN",
    "NINETEEN",
    "HUNDRED"
);

/// Whether a word is a number.
pub(crate) fn is_numeral(board: &Board<'_>, at: usize) -> bool {
    board.has(at, flag::NUMBER) || board.is_one_of(at, &TENS) || board.is_one_of(at, &NUMERALS)
}

/// The last of the numbers in words that stand one behind the other from `at`, on one line: `FOUR OH TWO`.
pub(crate) fn numeral_end(board: &Board<'_>, at: usize) -> Option<usize> {
    (at..at + 6).take_while(|&i| is_numeral(board, i) && (i == at || !board.starts_line(i))).last()
}
