//! Accounts, cases, policies, cards and access codes.

use super::code::{Code, after_label, code_at, extend_spaced, is_number_of_membership};
use super::name_rules::closes;
use super::street::{self, Street};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Gap;

pub(super) fn run(board: &mut Board<'_>) {
    let labels = board.seen & flag::C_ACCOUNT != 0;
    let mut at = board.seek(0, [Class::Account, Class::Long, Class::Cluster, Class::Hyphened]);
    while at < board.len() {
        if board.is_free(at) {
            if labels && board.has(at, flag::C_ACCOUNT)
                || is_lock_box(board, at)
                || is_number_of_membership(board, at)
            {
                labelled(board, at);
            } else if board.digits(at) >= 4 && (card(board, at) || long_number(board, at)) {
                at += 1;
                continue;
            } else if hyphened_series(board, at)
                || monthly_docket(board, at)
                || matches!(board.digits(at), 2 | 4) && docket(board, at)
                || board.is_one_of(at, words!("GATE", "GARAGE")) && gate(board, at)
            {
            } else if board.is_one_of(at, words!("ENDING", "ENDS", "LAST")) {
                ending(board, at);
            } else if board.sign(at) == b'*' || board.digits(at) >= 3 {
                keypad(board, at);
            } else if board.is_word(at) && board.flags(at) == 0 && board.is_glued(at + 1) {
                glued_label(board, at);
            }
        }
        at = board.seek(at + 1, [Class::Account, Class::Long, Class::Cluster, Class::Hyphened]);
    }
}

/// Words that announce a code but are too common on their own: the code must then be long or mixed.
const WEAK: Words = *words!(
    "CODE", "CODES", "NO", "NBR", "REPORT", "CARD", "CASE", "ORDER", "FILE", "CONFIRM", "METER", "PIN",
    "TICKET", "INC", "INCIDENT", "NUMBER"
);

fn labelled(board: &mut Board<'_>, cue: usize) {
    let mut at = after_label(board, cue, flag::C_ACCOUNT);
    if board.has(at, flag::C_ACCOUNT)
        && board.is_glued(at + 1)
        && board.sign(at + 1) != 0
        && board.sign(at + 1) != b'-'
    {
        return;
    }
    // `PROTECTION ORDER FO-22-00871`, `CASE OP 2023-0471`, `INS POLICY PX 700 4418 22`: a short series first.
    let series = board.is_word(at)
        && board.text(at).len() <= 3
        && !board.is_glued(at + 1)
        && board.digits(at + 1) >= 3
        && !board.starts_line(at + 1);
    let first = at;
    if series
        && !board.has(at, flag::ROLE | flag::C_PHONE | flag::DIR | flag::VERB | flag::LOCCUE | flag::FUNC)
    {
        at += 1;
    }
    if secret_word(board, cue, at) {
        return;
    }
    // ORDER 22 CVD 1186
    let spaced = |i: usize| !board.is_glued(i) && !board.starts_line(i) && board.is_free(i);
    let docket = board.digits(first) == 2
        && board.is_word(first + 1)
        && (2..=3).contains(&board.text(first + 1).len())
        && matches!(board.digits(first + 2), 3..=6)
        && spaced(first + 1)
        && spaced(first + 2)
        && !board.has(first + 1, flag::FUNC | flag::VERB | flag::STREET | flag::BLOCK);
    if docket {
        board.claim(first, first + 2, SpanType::Account, RuleId::AccountCued, 0.85);
        return;
    }
    let Some(code) = code_at(board, at).filter(|code| code.digits > 0).or_else(|| insured(board, cue)) else {
        return;
    };
    // MAJOR ACC, IH35 NB; CONF 0214 HRS
    let road = board.has(code.first, flag::ROAD) && board.is_num(code.first + 1) && code.digits <= 4;
    if road || board.is_one_of(code.last + 1, words!("HRS", "HOURS")) {
        return;
    }
    let weak = board.is_one_of(cue, &WEAK);
    // HAS TRO. 11822 ELMCROFT AVE: a house, and no number of the order.
    let house = code.letters == 0
        && matches!(code.digits, 2..=6)
        && code.first == code.last
        && !matches!(board.sign(code.first.wrapping_sub(1)), b'#' | b':')
        && street::parse(board, code.last + 1)
            .is_some_and(|found| found.kind == Street::Typed && !found.weak);
    if house {
        return;
    }
    // CODE 99, CODE 4: how a call is answered, and no key to a door.
    if board.is_one_of(cue, words!("CODE")) && code.first == cue + 1 && code.len() <= 2 {
        return;
    }
    // What stands on the next line is its own: `Areavibes Inc` and an address.
    if weak && (cue + 1..=code.first).any(|i| board.starts_line(i)) {
        return;
    }
    let opened = cue + 1 < first && board.sign(first.wrapping_sub(1)) == b'#' && board.is_glued(first);
    let starred = (code.first..=code.last).any(|i| matches!(board.sign(i), b'*' | b'#'));
    let mut code = extend_spaced(board, code, 4);
    // POL 118 4402-C09-32: a group with hyphens of its own goes on.
    if code.letters == 0
        && code.digits <= 5
        && board.is_num(code.last + 1)
        && board.sign(code.last + 2) == b'-'
        && !board.starts_line(code.last + 1)
        && let Some(more) = code_at(board, code.last + 1).filter(|more| more.digits >= 4)
    {
        code = Code { last: more.last, digits: code.digits + more.digits, letters: more.letters, ..code };
    }
    let access = board.is_one_of(
        cue,
        words!("CODE", "CODES", "PIN", "PASSCODE", "PASSWORD", "KEYPAD", "COMBO", "LOCKBOX", "COMBINATION"),
    );
    // A weak label needs a longer code, unless the code itself looks like one.
    let least = if weak && !(access || opened || starred) { 4 } else { 3 };
    // CHECKING and SAVINGS are what units do as well: an account is long.
    let bank = board.is_one_of(cue, words!("CHECKING", "SAVINGS"));
    if code.digits == 0
        || bank && code.digits < 8
        || code.len() < least
        || code.digits < 2 && !starred && code.len() < 6
    {
        return;
    }
    let first = if opened { first.wrapping_sub(1) } else { first };
    board.claim(first, code.last, SpanType::Account, RuleId::AccountCued, if weak { 0.9 } else { 0.96 });
}

