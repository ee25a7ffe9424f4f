//! Telephone numbers of the North American plan in every layout, with extensions, glued text and spelled digits.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::{Claim, Gap};

pub(super) fn run(board: &mut Board<'_>) {
    let spelled = board.seen & flag::NUMBER != 0;
    let seek = |board: &Board<'_>, from: usize| {
        if spelled { board.seek(from, [Class::Num, Class::Digit]) } else { board.seek(from, [Class::Long]) }
    };
    let mut at = seek(board, 0);
    while at < board.len() {
        if board.is_num(at)
            && is_open(board, at)
            && starts_number(board, at)
            && let Some(found) = longest(board, at).or_else(|| international(board, at))
        {
            let (first, last) = widen(board, at, found.0);
            if board.claim(first, last, SpanType::Phone, found.1, found.2) {
                at = last + 1;
                continue;
            }
        }
        if spelled
            && board.has(at, flag::NUMBER)
            && board.is_free(at)
            && let Some(last) = spelled_end(board, at)
        {
            board.claim(at, last, SpanType::Phone, RuleId::PhoneSpelled, 0.9);
        }
        at = seek(board, at + 1);
    }
}

/// Not the tail of a longer code: `24-0155512`, `LP-555-0120`, `A5550123`.
fn starts_number(board: &Board<'_>, at: usize) -> bool {
    if !board.is_glued(at) {
        return true;
    }
    match board.sign(at.wrapping_sub(1)) {
        b'('
        | b'#'
        | b':'
        | b'+'
        | b'"'
        | b'\''
        | b'='
        | b'['
        | b'@'
        | b','
        | b';'
        | b'*'
        | b')'
        | crate::normal::SIGN => true,
        b'-' | b'/' | b'.' => {
            at < 2
                || !board.is_glued(at.wrapping_sub(1))
                || board.text(at.wrapping_sub(1)).is_empty()
                || board.has(at.wrapping_sub(2), flag::C_PHONE)
                    && !board.cue_before(at - 2, flag::C_ACCOUNT, 3)
                || board.sign(at.wrapping_sub(2)) == b')'
        }
        0 => {
            board.is_word(at.wrapping_sub(1))
                && (board.text(at.wrapping_sub(1)).len() >= 3 || board.has(at.wrapping_sub(1), flag::C_PHONE))
        }
        _ => false,
    }
}

type Match = (usize, RuleId, f32);

/// The usual layouts first, unless a label vouches for a longer number in an unusual one.
fn longest(board: &Board<'_>, at: usize) -> Option<Match> {
    match canonical(board, at) {
        Some(found) if found.1 == RuleId::PhoneNanp => Some(found),
        found => cued(board, at).or(found),
    }
}

/// Where the next group starts after the group at `at`, if only usual separators stand between.
fn next_group(board: &Board<'_>, at: usize) -> Option<usize> {
    let mut next = at + 1;
    let mut signs = 0;
    while matches!(board.sign(next), b'-' | b'.' | b'/' | b')' | b'(') && signs < 3 {
        next += 1;
        signs += 1;
    }
    let gap = board.tok(next)?.gap;
    if !board.is_num(next) || !is_open(board, next) || gap == Gap::Line {
        return None;
    }
    // A full stop and a space end a sentence.
    if signs == 1
        && board.sign(at + 1) == b'.'
        && gap == Gap::Space
        && board.tok(at + 1).is_none_or(|dot| dot.gap != Gap::Space)
    {
        return None;
    }
    (signs > 0 || gap == Gap::Space).then_some(next)
}

fn canonical(board: &Board<'_>, at: usize) -> Option<Match> {
    let first = board.digits(at);
    if !(1..=11).contains(&first) || !board.is_free(at) {
        return None;
    }
    let long = |last: usize| (ends(board, last)).then_some((last, RuleId::PhoneNanp, confidence(board, at)));
    match first {
        10 => return (plausible(board, at, 0) && !account_before(board, at)).then(|| long(at)).flatten(),
        11 if board.text(at)[0] == b'1' => {
            return (plausible(board, at, 1) && !account_before(board, at)).then(|| long(at)).flatten();
        }
        7 if phone_near(board, at, at) && !account_before(board, at) => return seven(board, at),
        _ => {}
    }
    if first == 1 && board.text(at) == b"1" {
        let area = next_group(board, at)?;
        return match board.digits(area) {
            10 if plausible(board, area, 0) => long(area),
            3 => ten(board, area).and_then(|(last, _, _)| long(last)),
            _ => None,
        };
    }
    match first {
        3 => ten(board, at).or_else(|| short(board, at)),
        6 => {
            let line = next_group(board, at)?;
            (board.digits(line) == 4 && plausible(board, at, 0)).then(|| long(line)).flatten()
        }
        _ => None,
    }
}

