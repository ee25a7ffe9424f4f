//! Strict mode: what nobody reviewed goes.
//!
//! After the detectors, every word outside the reviewed vocabulary becomes a name and every number that is not of
//! harmless form an account. A word that is a name as well does not survive on the strength of the vocabulary.

use crate::board::Board;
use crate::class::Class;
use crate::detect::is_numeral;
use crate::fringe;
use crate::lexicon::{Flags, Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::{Claim, Kind};

pub(crate) fn run(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Doubtful]);
    while at < board.len() {
        match board.toks[at].kind {
            _ if board.is_masked(at) => {}
            Kind::Word if !word_survives(board, at) => {
                let mut last = at;
                while is_free_word(board, last + 1)
                    && !word_survives(board, last + 1)
                    && !board.starts_line(last + 1)
                {
                    last += 1;
                }
                board.claim(at, last, SpanType::Name, RuleId::StrictWord, 0.3);
                at = last;
            }
            Kind::Num if !number_survives(board, at) => {
                board.claim(at, at, SpanType::Account, RuleId::StrictNumber, 0.3);
            }
            _ => {}
        }
        at = board.seek(at + 1, [Class::Doubtful]);
    }
    fringe::run(board);
}

fn is_free_word(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at) && !board.is_masked(at)
}

/// Words of the vocabulary that are names too, and that English cannot do without.
const NEEDED: Words = *words!(
    "WILL", "MAY", "AN", "SO", "LONG", "YOUNG", "SHORT", "STRONG", "GOOD", "LITTLE", "BEST", "LAW", "HOUSE",
    "CASE", "GUN", "SHOT", "BLACK", "WHITE", "CASH", "SON", "MANN", "DO"
);

/// Whether a word with these flags survives where it stands alone and is longer than a letter. More words do, by name.
pub(crate) fn is_reviewed(flags: Flags) -> bool {
    flags & flag::STRICT != 0
        && flags & (flag::COND | flag::DRUG | flag::GIVEN | flag::SUR | flag::CITY | flag::NAMEABLE) == 0
}

fn word_survives(board: &Board<'_>, at: usize) -> bool {
    let flags = board.flags(at);
    if flags & flag::STRICT == 0 {
        return false;
    }
    // Glued to digits it is part of a code, unless the digits are part of a time.
    let glued = board.is_glued(at) && board.is_num(at - 1) || board.is_glued(at + 1) && board.is_num(at + 1);
    if glued {
        return board.is_one_of(at, words!("ST", "ND", "RD", "TH", "AM", "PM", "X", "S"));
    }
    let letter = board.text(at).len() == 1;
    if letter && is_spelled(board, at) {
        return false;
    }
    if letter {
        return flags & (flag::SEX | flag::DIR) != 0
            || board.is_one_of(at, words!("A", "I", "W", "O", "C", "S", "T", "R"));
    }
    if flags & (flag::COND | flag::DRUG) != 0 {
        return false;
    }
    // NINETEEN OH SIX: two numbers in words beside each other are no count.
    if is_numeral(board, at) && (is_numeral(board, at + 1) || is_numeral(board, at.wrapping_sub(1))) {
        return false;
    }
    is_reviewed(flags) || board.is_one_of(at, &NEEDED)
}

/// Counts of one digit, and two digits before a reviewed word; times; ten-codes.
fn number_survives(board: &Board<'_>, at: usize) -> bool {
    if board.toks[at].claim == Claim::Neutral {
        return board.sign(at + 1) == b':' || board.sign(at.wrapping_sub(1)) == b':';
    }
    let glued = board.is_glued(at) && at > 0 && board.is_word(at - 1)
        || board.is_glued(at + 1) && board.is_word(at + 1);
    let joined = board.is_glued(at) && at > 0 && matches!(board.sign(at - 1), b'-' | b'.' | b'/' | b'#')
        || board.is_glued(at + 1) && matches!(board.sign(at + 1), b'-' | b'/') && board.is_glued(at + 2);
    if glued {
        return false;
    }
    if joined {
        // 10-97 is a ten-code; in `10 -84.39` the numbers have nothing to do with each other.
        let after_ten = at >= 2
            && board.text(at - 2) == b"10"
            && board.sign(at - 1) == b'-'
            && board.is_glued(at - 1)
            && !board.is_masked(at - 2);
        let ten = board.text(at) == b"10" || after_ten;
        return ten && board.digits(at) <= 2;
    }
    match board.digits(at) {
        1 => !is_spelled(board, at),
        2 => counts(board, at + 1) || at > 0 && board.is_one_of(at - 1, words!("CODE", "SIGNAL")),
        _ => false,
    }
}

/// `8 1 7 J K N`: one of three letters or digits in a row, each standing alone.
fn is_spelled(board: &Board<'_>, at: usize) -> bool {
    let single =
        |i: usize| (board.is_word(i) || board.is_num(i)) && board.text(i).len() == 1 && !board.is_glued(i);
    let joined = |i: usize| single(i) && !board.starts_line(i);
    single(at)
        && (joined(at + 1) && (joined(at + 2) || joined(at) && single(at.wrapping_sub(1)))
            || joined(at) && joined(at.wrapping_sub(1)) && single(at.wrapping_sub(2)))
}

/// Whether a number of two digits before that word is a count or a measure.
fn counts(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at)
        && !board.starts_line(at)
        && !(board.is_glued(at + 1) && board.is_num(at + 1))
        && board.has(at, flag::STRICT)
        && !board.has(
            at,
            flag::STREET
                | flag::STREETISH
                | flag::DIR
                | flag::VERB
                | flag::C_AGE
                | flag::SEX
                | flag::BLOCK
                | flag::GIVEN
                | flag::SUR
                | flag::UNITD
                | flag::FUNC,
        )
}