/// `Passcode "opal"`, `PASSWORD BLUEBIRD`: a word that opens an alarm or a gate.
fn secret_word(board: &mut Board<'_>, cue: usize, at: usize) -> bool {
    let secret =
        board.is_one_of(cue, words!("PASSCODE", "PASSWORD", "PASSWD", "PSWD", "PWD", "PW", "CODEWORD"));
    let quoted = board.sign(at.wrapping_sub(1)) == b'"' && board.sign(at + 1) == b'"';
    let plain = !board.has(at, flag::STRICT | flag::FUNC | flag::VERB) && closes(board, at + 1);
    secret
        && board.is_word(at)
        && !board.starts_line(at)
        && !(board.is_glued(at + 1) && !quoted && board.sign(at + 1) == 0)
        && (quoted || plain)
        && board.claim(at, at, SpanType::Account, RuleId::AccountCued, 0.8)
}

/// `INS: ALLSTATE 992 018 447`, `Policy with Allstate, number 988 21`: the insurer's name stands between.
fn insured(board: &Board<'_>, cue: usize) -> Option<Code> {
    if !board.is_one_of(cue, words!("INS", "INSURANCE", "POLICY", "POL")) {
        return None;
    }
    let value =
        (cue + 1..cue + 7).find(|&i| board.is_num(i) || board.is_glued(i + 1) && board.is_num(i + 1))?;
    let near = (cue + 1..=value).all(|i| !board.starts_line(i) && (i == value || board.sign(i) != b'.'));
    let code = extend_spaced(board, code_at(board, value)?, 4);
    (near && code.digits >= 5).then_some(code)
}

/// `ending in 8265`, `ending 4421`: the tail of a card.
fn ending(board: &mut Board<'_>, at: usize) {
    let last = board.is_one_of(at, words!("LAST"));
    let four = board.is_one_of(at + 1, words!("FOUR")) || board.text(at + 1) == b"4";
    if last && !(four && board.digits(at + 2) == 4) {
        return;
    }
    let value = if last || board.is_one_of(at + 1, words!("IN", "WITH")) { at + 2 } else { at + 1 };
    if matches!(board.digits(value), 3..=6) && board.is_free(value) {
        board.claim(value, value, SpanType::Account, RuleId::AccountCued, 0.85);
    }
}

/// `22-CV-00817`: the docket numbers of courts need no label.
fn docket(board: &mut Board<'_>, at: usize) -> bool {
    let dash = |i: usize| board.sign(i) == b'-' && board.is_glued(i) && board.is_glued(i + 1);
    let fits = dash(at + 1)
        && board.is_word(at + 2)
        && board.text(at + 2).len() <= 3
        && dash(at + 3)
        && board.digits(at + 4) >= 3;
    fits && board.claim(at, at + 4, SpanType::Account, RuleId::AccountCued, 0.85)
}

