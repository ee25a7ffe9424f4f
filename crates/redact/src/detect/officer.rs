//! Officers, dispatchers and units: by rank, in the margin of a log, and by call sign.

use super::age::MEASURES;
use super::name::{Trust, take};
use super::name_forms::private_rank;
use super::name_rules::{Style, Worth, worth};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>, style: Style) {
    let ranks = board.seen & flag::RANK != 0;
    let mut at = 0;
    loop {
        at = board.seek(at, [Class::Officer, Class::Cluster, Class::UnitNumber]);
        if at >= board.len() {
            return;
        }
        at += 1;
        let at = at.wrapping_sub(1);
        if !board.is_free(at) {
            continue;
        }
        // CO is a corrections officer where a name follows and no company's name stands before.
        let corrections = (board.is_one_of(at, words!("CO"))
            && (board.starts_line(at) || board.sign(at.wrapping_sub(1)) != 0)
            || board.is_one_of(at, words!("OFF"))
                && (board.starts_line(at) || board.sign(at.wrapping_sub(1)) == b'.')
                && board.has(at + 2, flag::VERB)
            || board.is_one_of(at, words!("CORONER", "CANINE")))
            && worth(board, at + 1, style) >= Worth::Unknown;
        if (ranks && board.has(at, flag::RANK) || corrections) && !private_rank(board, at) {
            let mut next = at + 1;
            while next < at + 6
                && (board.sign(next) == b':'
                    || next == at + 1 && board.is_one_of(next, words!("IS"))
                    || board.sign(next) == b'.' && board.text(next.wrapping_sub(1)).len() <= 4
                    || board.has(next, flag::RANK) && board.is_free(next))
            {
                next += 1;
            }
            if board.starts_line(next)
                || board.sign(next.wrapping_sub(1)) == b'.' && next == at + 2 && board.is_num(next)
            {
                continue;
            }
            // 2 OFC MIN: so many are asked for.
            let counted = board.is_num(at.wrapping_sub(1)) && board.is_one_of(next, &MEASURES);
            if counted {
                continue;
            }
            if let Some(last) = take(board, next, Trust::Full, style) {
                // OPR SHAWN MICHAEL YODER: who operates a vehicle has more than one name, who operates a console has not.
                let driver = board.is_one_of(at, words!("OPR", "OPER", "OPERATOR"))
                    && (next..last).any(|i| board.is_word(i) && board.text(i).len() > 1);
                let ty = if driver { SpanType::Name } else { SpanType::Officer };
                board.claim(next, last, ty, RuleId::OfficerRank, 0.93);
                next = last + 1;
                // OFC GUIDRY 2207: the number behind the name, where the clause ends.
                let ends =
                    board.starts_line(next + 1) || matches!(board.sign(next + 1), b'.' | b',' | b';' | b')');
                if (3..=5).contains(&board.digits(next))
                    && board.is_free(next)
                    && !board.starts_line(next)
                    && ends
                {
                    board.claim(next, next, SpanType::Officer, RuleId::OfficerRank, 0.8);
                }
            }
            numbers(board, next);
        } else if board.is_one_of(at, words!("BADGE")) || private_rank(board, at) {
            numbers(board, at + 1);
        } else if board.has(at, flag::APPARATUS) || board.is_num(at) || board.is_word(at) {
            unit(board, at);
        }
    }
}

/// `#4471`, `BADGE 0417`, `6038` right after a rank or name.
fn numbers(board: &mut Board<'_>, from: usize) {
    let mut at = from;
    let before = from.wrapping_sub(1);
    let mut label = from > 0 && (board.has(before, flag::RANK) || board.is_one_of(before, words!("BADGE")));
    for _ in 0..4 {
        let word = board.is_one_of(at, words!("BADGE", "ID", "NO", "NUM", "NUMBER", "STAR", "SERIAL", "IS"));
        let sign = matches!(board.sign(at), b'#' | b':' | b',' | b'(' | b'/');
        if !(word || sign) || board.starts_line(at) {
            break;
        }
        label |= word || board.sign(at) == b'#';
        at += 1;
    }
    if !label || board.starts_line(at) || !board.is_free(at) {
        return;
    }
    let last = board.cluster_end(at);
    let digits: usize = (at..=last).map(|i| board.digits(i)).sum();
    let letters = (at..=last).filter(|&i| board.is_word(i)).map(|i| board.text(i).len()).sum::<usize>();
    if (2..=6).contains(&digits)
        && letters <= 3
        && !board.is_one_of(last + 1, &MEASURES)
        && (!board.has(last + 1, flag::STREET | flag::DIR | flag::C_AGE | flag::BLOCK)
            || board.sign(last + 2) == b'/')
        && !followed_by_street(board, last)
    {
        board.claim(at, last, SpanType::Officer, RuleId::OfficerRank, 0.9);
    }
}