/// Three, three and four digits, or three and seven.
fn ten(board: &Board<'_>, at: usize) -> Option<Match> {
    let exchange = next_group(board, at)?;
    if !matches!(board.text(at)[0], b'2'..=b'9') {
        return None;
    }
    let last = match board.digits(exchange) {
        7 => exchange,
        3 => next_group(board, exchange).filter(|&line| board.digits(line) == 4)?,
        _ => return None,
    };
    ends(board, last).then_some((last, RuleId::PhoneNanp, 0.97))
}

/// Three and four digits.
fn short(board: &Board<'_>, at: usize) -> Option<Match> {
    let line = next_group(board, at)?;
    // A third group after a space makes it a policy or an account.
    let more = matches!(board.digits(line + 1), 1..=4)
        && board.is_num(line + 1)
        && board.tok(line + 1).is_some_and(|tok| tok.gap == Gap::Space)
        && line == at + 1;
    if more || board.digits(line) != 4 || !matches!(board.text(at)[0], b'2'..=b'9') || !ends(board, line) {
        return None;
    }
    let spaced = line == at + 1;
    let cued = board.cue_before(at, flag::C_PHONE, 5);
    let fiction = board.text(at) == b"555";
    if account_before(board, at) && !cued || spaced && !cued && !fiction {
        return None;
    }
    let sign = board.sign(at + 1);
    let hyphened = sign == b'-' && line == at + 2 && board.is_glued(line);
    if !(cued || fiction || hyphened) {
        return None;
    }
    Some((line, RuleId::PhoneNanp, if cued { 0.95 } else { 0.8 }))
}

fn seven(board: &Board<'_>, at: usize) -> Option<Match> {
    let fits = matches!(board.text(at)[0], b'2'..=b'9');
    // 6502531x234: the line's last digits are not the extension's.
    (fits && ends(board, at)).then_some((at, RuleId::PhoneCued, 0.85))
}

/// Area codes and exchanges start with 2 to 9. A label makes up for an exchange that does not.
fn plausible(board: &Board<'_>, at: usize, skip: usize) -> bool {
    let digits = &board.text(at)[skip..];
    let nanp = |i: usize| digits.get(i).is_none_or(|digit| (b'2'..=b'9').contains(digit));
    nanp(0) && (nanp(3) || phone_near(board, at, at))
}

fn confidence(board: &Board<'_>, at: usize) -> f32 {
    if board.cue_before(at, flag::C_PHONE, 5) { 0.99 } else { 0.9 }
}

/// Whether the number ends at `last`: no further digits, no suffix of a longer code.
fn ends(board: &Board<'_>, last: usize) -> bool {
    let next = last + 1;
    if !board.is_glued(next) {
        return true;
    }
    match board.sign(next) {
        b'-' | b'/' | b'.' => {
            !board.is_glued(next + 1)
                || !(board.is_num(next + 1) || board.is_word(next + 1) && board.text(next + 1).len() <= 2)
        }
        b':' => !board.is_glued(next + 1) || !board.is_num(next + 1),
        b'+' | b'%' => false,
        0 if board.is_word(next) => board.text(next).len() >= 2 || extension_end(board, last) > last,
        _ => true,
    }
}

fn account_before(board: &Board<'_>, at: usize) -> bool {
    let mut i = at;
    for _ in 0..3 {
        if i == 0 {
            return false;
        }
        i -= 1;
        if board.has(i, flag::C_PHONE) {
            return false;
        }
        if board.is_one_of(i, words!("NUMBER", "NO", "NBR", "NUM")) {
            continue;
        }
        if board.has(i, flag::C_ACCOUNT | flag::C_LICENSE) {
            return true;
        }
        if board.sign(i) == 0 && !board.has(i, flag::FILLER) {
            return false;
        }
    }
    false
}

fn phone_near(board: &Board<'_>, first: usize, last: usize) -> bool {
    board.cue_before(first, flag::C_PHONE, 6)
        || (last + 1..last + 8).any(|i| board.has(i, flag::C_PHONE) && !board.starts_line(i))
}