/// `FD-2022-1180`, `M-147-DR-2019-00432`, `T625-781-59-203-0`, `P25-00914`: letters and six digits or more around hyphens, or a year and a
/// running number; a letter and eleven digits or more are a driver's licence.
fn hyphened_series(board: &mut Board<'_>, at: usize) -> bool {
    let open = board.is_glued(at)
        && !matches!(board.sign(at.wrapping_sub(1)), b'-' | b'(' | b'[' | b'"' | b':' | b'#' | b'=')
        && !(board.sign(at.wrapping_sub(1)) == b'/' && board.has(at.wrapping_sub(2), flag::STATE));
    if open {
        return false;
    }
    // 27-CR-23-11852: the year stands before.
    let dash =
        board.sign(at.wrapping_sub(1)) == b'-' && board.is_glued(at) && board.is_glued(at.wrapping_sub(1));
    let year = dash && board.is_num(at.wrapping_sub(2)) && !board.is_glued(at.wrapping_sub(2));
    let at = if year { at - 2 } else { at };
    let Some(code) = code_at(board, at) else { return false };
    let signs = (code.first..=code.last).filter(|&i| board.sign(i) == b'-').count();
    let plain = (code.first..=code.last).all(|i| matches!(board.sign(i), 0 | b'-'));
    let mixed =
        signs == 1 && (1..=4).contains(&code.letters) && code.digits >= 7 && code.last - code.first >= 3;
    // CV-24-118
    let short = signs == 2
        && board.is_word(at)
        && (2..=3).contains(&board.text(at).len())
        && board.digits(at + 2) == 2
        && board.digits(at + 4) >= 3
        && code.last == at + 4;
    let many = mixed || short || signs >= 2 && (1..=6).contains(&code.letters) && code.digits >= 6;
    let yearly = signs == 1
        && (1..=3).contains(&code.letters)
        && board.is_word(at)
        && matches!(board.digits(at + 1), 2 | 4)
        && board.sign(at + 2) == b'-'
        && board.digits(at + 3) >= 4
        && code.last == at + 3;
    // 24CR00087
    let court = matches!(board.digits(at), 2 | 4)
        && board.is_word(at + 1)
        && board.text(at + 1).len() <= 3
        && board.is_glued(at + 1)
        && board.digits(at + 2) >= 4
        && code.last == at + 2;
    if !plain
        || !(many || yearly || court)
        || board.is_glued(at)
            && !board.has(at.wrapping_sub(2), flag::STATE)
            && !matches!(board.sign(at.wrapping_sub(1)), b'(' | b'[' | b'"' | b':' | b'#' | b'=')
    {
        return false;
    }
    let licence = board.is_word(at) && code.letters == 1 && (11..=14).contains(&code.digits);
    let (ty, rule) = if licence {
        (SpanType::License, RuleId::LicenseCued)
    } else {
        (SpanType::Account, RuleId::AccountCued)
    };
    board.claim(code.first, code.last, ty, rule, 0.8)
}

/// What nobody else took: `1273904A`, `CMA7K2D`, six letters and digits or more with three digits among them, and no word.
pub(super) fn unclaimed(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::ClusterStart]);
    while at < board.len() {
        if board.is_free(at) && !board.is_glued(at) && board.sign(at) == 0 {
            unclaimed_code(board, at);
        }
        at = board.seek(at + 1, [Class::ClusterStart]);
    }
}

fn unclaimed_code(board: &mut Board<'_>, at: usize) {
    let last = board.cluster_end(at);
    let (mut letters, mut digits, mut words) = (0, 0, 0);
    for i in at..=last {
        if board.is_num(i) {
            digits += board.digits(i);
        } else {
            letters += board.text(i).len();
            let known = flag::STRICT | flag::VEH | flag::BIZ | flag::ROAD | flag::UNITD | flag::STREET;
            words += usize::from(board.has(i, known) && board.text(i).len() > 2 || board.text(i).len() > 4);
        }
        if !board.is_free(i) {
            return;
        }
    }
    let part =
        board.is_glued(last + 1) && !matches!(board.sign(last + 1), b'.' | b',' | b';' | b':' | b')' | b'"');
    let money = board.sign(at.wrapping_sub(1)) == b'$';
    let varied = digits >= 3 || digits == 2 && last - at >= 3;
    let fits = letters >= 1 && letters + digits >= 6 && varied && words == 0;
    if fits && !part && !money {
        board.claim(at, last, SpanType::Account, RuleId::AccountCued, 0.5);
    }
}

/// `LOCK BOX 3381`.
fn is_lock_box(board: &Board<'_>, at: usize) -> bool {
    board.is_one_of(at, words!("BOX")) && board.is_one_of(at.wrapping_sub(1), words!("LOCK", "KNOX", "KEY"))
}