fn followed_by_street(board: &Board<'_>, at: usize) -> bool {
    (at + 1..at + 4).any(|i| board.has(i, flag::STREET) && !board.starts_line(i))
}

/// `06:12:44 [OPR 6038]`, `21:04:17 DISP09`: the operator after the time of a log line.
pub(super) fn log_operators(board: &mut Board<'_>) {
    let mut from = 0;
    let mut margin: smallvec::SmallVec<[usize; 16]> = smallvec::SmallVec::new();
    while from < board.len() {
        let at = from;
        from = board.seek(from + 1, [Class::Line]);
        if board.sign(at) == b'['
            && let Some(last) = margin_name(board, at + 1).or_else(|| console(board, at + 1))
        {
            board.claim(at + 1, last, SpanType::Officer, RuleId::OfficerLog, 0.8);
        }
        signed_line(board, at);
        let clock = board.is_clock(at);
        let coloned = board.digits(at) >= 1 && board.sign(at + 1) == b':' && !board.is_free(at);
        if !board.starts_line(at) || !(clock && !board.is_glued(at + 1) || coloned) {
            continue;
        }
        let mut next = at + 1;
        while matches!(board.tok(next).map(|tok| tok.claim), Some(crate::token::Claim::Neutral)) {
            next += 1;
        }
        while matches!(board.sign(next), b'[' | b'-' | b'(' | b':' | b'|' | b'*' | b'/')
            && !board.starts_line(next)
        {
            next += 1;
        }
        operator(board, next);
        if is_initials(board, next) {
            margin.push(next);
        }
    }
    // 06:02 KJM SCHOOL BUS, 06:03 KJM DRIVER: who writes signs more than one line.
    let hash = |board: &Board<'_>, at: usize| board.tok(at).map(|tok| tok.hash);
    let mut hashes: smallvec::SmallVec<[u64; 16]> = margin.iter().filter_map(|&at| hash(board, at)).collect();
    hashes.sort_unstable();
    for at in margin {
        let signs = hashes.iter().filter(|&&other| hash(board, at) == Some(other)).count();
        if signs >= 2 {
            board.claim(at, at, SpanType::Officer, RuleId::OfficerLog, 0.7);
        }
    }
}

/// `CC14 02:11:08`, `[CPD331] 19:02:44`: the console stands before the time.
fn signed_line(board: &mut Board<'_>, at: usize) {
    let bracket = usize::from(board.sign(at) == b'[');
    let first = at + bracket;
    let last = first + 1;
    let time = last + 1 + bracket;
    let console = board.is_word(first)
        && board.text(first).len() <= 4
        && (2..=4).contains(&board.digits(last))
        && board.is_glued(last)
        && board.is_free(first)
        && board.is_free(last)
        && (bracket == 0 || board.sign(last + 1) == b']');
    let timed = board.is_num(time)
        && !board.is_free(time)
        && board.sign(time + 1) == b':'
        && !board.starts_line(time);
    if console && timed {
        board.claim(first, last, SpanType::Officer, RuleId::OfficerLog, 0.85);
    }
}

/// Two to four letters that no reviewed word is, and then the message.
fn is_initials(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at)
        && board.is_free(at)
        && (2..=4).contains(&board.text(at).len())
        && !board.has(at, flag::STRICT | flag::FUNC | flag::VERB)
        && !board.starts_line(at)
        && board.is_word(at + 1)
        && !board.is_glued(at + 1)
        && !board.starts_line(at + 1)
}