/// Any grouping of ten digits, or eleven with a leading one, where a label says that it is a telephone; with a label
/// right before it, foreign layouts too.
fn cued(board: &Board<'_>, at: usize) -> Option<Match> {
    let (mut total, mut last, mut groups) = (board.digits(at), at, 1);
    loop {
        let next = loose_group(board, last);
        let Some(next) = next else { break };
        total += board.digits(next);
        last = next;
        groups += 1;
        if total > 15 {
            return None;
        }
    }
    if groups < 2 || !ends(board, last) || board.sign(last + 1) == b':' || !phone_near(board, at, last) {
        return None;
    }
    let lead = board.text(at)[0];
    if total == 10 || (total == 11 && lead == b'1') || (total == 13 && board.text(at).starts_with(b"001")) {
        return Some((last, RuleId::PhoneCued, 0.8));
    }
    let direct = board.is_free(at)
        && board.cue_before(at, flag::C_PHONE, 5)
        && (8..=13).contains(&total)
        && groups >= 3 - usize::from(lead == b'0');
    (direct && !account_before(board, at)).then_some((last, RuleId::PhoneCued, 0.7))
}

/// Like [`next_group`], and also ` x ` and `. ` between groups.
fn loose_group(board: &Board<'_>, at: usize) -> Option<usize> {
    if let Some(next) = next_group(board, at) {
        return Some(next);
    }
    let spaced = |i: usize| board.tok(i).is_some_and(|tok| tok.gap == Gap::Space);
    let ex =
        board.is_one_of(at + 1, words!("X")) && spaced(at + 1) && spaced(at + 2) && board.digits(at + 2) == 3;
    let stop =
        board.sign(at + 1) == b'.' && spaced(at + 2) && board.digits(at + 2) == 3 && board.digits(at) >= 6;
    ((ex || stop) && board.is_num(at + 2) && is_open(board, at + 2)).then_some(at + 2)
}

/// Free, or marked as a date: a labelled number in odd groups may look like one.
fn is_open(board: &Board<'_>, at: usize) -> bool {
    board.is_free(at) || board.tok(at).is_some_and(|tok| tok.claim == Claim::Neutral)
}

/// `+` and eight to fifteen digits.
fn international(board: &Board<'_>, at: usize) -> Option<Match> {
    let plus = at > 0 && board.sign(at.wrapping_sub(1)) == b'+' && board.is_glued(at);
    let prefix = matches!(board.text(at), b"011" | b"001" | b"00");
    if !plus && !prefix {
        return None;
    }
    let (mut total, mut last) = (board.digits(at), at);
    while let Some(next) = next_group(board, last) {
        if total + board.digits(next) > 15 {
            break;
        }
        total += board.digits(next);
        last = next;
    }
    let least = if plus { 8 } else { 12 };
    (total >= least && total <= 16 && ends(board, last)).then_some((last, RuleId::PhoneInternational, 0.9))
}

/// The opening bracket or plus before, the extension behind.
fn widen(board: &Board<'_>, first: usize, last: usize) -> (usize, usize) {
    let mut first = first;
    while first > 0
        && board.is_glued(first)
        && matches!(board.sign(first.wrapping_sub(1)), b'(' | b'+')
        && board.is_free(first.wrapping_sub(1))
    {
        first -= 1;
    }
    (first, extension_end(board, last))
}

/// `x22`, `ext. 118`, `EXT 4`, `#22` is not one.
fn extension_end(board: &Board<'_>, last: usize) -> usize {
    let mut at = last + 1;
    if board.sign(at) == b',' {
        at += 1;
    }
    let word = board.is_one_of(at, words!("X", "EXT", "EXTENSION", "EXTN"));
    if !word || board.starts_line(at) {
        return last;
    }
    at += 1;
    while matches!(board.sign(at), b'.' | b':' | b'#') {
        at += 1;
    }
    if (1..=6).contains(&board.digits(at)) && board.is_free(at) { at } else { last }
}

/// `FIVE FIVE FIVE 0 1 4 3`: seven, ten or eleven digits, at least three of them in words.
fn spelled_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let (mut count, mut words, mut last, mut i) = (0, 0, at, at);
    let mut times = 1;
    while count <= 11 && i < at + 24 && board.is_free(i) && (i == at || !board.starts_line(i)) {
        if board.is_one_of(i, words!("DOUBLE")) {
            times = 2;
        } else if board.is_one_of(i, words!("TRIPLE")) {
            times = 3;
        } else if board.has(i, flag::NUMBER) {
            (count, words, last, times) = (count + times, words + 1, i, 1);
        } else if board.is_num(i) && board.digits(i) <= 4 {
            (count, last, times) = (count + board.digits(i) * times, i, 1);
        } else if !matches!(board.sign(i), b'-' | b',' | b'.') {
            break;
        }
        i += 1;
    }
    (words >= 3 && matches!(count, 7 | 10 | 11)).then_some(last)
}