/// `118-4-23 Frfa`: the number, month and year of a case, and the court's four letters.
fn monthly_docket(board: &mut Board<'_>, at: usize) -> bool {
    let dash = |i: usize| board.sign(i) == b'-' && board.is_glued(i) && board.is_glued(i + 1);
    let court = at + 5;
    let fits = matches!(board.digits(at), 2..=4)
        && !board.is_glued(at)
        && dash(at + 1)
        && matches!(board.digits(at + 2), 1 | 2)
        && dash(at + 3)
        && board.digits(at + 4) == 2
        && board.is_word(court)
        && board.text(court).len() == 4
        && board.flags(court) & !(flag::SLIP | flag::DICT) == 0
        && !board.starts_line(court);
    fits && board.claim(at, court, SpanType::Account, RuleId::AccountCued, 0.85)
}

/// `GATE #1170`.
fn gate(board: &mut Board<'_>, at: usize) -> bool {
    let fits = board.sign(at + 1) == b'#'
        && board.is_glued(at + 2)
        && matches!(board.digits(at + 2), 3..=8)
        && board.is_free(at + 2);
    fits && board.claim(at + 1, at + 2, SpanType::Account, RuleId::AccountCued, 0.85)
}

/// `*7731#`, `4410*`: what one types at a gate.
fn keypad(board: &mut Board<'_>, at: usize) {
    let number = if board.sign(at) == b'*' { at + 1 } else { at };
    let starred = number > at && board.is_glued(number);
    let closed = matches!(board.sign(number + 1), b'*' | b'#')
        && board.is_glued(number + 1)
        && (!board.is_glued(number + 2) || matches!(board.sign(number + 2), b'.' | b',' | b')'));
    if matches!(board.digits(number), 3..=8) && board.is_free(number) && (starred || closed) {
        let last = if closed { number + 1 } else { number };
        board.claim(at, last, SpanType::Account, RuleId::AccountCued, 0.85);
    }
}

/// `acctA77-3391`: a label without the space that belongs behind it.
fn glued_label(board: &mut Board<'_>, at: usize) {
    let text = board.text(at);
    if text.len() > 4
        && text[..4].eq_ignore_ascii_case(b"ACCT")
        && board.is_num(at + 1)
        && let Some(code) = code_at(board, at)
    {
        board.claim(at, code.last, SpanType::Account, RuleId::AccountCued, 0.9);
    }
}

/// Thirteen to nineteen digits in groups of four or in one, with a right Luhn digit.
fn card(board: &mut Board<'_>, at: usize) -> bool {
    let mut digits = [0_u8; 20];
    let (mut count, mut i) = (0, at);
    let last = loop {
        let text = board.text(i);
        if count + text.len() > 19 {
            return false;
        }
        digits[count..count + text.len()].copy_from_slice(text);
        count += text.len();
        let next = if board.sign(i + 1) == b'-' { i + 2 } else { i + 1 };
        let joined = board.digits(next) >= 3
            && board.is_free(next)
            && board.tok(next).is_some_and(|tok| tok.gap != Gap::Line);
        if !joined {
            break i;
        }
        i = next;
    };
    let checked = (13..=19).contains(&count) && luhn(&digits[..count]);
    // Four groups of four are a card, read out wrongly perhaps.
    let fours =
        count == 16 && last >= at + 3 && (at..=last).all(|i| !board.is_num(i) || board.digits(i) == 4);
    let confidence = if checked { 0.95 } else { 0.8 };
    (checked || fours) && board.claim(at, last, SpanType::Account, RuleId::AccountLuhn, confidence)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0');
            if place % 2 == 0 { value } else { value * 2 / 10 + value * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Thirteen digits or more in one, eight behind a label that stands further off, six behind a `#`: nobody's count or time.
fn long_number(board: &mut Board<'_>, at: usize) -> bool {
    let numbered = board.sign(at.wrapping_sub(1)) == b'#' && board.is_glued(at) && !board.is_glued(at + 1);
    let told = board.digits(at) >= 8 && board.cue_before(at, flag::C_ACCOUNT | flag::C_PLATE, 7);
    (board.digits(at) >= 13 || told || numbered && board.digits(at) >= 6)
        && board.claim(at, at, SpanType::Account, RuleId::AccountCued, 0.5)
}

#[cfg(test)]
mod tests {
    use super::luhn;

    #[test]
    fn luhn_digits() {
        assert!(luhn(b"4111111111111111"));
        assert!(!luhn(b"4111111111111112"));
    }
}