fn operator(board: &mut Board<'_>, at: usize) {
    if board.starts_line(at) || !board.is_free(at) {
        return;
    }
    // [CT 7719]: what stands with a number in the brackets is the operator's role.
    let bracket_role = matches!(board.sign(at.wrapping_sub(1)), b'[' | b'(')
        && board.is_word(at)
        && board.is_num(at + 1)
        && matches!(board.sign(at + 2), b']' | b')');
    let labelled = (board.has(at, flag::RANK | flag::APPARATUS) || bracket_role) && !board.is_glued(at + 1);
    let first = if labelled { at + 1 } else { at };
    if board.starts_line(first) {
        return;
    }
    if let Some(last) = margin_name(board, first) {
        board.claim(first, last, SpanType::Officer, RuleId::OfficerLog, 0.85);
        numbers(board, last + 1);
        return;
    }
    let Some(code) = super::code::code_at(board, first) else { return };
    let call_sign = code.digits >= 1 && code.letters >= 1 && code.len() <= 7;
    let number = code.letters == 0
        && (2..=6).contains(&code.digits)
        && (labelled || matches!(board.sign(first.wrapping_sub(1)), b'[' | b'('));
    let bracketed = matches!(board.sign(first.saturating_sub(1)), b'[' | b'(')
        && matches!(board.sign(code.last + 1), b']' | b')');
    if (call_sign || number || bracketed)
        && !board.has(code.last + 1, flag::STREET | flag::C_AGE)
        && code.last - first <= 4
    {
        board.claim(first, code.last, SpanType::Officer, RuleId::OfficerLog, 0.93);
    }
}

/// `[DC2/KMR]`: a console and who sits there.
fn console(board: &Board<'_>, at: usize) -> Option<usize> {
    let glued = |i: usize| board.is_glued(i) && board.is_free(i);
    let fits = board.is_word(at)
        && board.text(at).len() <= 4
        && board.is_num(at + 1)
        && board.sign(at + 2) == b'/'
        && board.is_word(at + 3)
        && board.text(at + 3).len() <= 4
        && board.sign(at + 4) == b']'
        && (at..at + 4).all(glued);
    fits.then_some(at + 3)
}

/// `K. OYAMA` or `[JMORALES]`: a name in the margin.
fn margin_name(board: &Board<'_>, at: usize) -> Option<usize> {
    let unknown = |i: usize| {
        board.is_word(i)
            && board.is_free(i)
            && board.text(i).len() > 2
            && (board.flags(i) & flag::ORD == 0 || board.has(i, flag::SUR) && !board.has(i, flag::STRICT))
    };
    let bracketed = at > 0 && matches!(board.sign(at.wrapping_sub(1)), b'[' | b'(');
    if bracketed && unknown(at) && matches!(board.sign(at + 1), b']' | b')') {
        return Some(at);
    }
    let initial = board.is_word(at) && board.text(at).len() == 1 && board.sign(at + 1) == b'.';
    let comma =
        unknown(at) && board.sign(at + 1) == b',' && board.is_word(at + 2) && board.text(at + 2).len() == 1;
    (initial && unknown(at + 2)).then_some(at + 2).or(comma.then_some(at + 2))
}

/// Words that say what a unit does that is only a number.
pub(crate) const NUMBER_SAYS: Words =
    *words!("ENRT", "ENR", "ENROUTE", "OUT", "ADV", "ADVS", "ADVISES", "CLR", "COPIES", "ONSCENE", "STAGED");

/// Words that say what a unit does.
const STATUS: Words = *words!(
    "ENRT",
    "ENR",
    "ENROUTE",
    "ONSCENE",
    "ON",
    "OS",
    "OUT",
    "ADV",
    "ADVS",
    "ADVISES",
    "CLR",
    "CLEAR",
    "RESPONDING",
    "RESP",
    "ASSIGNED",
    "STAGED",
    "STAGING",
    "ARRVD",
    "ARRIVED",
    "10",
    "REQ",
    "97",
    "COPIES",
    "COPY",
    "BACK",
    "AVAIL"
);

