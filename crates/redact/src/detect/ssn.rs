//! Social security numbers.
//!
//! The valid ranges (no area 000, 666 or 9xx, no group 00, no serial 0000) raise the confidence of a labelled number
//! and are not asked for: callers misread digits, and a number of the wrong range is a person's all the same.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>) {
    let labels = board.seen & flag::C_SSN != 0;
    let mut at = board.seek(0, [Class::LongJoined, Class::Label]);
    while at < board.len() {
        if labels && board.has(at, flag::C_SSN) && board.is_free(at) {
            labelled(board, at);
        } else if board.digits(at) == 3 && board.is_free(at) {
            layout(board, at);
        }
        at = board.seek(at + 1, [Class::LongJoined, Class::Label]);
    }
}

/// Three, two and four digits with the same sign between them, and nothing glued on either side.
fn layout(board: &mut Board<'_>, at: usize) {
    let sign = board.sign(at + 1);
    let fits = matches!(sign, b'-' | b'.' | b'/' | b'_')
        && board.digits(at + 2) == 2
        && board.sign(at + 3) == sign
        && board.digits(at + 4) == 4
        && (at + 1..=at + 4).all(|i| board.is_glued(i) && board.is_free(i));
    let open = board.is_glued(at)
        && (at > 0
            && (board.is_word(at.wrapping_sub(1))
                || matches!(board.sign(at.wrapping_sub(1)), b'-' | b'.' | b'/')));
    let goes_on =
        board.is_glued(at + 5) && (matches!(board.sign(at + 5), b'-' | b'/') && board.is_glued(at + 6));
    if !fits || open || goes_on {
        return;
    }
    let confidence = if in_range(board, at) { 0.97 } else { 0.85 };
    board.claim(at, at + 4, SpanType::Ssn, RuleId::SsnLayout, confidence);
}

fn in_range(board: &Board<'_>, at: usize) -> bool {
    let area = board.number(at).unwrap_or(0);
    area != 0
        && area != 666
        && area < 900
        && board.number(at + 2) != Some(0)
        && board.number(at + 4) != Some(0)
}

/// After `SSN`, `SOC` or `SS#`: nine digits however grouped, or the last four.
fn labelled(board: &mut Board<'_>, cue: usize) {
    if board.is_one_of(cue, words!("SS")) && !matches!(board.sign(cue + 1), b'#' | b':' | b'N') {
        return;
    }
    let mut at = cue + 1;
    for _ in 0..9 {
        let skip = matches!(board.sign(at), b':' | b'#' | b'=' | b'-' | b'.' | b',' | b'*' | b'/')
            || board.is_one_of(
                at,
                words!(
                    "IS", "NO", "NUM", "NUMBER", "SECURITY", "SEC", "CARD", "TOO", "LAST", "FOUR", "ENDING",
                    "ENDS", "IN", "OF", "XXX", "XX", "X", "ALSO", "WAS", "AS", "THE"
                ),
            )
            || board.number(at) == Some(4) && board.is_one_of(at.saturating_sub(1), words!("LAST"))
            || board.has(at, flag::C_SSN);
        if !skip || board.starts_line(at) {
            break;
        }
        at += 1;
    }
    // MY SOCIAL NINE EIGHT SEVEN: nine digits in words.
    let spoken = (at..at + 9)
        .all(|i| board.has(i, flag::NUMBER) && board.is_free(i) && (i == at || !board.starts_line(i)));
    if spoken {
        board.claim(at, at + 8, SpanType::Ssn, RuleId::SsnCued, 0.9);
        return;
    }
    let mut total = 0;
    let mut last = at;
    let mut i = at;
    while board.is_num(i) && total < 9 && board.is_free(i) {
        total += board.digits(i);
        last = i;
        i += 1;
        while matches!(board.sign(i), b'-' | b'.' | b'/' | b' ') && board.is_num(i + 1) {
            i += 1;
        }
    }
    if total == 9 || (total == 4 && last == at) {
        board.claim(at, last, SpanType::Ssn, RuleId::SsnCued, if total == 9 { 0.99 } else { 0.9 });
    }
}
