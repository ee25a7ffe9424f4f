//! Accounts, cases, policies, cards and access codes.

use super::code::{Code, after_label, code_at, extend_spaced, is_number_of_membership};
use super::name_rules::closes;
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Gap;

pub(super) fn run(board: &mut Board<'_>) {
    let labels = board.seen & flag::C_ACCOUNT != 0;
    let mut at = board.seek(0, [Class::Account, Class::Long, Class::UnknownCluster]);
    while at < board.len() {
        if board.is_free(at) {
            if labels && board.has(at, flag::C_ACCOUNT) || is_number_of_membership(board, at) {
                labelled(board, at);
            } else if board.digits(at) >= 4 && (card(board, at) || long_number(board, at)) {
                at += 1;
                continue;
            } else if matches!(board.digits(at), 2 | 4) && docket(board, at)
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
        at = board.seek(at + 1, [Class::Account, Class::Long, Class::UnknownCluster]);
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
    let Some(code) = code_at(board, at).filter(|code| code.digits > 0).or_else(|| insured(board, cue)) else {
        return;
    };
    let weak = board.is_one_of(cue, &WEAK);
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
        && !board.is_glued(number + 2);
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

/// Thirteen digits or more in one: nobody's count or time.
fn long_number(board: &mut Board<'_>, at: usize) -> bool {
    board.digits(at) >= 13 && board.claim(at, at, SpanType::Account, RuleId::AccountCued, 0.5)
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