/// `ENGINE 6`, `MED M17`, `3B21 ENRT`, `UNIT 214`.
fn unit(board: &mut Board<'_>, at: usize) {
    if board.is_glued(at) && at > 0 && board.sign(at.wrapping_sub(1)) == 0 {
        return;
    }
    // K9 REQ: any dog will do.
    if board.is_one_of(at, words!("K")) && board.text(at + 1) == b"9" {
        return;
    }
    if board.has(at, flag::APPARATUS) && !board.is_glued(at + 1) {
        let next = at + 1;
        let Some(code) = super::code::code_at(board, next) else { return };
        let call_sign = code.digits >= 1 && code.letters <= 2 && code.len() <= 5 && code.digits <= 4;
        let plain = code.letters == 0;
        let fire = !board.is_one_of(
            at,
            words!(
                "UNIT", "UNITS", "CAR", "TRUCK", "AIR", "BEAT", "SECTOR", "ZONE", "POST", "TEAM", "VEH",
                "TANKER"
            ),
        );
        let status = board.is_one_of(code.last + 1, &STATUS);
        let spoken =
            board.is_one_of(at, words!("UNIT")) && board.is_one_of(at.wrapping_sub(1), words!("BY", "PER"));
        let fits =
            call_sign && (!plain || fire && code.digits <= 3 || status || spoken) && !board.starts_line(next);
        let counted = board.is_one_of(code.last + 1, &MEASURES);
        if fits && !counted && !board.has(code.last + 1, flag::C_AGE | flag::STREET | flag::SEX) {
            board.claim(code.first, code.last, SpanType::Officer, RuleId::OfficerUnit, 0.8);
        }
        return;
    }
    // 4417 OUT W/ ONE: a number that begins a clause and does what only units do.
    // 1530 is a time of day, 911 the number that was called.
    let unit_number = (3..=4).contains(&board.digits(at)) && !board.is_clock(at) && board.text(at) != b"911";
    let says = board.is_one_of(at + 1, &NUMBER_SAYS);
    let begins = board.starts_line(at) || board.sign(at.wrapping_sub(1)) == b'.' && !board.is_glued(at);
    if unit_number && says && begins && !board.is_glued(at + 1) && !board.starts_line(at + 1) {
        board.claim(at, at, SpanType::Officer, RuleId::OfficerUnit, 0.75);
        return;
    }
    let last = board.cluster_end(at);
    let letters: usize = (at..=last).filter(|&i| board.is_word(i)).map(|i| board.text(i).len()).sum();
    let digits: usize = (at..=last).map(|i| board.digits(i)).sum();
    if last == at || !(1..=2).contains(&letters) || !(1..=4).contains(&digits) || last - at > 2 {
        return;
    }
    let shape = board.is_num(at) && last == at + 2
        || last == at + 1
            && !board.is_one_of(
                last,
                words!("ST", "ND", "RD", "TH", "FT", "YO", "S", "M", "F", "IN", "AM", "PM", "LB", "X", "MM"),
            );
    let status = board.is_one_of(last + 1, &STATUS) && !board.starts_line(last + 1);
    let pair =
        board.is_free(at) && matches!(board.sign(last + 1), b',' | b'/') && status_later(board, last + 2);
    if shape && (status || pair || status_later(board, last + 1)) {
        board.claim(at, last, SpanType::Officer, RuleId::OfficerUnit, 0.8);
    }
}

/// A status word within a few call signs: `4A12 4A15 ENRT`, `R1 AND M5 ENRT`.
fn status_later(board: &Board<'_>, from: usize) -> bool {
    for at in from..from + 6 {
        if board.starts_line(at) {
            return false;
        }
        if board.is_one_of(
            at,
            words!("ENRT", "ENR", "ENROUTE", "RESPONDING", "STAGED", "STAGING", "ONSCENE", "OS"),
        ) {
            return true;
        }
        let glued = board.is_glued(at) || board.is_glued(at + 1);
        if !(glued
            || board.is_one_of(at, words!("AND"))
            || matches!(board.sign(at), b',' | b'/' | b'&')
            || board.has(at, flag::APPARATUS))
        {
            return false;
        }
    }
    false
}
