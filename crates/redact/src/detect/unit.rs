//! Flats, floors and rooms: what stands behind a house number and its street.

use super::code::code_at;
use super::numeral::numeral_end;
use super::street::{dot, is_ordinal};
use crate::board::Board;
use crate::lexicon::words;
use crate::lexicon_flags as flag;

/// Past any units: `APT 3B`, `BLDG C #318`, `, Suite 110`, `UNIT R`, `2ND FLOOR`.
pub(super) fn units_end(board: &Board<'_>, last: usize) -> usize {
    let mut last = last;
    for _ in 0..3 {
        let mut at = dot(board, last + 1);
        if board.sign(at) == b',' || board.sign(at) == b'-' && !board.is_glued(at) {
            at += 1;
        }
        if board.starts_line(at) {
            break;
        }
        match one_unit_end(board, at) {
            Some(end) => last = end,
            None => break,
        }
    }
    last
}

/// `REAR`, `BSMT`: a part of the house that somebody lives in.
fn is_part_of_house(board: &Board<'_>, at: usize) -> bool {
    let part = words!(
        "REAR",
        "UP",
        "UPR",
        "LOWR",
        "LWR",
        "BSMT",
        "BASEMENT",
        "UPPER",
        "LOWER",
        "UPSTAIRS",
        "DOWNSTAIRS",
        "GARDEN"
    );
    let next = at + 1;
    let ends = !board.is_word(next) || board.starts_line(next);
    // The clause goes on with a verb; UP does so as an adverb.
    let goes_on = board.has(next, flag::VERB | flag::FUNC) && !board.is_one_of(at, words!("UP"));
    board.is_one_of(at, part)
        && board.is_free(at)
        && (ends || is_dwelling(board, next) || goes_on)
        && !board.is_one_of(next, words!("OF"))
}

fn is_dwelling(board: &Board<'_>, at: usize) -> bool {
    board.is_one_of(at, words!("APT", "APARTMENT", "UNIT", "HOUSE", "HSE", "COTTAGE"))
}

/// The end of a unit that starts at `at`.
pub(super) fn one_unit_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let named = board.has(at, flag::UNITD) && board.is_free(at);
    let ordinal = is_ordinal(board, at) && board.is_one_of(at + 2, words!("FLOOR", "FL", "FLR"));
    if ordinal {
        return Some(if is_part_of_house(board, at + 3) { at + 3 } else { at + 2 });
    }
    if is_part_of_house(board, at) && !board.starts_line(at) {
        return Some(if is_dwelling(board, at + 1) {
            one_unit_end(board, at + 1).unwrap_or(at + 1)
        } else {
            at
        });
    }
    if board.is_one_of(at, words!("COACH", "CARRIAGE")) && board.is_one_of(at + 1, words!("HOUSE", "HSE")) {
        return Some(at + 1);
    }
    // 2R, 3F: floor and side, without a label.
    let floor = board.digits(at) == 1
        && board.is_glued(at + 1)
        && board.is_one_of(at + 1, words!("R", "F", "E", "W", "N", "S", "A", "B", "C", "D"))
        && !(board.is_glued(at + 2)
            && (board.is_word(at + 2) || board.is_num(at + 2) || board.sign(at + 2) == b'/'))
        && board.is_free(at);
    if floor {
        return Some(at + 1);
    }
    // NEIL RD 21B: two or three digits and a letter, right behind the street's type; 35F is somebody's age.
    let numbered = matches!(board.digits(at), 2 | 3)
        && board.is_free(at)
        && !board.is_glued(at)
        && board.is_glued(at + 1)
        && board.text(at + 1).len() == 1
        && !board.is_one_of(at + 1, words!("M", "F", "S"))
        && !board.is_glued(at + 2)
        && board.has(at.wrapping_sub(1), flag::STREET);
    if numbered {
        return Some(at + 1);
    }
    // 13211 TWINBROOK PKWY T3: without a label, where the sentence ends.
    let bare = board.is_word(at)
        && board.text(at).len() == 1
        && board.is_glued(at + 1)
        && board.digits(at + 1) <= 3
        && board.is_num(at + 1)
        && board.is_free(at)
        && !board.is_glued(at)
        && (board.starts_line(at + 2)
            || matches!(board.sign(at + 2), b'.' | b',') && !board.is_glued(at + 3));
    if bare && board.has(at.wrapping_sub(1), flag::STREET) {
        return Some(at + 1);
    }
    if !named && board.sign(at) != b'#' {
        return None;
    }
    let mut i = if named { dot(board, at + 1) } else { at };
    while matches!(board.sign(i), b'#' | b':') {
        i += 1;
    }
    if board.starts_line(i) {
        return None;
    }
    // apartment four oh two
    if named && let Some(last) = numeral_end(board, i) {
        return Some(last);
    }
    let code = code_at(board, i)?;
    let short_word = code.digits == 0
        && code.letters <= 2
        && !board.has(i, flag::LOCCUE | flag::TOPERSON | flag::VERB | flag::ROLE)
        || code.digits == 0 && code.letters == 1;
    let rear = board.is_one_of(i, words!("REAR", "UPPER", "LOWER", "FRONT", "UP", "DOWN")) && named;
    let mixed = code.digits > 0 && code.len() <= 6
        || code.digits > 0 && board.sign(code.first + 1) == b'-' && code.len() <= 8;
    (mixed || short_word || rear).then_some(code.last)
}
