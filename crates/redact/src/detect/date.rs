//! Times and dates, and dates of birth.
//!
//! A time or date is harmless in itself, and marking it keeps other detectors from reading a phone number into it. A
//! date becomes a date of birth by its label, or by standing right after a person's name.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Claim;

pub(super) fn run(board: &mut Board<'_>) {
    let labelled = board.seen & flag::C_DOB != 0;
    let mut at = board.seek(0, [Class::Date, Class::Label]);
    while at < board.len() {
        if labelled
            && board.has(at, flag::C_DOB)
            && board.is_free(at)
            && let Some((first, last)) = birth(board, at)
        {
            board.claim(first, last, SpanType::Dob, RuleId::DobCued, 0.97);
            at = last + 1;
            continue;
        }
        if board.is_num(at) && board.is_free(at) {
            let end = time_end(board, at).or_else(|| date_end(board, at));
            if let Some(last) = end {
                board.neutral(at, last);
                at = last + 1;
                continue;
            }
        }
        at = board.seek(at + 1, [Class::Date, Class::Label]);
    }
}

/// The date after a label: `DOB: 04/11/1988`, `born March 3, 1979`, `DOB 120899`, `D.O.B. 1988`.
fn birth(board: &Board<'_>, cue: usize) -> Option<(usize, usize)> {
    let mut at = cue + 1;
    for _ in 0..6 {
        if matches!(board.sign(at), b':' | b'#' | b'=' | b'-' | b'.' | b',')
            || super::code::key_slash(board, at, cue)
            || board.is_one_of(
                at,
                words!(
                    "IS", "OF", "ON", "DATE", "DE", "EN", "EL", "DAY", "GIVEN", "AS", "LISTED", "IN", "POSS"
                ),
            )
            || board.has(at, flag::C_DOB)
            || board.has(at, flag::DAY) && board.is_word(at) && !board.is_num(at)
        {
            at += 1;
        } else {
            break;
        }
    }
    // DOB/1992-08-14: the slash is the label's.
    let dash = |i: usize| board.sign(i) == b'-' && board.is_glued(i) && board.is_glued(i + 1);
    let iso = board.digits(at) == 4
        && dash(at + 1)
        && board.digits(at + 2) == 2
        && dash(at + 3)
        && board.digits(at + 4) == 2;
    let end = if iso { Some(at + 4) } else { date_end(board, at).or_else(|| bare_date_end(board, at)) };
    end.map(|last| (at, last))
}

/// Six or eight digits, a year, or three spaced groups: only after a label.
fn bare_date_end(board: &Board<'_>, at: usize) -> Option<usize> {
    match board.digits(at) {
        6 | 8 => Some(at),
        4 => board.number(at).is_some_and(|year| (1900..=2035).contains(&year)).then_some(at),
        1 | 2 => {
            let months = (1..=31).contains(&board.number(at)?);
            let third = at + 2;
            let spaced = board.is_num(at + 1) && matches!(board.digits(third), 2 | 4);
            (months && spaced).then_some(third)
        }
        _ => None,
    }
}

/// `06:12`, `06:12:44`, `0310 HRS`, with an AM or PM.
fn time_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let hour = board.number(at).filter(|&hour| hour <= 24 && board.digits(at) <= 2)?;
    let two = |i: usize| {
        board.sign(i) == b':' && board.is_glued(i) && board.is_glued(i + 1) && board.digits(i + 1) == 2
    };
    if !two(at + 1) || hour > 24 || board.number(at + 2)? > 59 {
        return None;
    }
    let last = if two(at + 3) { at + 4 } else { at + 2 };
    Some(if board.is_one_of(last + 1, words!("AM", "PM", "HRS")) { last + 1 } else { last })
}

fn is_year(board: &Board<'_>, at: usize) -> bool {
    match board.digits(at) {
        2 => true,
        4 => board.number(at).is_some_and(|year| (1900..=2100).contains(&year)),
        _ => false,
    }
}

/// The end of a date that starts at `at`, in any order and with any of the usual separators.
pub(super) fn date_end(board: &Board<'_>, at: usize) -> Option<usize> {
    numeric_date_end(board, at).or_else(|| written_date_end(board, at))
}

