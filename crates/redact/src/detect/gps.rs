//! Coordinates: decimal, degrees and minutes, UTM and MGRS, Plus Codes, what3words.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::normal::DEGREE;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Coordinate, Class::Electronic]);
    while at < board.len() {
        if board.is_free(at) {
            let done = match () {
                () if board.is_num(at) => numbers(board, at),
                () if board.sign(at) == b'+' => plus_code(board, at),
                () if board.sign(at) == b'/' => three_words(board, at),
                () => false,
            };
            if done {
                while at < board.len() && !board.is_free(at) {
                    at += 1;
                }
                continue;
            }
        }
        at = board.seek(at + 1, [Class::Coordinate, Class::Electronic]);
    }
}

fn numbers(board: &mut Board<'_>, at: usize) -> bool {
    // Without a direction no axis has its hemisphere.
    decimal(board, at) || board.seen & flag::DIR != 0 && degrees(board, at) || grid(board, at)
}

/// A decimal degree: its first and last token, without hemisphere letters.
fn decimal_at(board: &Board<'_>, at: usize) -> Option<usize> {
    let fits = board.digits(at) <= 3
        && board.sign(at + 1) == b'.'
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && board.digits(at + 2) >= 3
        && board.number(at).is_some_and(|degrees| degrees <= 180);
    (fits && board.is_num(at) && board.is_free(at + 2)).then_some(at + 2)
}

fn is_hemisphere(board: &Board<'_>, at: usize) -> bool {
    board.is_one_of(at, words!("N", "S", "E", "W"))
}

/// The sign, hemisphere letter or axis label before a number.
fn lead(board: &Board<'_>, at: usize) -> usize {
    let mut first = at;
    if first > 0 && board.is_glued(first) && matches!(board.sign(first.wrapping_sub(1)), b'-' | b'+') {
        first -= 1;
    }
    if first > 0 && is_hemisphere(board, first.wrapping_sub(1)) && board.is_free(first.wrapping_sub(1)) {
        first -= 1;
    } else if first > 1
        && board.sign(first.wrapping_sub(1)) == b':'
        && board.is_one_of(first.wrapping_sub(2), words!("X", "Y"))
    {
        first -= 2;
    }
    first
}

/// A degree sign and hemisphere letter behind a number.
fn trail(board: &Board<'_>, last: usize) -> usize {
    let mut last = last;
    if board.sign(last + 1) == DEGREE {
        last += 1;
    }
    if is_hemisphere(board, last + 1)
        && board.is_free(last + 1)
        && (!board.is_glued(last + 2) || matches!(board.sign(last + 2), b',' | b'.' | b';' | b')' | b'/'))
    {
        last += 1;
    }
    last
}

fn decimal(board: &mut Board<'_>, at: usize) -> bool {
    let Some(last) = decimal_at(board, at) else { return false };
    let first = lead(board, at);
    let last = trail(board, last);
    let mut second = last + 1;
    while matches!(board.sign(second), b',' | b'/' | b';' | b'-' | b'+' | b':')
        || is_hemisphere(board, second)
        || board.is_one_of(second, words!("X", "Y", "LON", "LONG", "LONGITUDE"))
    {
        second += 1;
    }
    if second - last <= 5
        && let Some(end) = decimal_at(board, second)
    {
        let end = uncertainty(board, trail(board, end));
        return board.claim(first, end, SpanType::Gps, RuleId::GpsDecimal, 0.98);
    }
    let labelled = (1..=3).any(|back| {
        first >= back
            && board.is_one_of(first - back, words!("LAT", "LATITUDE", "LON", "LONG", "LONGITUDE", "LNG"))
    });
    let precise = board.digits(at + 2) >= 5 && board.digits(at) >= 2;
    if labelled || precise {
        return board.claim(
            first,
            last,
            SpanType::Gps,
            RuleId::GpsDecimal,
            if labelled { 0.97 } else { 0.8 },
        );
    }
    false
}

/// `UNC 12M` belongs to the position that a phone company sends.
fn uncertainty(board: &Board<'_>, last: usize) -> usize {
    let label = board.is_one_of(last + 1, words!("UNC", "COP", "CONF"));
    let number = board.is_num(last + 2);
    match (label && number, board.is_one_of(last + 3, words!("M", "MTRS", "METERS", "FT"))) {
        (true, true) => last + 3,
        (true, false) => last + 2,
        _ => last,
    }
}

/// `34°03'15.2"N 112°08'44.9"W`, `N40 58.114 W099 02.337`.
fn degrees(board: &mut Board<'_>, at: usize) -> bool {
    let first = lead(board, at);
    let Some(last) = one_axis(board, first) else { return false };
    let mut second = last + 1;
    while matches!(board.sign(second), b',' | b'/' | b';') {
        second += 1;
    }
    match one_axis(board, second) {
        Some(end) => board.claim(first, end, SpanType::Gps, RuleId::GpsDms, 0.97),
        None => {
            (first..=last).any(|i| board.sign(i) == DEGREE)
                && board.claim(first, last, SpanType::Gps, RuleId::GpsDms, 0.8)
        }
    }
}

/// Degrees with minutes and perhaps seconds, and a hemisphere letter on one side.
fn one_axis(board: &Board<'_>, first: usize) -> Option<usize> {
    let mut at = first;
    let mut hemisphere = false;
    if is_hemisphere(board, at) || matches!(board.sign(at), b'-' | b'+') {
        hemisphere = is_hemisphere(board, at);
        at += 1;
    }
    if board.number(at)? > 180 {
        return None;
    }
    let mut last = at;
    let (mut groups, mut marked) = (1, false);
    loop {
        let mut next = last + 1;
        while next - last < 8 && matches!(board.sign(next), DEGREE | b'\'' | b'"' | b':')
            || board.is_one_of(next, words!("DEG", "D", "MIN"))
        {
            marked |= board.sign(next) == DEGREE;
            last = next;
            next += 1;
        }
        if groups == 3
            || board.digits(next) > 2
            || board.number(next).is_none_or(|value| value > 60)
            || board.starts_line(next)
        {
            break;
        }
        last = next;
        groups += 1;
        if board.sign(next + 1) == b'.' && board.is_glued(next + 2) && board.is_num(next + 2) {
            last = next + 2;
        }
    }
    if !hemisphere && is_hemisphere(board, last + 1) {
        hemisphere = true;
        last += 1;
    }
    let precise = groups == 3 || (first..=last).any(|i| board.sign(i) == b'.');
    (hemisphere && groups >= 2 && (marked || precise)).then_some(last)
}

/// `17T 512340 4790120`, `18SUJ2337106519`, `18S UJ 23371 06519`.
fn grid(board: &mut Board<'_>, at: usize) -> bool {
    if board.is_glued(at) && at > 0 && board.sign(at.wrapping_sub(1)) == 0
        || !board.number(at).is_some_and(|zone| (1..=60).contains(&zone))
        || board.digits(at) > 2
    {
        return false;
    }
    if !board.is_word(at + 1) || !board.is_glued(at + 1) {
        return false;
    }
    let letters = board.text(at + 1).len();
    let mut next = at + 2;
    if letters == 1 && board.is_word(next) && board.text(next).len() == 2 {
        next += 1;
    } else if letters != 3 && letters != 1 {
        return false;
    }
    let square = letters == 3 || next == at + 3;
    let (first, second) = (board.digits(next), board.digits(next + 1));
    // 10T 586210E 4882940N
    let marked = board.is_one_of(next + 1, words!("E")) && board.is_glued(next + 1);
    let north = next + 2;
    if marked && !square && (5..=7).contains(&first) && (6..=8).contains(&board.digits(north)) {
        let last = north + usize::from(board.is_glued(north + 1) && board.is_one_of(north + 1, words!("N")));
        return board.claim(at, last, SpanType::Gps, RuleId::GpsGrid, 0.9);
    }
    let last = if square && first.is_multiple_of(2) && (4..=10).contains(&first) {
        next
    } else if square && first == second && (2..=5).contains(&first)
        || !square && (5..=7).contains(&first) && (6..=8).contains(&second)
    {
        next + 1
    } else {
        return false;
    };
    board.claim(at, last, SpanType::Gps, RuleId::GpsGrid, 0.9)
}

/// `849VCWC8+R9`, `CWC8+R9`: digits and consonants of the Open Location Code alphabet around a plus sign.
fn plus_code(board: &mut Board<'_>, plus: usize) -> bool {
    let mut first = plus;
    while plus - first < 16
        && first > 0
        && board.is_glued(first)
        && (board.is_num(first.wrapping_sub(1)) || board.is_word(first.wrapping_sub(1)))
    {
        first -= 1;
    }
    if first == plus || !board.is_glued(plus + 1) {
        return false;
    }
    let last = board.cluster_end(plus + 1);
    let (Some(from), Some(sign), Some(to)) = (board.tok(first), board.tok(plus), board.tok(last)) else {
        return false;
    };
    let before = &board.bytes[from.start as usize..sign.start as usize];
    let after = &board.bytes[sign.end as usize..to.end as usize];
    let alphabet =
        |text: &[u8]| text.iter().all(|byte| b"23456789CFGHJMPQRVWX".contains(&byte.to_ascii_uppercase()));
    let fits = matches!(before.len(), 4 | 6 | 8)
        && matches!(after.len(), 2..=4)
        && alphabet(before)
        && alphabet(after);
    fits && board.claim(first, last, SpanType::Gps, RuleId::GpsPlusCode, 0.95)
}

/// `///filled.count.soap`, and without slashes after `W3W` or `WHAT3WORDS`.
fn three_words(board: &mut Board<'_>, slash: usize) -> bool {
    let slashes = board.sign(slash + 1) == b'/'
        && board.sign(slash + 2) == b'/'
        && board.is_glued(slash + 1)
        && board.is_glued(slash + 2);
    if !slashes {
        return false;
    }
    words_at(board, slash + 3)
        .is_some_and(|last| board.claim(slash, last, SpanType::Gps, RuleId::GpsWords, 0.97))
}

fn words_at(board: &Board<'_>, first: usize) -> Option<usize> {
    let word = |at: usize| board.is_word(at) && board.is_free(at);
    let dot = |at: usize| board.sign(at) == b'.' && board.is_glued(at) && board.is_glued(at + 1);
    (word(first) && dot(first + 1) && word(first + 2) && dot(first + 3) && word(first + 4))
        .then_some(first + 4)
}