fn numeric_date_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let sep = board.sign(at + 1);
    let joined = matches!(sep, b'/' | b'-' | b'.')
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && board.is_num(at + 2);
    if !joined
        || (at > 0 && board.is_glued(at) && matches!(board.sign(at.wrapping_sub(1)), b'-' | b'/' | b'.'))
    {
        return None;
    }
    let three =
        board.sign(at + 3) == sep && board.is_glued(at + 3) && board.is_glued(at + 4) && board.is_num(at + 4);
    let more = |last: usize| {
        matches!(board.sign(last + 1), b'-' | b'/' | b'.')
            && board.is_glued(last + 1)
            && board.is_glued(last + 2)
            && board.is_num(last + 2)
            || board.is_glued(last + 1) && board.is_word(last + 1) && !board.is_one_of(last + 1, words!("AT"))
    };
    let day_month = |first: usize, second: usize| {
        let (a, b) = (board.number(first).unwrap_or(99), board.number(second).unwrap_or(99));
        (1..=31).contains(&a)
            && (1..=31).contains(&b)
            && (a <= 12 || b <= 12)
            && board.digits(first) <= 2
            && board.digits(second) <= 2
    };
    if three && !more(at + 4) {
        let year_last = day_month(at, at + 2) && is_year(board, at + 4);
        let year_first = board.digits(at) == 4 && is_year(board, at) && day_month(at + 2, at + 4);
        return (year_last || year_first).then_some(at + 4);
    }
    // A month and a day: harmless, but only with a slash, since 10-8 and 5.5 are other things.
    (!three && sep == b'/' && day_month(at, at + 2) && !more(at + 2)).then_some(at + 2)
}

/// `March 3, 1979`, `11 FEB 78`, `3 de marzo`.
fn written_date_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let day = |i: usize| board.digits(i) <= 2 && board.number(i).is_some_and(|day| (1..=31).contains(&day));
    let skip = |i: usize| {
        if board.is_one_of(i, words!("ST", "ND", "RD", "TH")) && board.is_glued(i) { i + 1 } else { i }
    };
    let comma = |i: usize| if matches!(board.sign(i), b',' | b'-' | b'/' | b'.') { i + 1 } else { i };
    if board.has(at, flag::MONTH) {
        let first = comma(at + 1);
        if !day(first) {
            return None;
        }
        let after = comma(skip(first + 1));
        return Some(if board.is_num(after) && is_year(board, after) { after } else { skip(first + 1) - 1 });
    }
    if day(at) {
        let month = comma(skip(at + 1));
        if !board.has(month, flag::MONTH)
            || board.is_one_of(month, words!("MAY", "MAR", "MARCH")) && !board.is_num(comma(month + 1))
        {
            return None;
        }
        let after = comma(month + 1);
        return Some(if board.is_num(after) && is_year(board, after) { after } else { month });
    }
    None
}

/// `09091964` or `19640909`.
fn is_compact_date(text: &[u8]) -> bool {
    let number =
        |digits: &[u8]| digits.iter().fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    let date = |year: &[u8], month: &[u8], day: &[u8]| {
        (1900..=2025).contains(&number(year))
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day))
    };
    date(&text[4..], &text[..2], &text[2..4]) || date(&text[..4], &text[4..6], &text[6..])
}

/// Whether a whole date with the year of somebody's birth stands at `at`.
pub(super) fn birth_year(board: &Board<'_>, at: usize) -> bool {
    let harmless = board.tok(at).is_some_and(|tok| tok.claim == Claim::Neutral) && !board.starts_line(at);
    harmless
        && date_end(board, at).is_some_and(|last| {
            [at, last].into_iter().any(|i| {
                board.digits(i) == 4 && board.number(i).is_some_and(|year| (1900..=2022).contains(&year))
            })
        })
}

/// A date with a plausible year of birth right after a name.
pub(super) fn after_name(board: &mut Board<'_>, name_last: usize) {
    let mut at = name_last + 1;
    for _ in 0..5 {
        let skip = matches!(board.sign(at), b',' | b'(' | b'/' | b'-' | b':' | b';')
            || board.has(at, flag::SEX)
            || board.is_one_of(at, words!("AND")) && board.is_num(at + 1);
        if !skip || board.starts_line(at) {
            break;
        }
        at += 1;
    }
    if board.is_free(at) && board.digits(at) == 8 && !board.starts_line(at) && is_compact_date(board.text(at))
    {
        board.claim(at, at, SpanType::Dob, RuleId::DobAfterName, 0.8);
        return;
    }
    let harmless = board.tok(at).is_some_and(|tok| tok.claim == Claim::Neutral);
    if !harmless || board.starts_line(at) {
        return;
    }
    let Some(last) = date_end(board, at) else { return };
    let born = [at, last].into_iter().any(|i| match board.digits(i) {
        4 => board.number(i).is_some_and(|year| (1900..=2022).contains(&year)),
        2 => i == last && last >= at + 4 && board.sign(at + 1) != 0,
        _ => false,
    });
    if born {
        board.claim(at, last, SpanType::Dob, RuleId::DobAfterName, 0.85);
    }
}
