//! Labelled codes: what stands after `OLN`, `LIC`, `VIN` or `ACCT`, and licence numbers among them.

use crate::board::{Board, GLUED_MAX};
use crate::class::Class;
use crate::lexicon::Flags;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

/// A run of glued letters, digits and inner signs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Code {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) letters: usize,
    pub(super) digits: usize,
}

impl Code {
    pub(super) fn len(&self) -> usize {
        self.letters + self.digits
    }
}

/// The code that starts at `at`: letters and digits, joined by hyphens, stars or slashes between digits.
pub(super) fn code_at(board: &Board<'_>, at: usize) -> Option<Code> {
    let mut code = Code { first: at, last: at, ..Code::default() };
    let mut i = at;
    while i - at < GLUED_MAX && board.is_free(i) && (i == at || board.is_glued(i)) {
        match board.sign(i) {
            0 if board.is_word(i) => code.letters += board.text(i).len(),
            0 if board.is_num(i) => code.digits += board.text(i).len(),
            b'#' | b'*' => {}
            b'-' | b'/' | b'.'
                if i > at
                    && board.is_glued(i + 1)
                    && (board.is_num(i + 1) || board.is_word(i + 1) && board.sign(i) == b'-') => {}
            _ => break,
        }
        if board.sign(i) == 0 || matches!(board.sign(i), b'*' | b'#') {
            code.last = i;
        }
        i += 1;
    }
    (code.len() > 0).then_some(code)
}

/// Skips what may stand between a label and its value: signs, `NO`, `IS`, a state, `ENDING IN`, `LAST 4`.
pub(super) fn after_label(board: &Board<'_>, cue: usize, also: Flags) -> usize {
    let mut at = cue + 1;
    for _ in 0..8 {
        if board.starts_line(at) {
            break;
        }
        let sign = matches!(board.sign(at), b':' | b'#' | b'=' | b'(' | b'"' | b',' | b'-')
            || board.sign(at) == b'.'
                && (board.is_glued(at + 1) || board.text(at.wrapping_sub(1)).len() <= 4)
            || key_slash(board, at, cue);
        let last_of = board.is_one_of(at, words!("LAST", "FIRST")) && board.digits(at + 1) == 1;
        let number = board.digits(at) == 1 && board.is_one_of(at.wrapping_sub(1), words!("LAST", "FIRST"));
        let words = board.is_one_of(
            at,
            words!(
                "IS",
                "NO",
                "NUM",
                "NUMBER",
                "NBR",
                "ENDING",
                "ENDS",
                "IN",
                "WITH",
                "OF",
                "LAST",
                "FOUR",
                "PARTIAL",
                "STARTING",
                "BEGINS",
                "BEGINNING",
                "POSS",
                "POSSIBLE",
                "POSSIBLY",
                "WAS",
                "FOR",
                "ON",
                "DIGITS",
                "READS",
                "READING",
                "HIS",
                "HER",
                "THE",
                "AS",
                "GIVEN",
                "ISSUED",
                "AND",
                "STATE"
            ),
        );
        // `IN` and `OR` are states, and so are words: they are skipped either way.
        let label = board.has(at, also) && board.is_word(at) && !board.is_glued(at + 1);
        if !(sign || last_of || number || words || label || is_state(board, at)) {
            break;
        }
        at += 1;
    }
    at
}

/// The slash of `OLN/G621-7841`, `LIC/8ZKR441`: how message switches write a field.
pub(super) fn key_slash(board: &Board<'_>, at: usize, cue: usize) -> bool {
    board.sign(at) == b'/' && at == cue + 1 && board.is_glued(at) && board.is_glued(at + 1)
}

/// A two-letter state code or a state's name, standing alone.
pub(super) fn is_state(board: &Board<'_>, at: usize) -> bool {
    board.has(at, flag::STATE | flag::STATENAME)
        && !(board.is_glued(at + 1) && (board.is_num(at + 1) || board.sign(at + 1) == b'-'))
}

/// Extends a code by further groups of digits that follow after single spaces: `J 520 617 318 704`.
pub(super) fn extend_spaced(board: &Board<'_>, mut code: Code, groups_max: usize) -> Code {
    for _ in 0..groups_max {
        let next = code.last + 1;
        if board.starts_line(next)
            || !(board.is_num(next)
                || board.is_word(next) && board.is_glued(next + 1) && board.is_num(next + 1))
        {
            break;
        }
        let Some(more) = code_at(board, next) else { break };
        if more.len() > 5 || more.letters > 3 || more.digits < 2 {
            break;
        }
        code.last = more.last;
        code.letters += more.letters;
        code.digits += more.digits;
    }
    code
}

/// How sure a licence number of that shape is: most states use 7 to 9 digits, or a letter with 6 to 14 digits.
fn license_confidence(code: Code) -> f32 {
    match (code.letters, code.digits) {
        (0, 7..=12) | (1, 6..=14) | (2..=3, 5..=9) => 0.97,
        _ => 0.85,
    }
}

/// Driver's licences and identity cards: always labelled, since their shapes are anybody's.
pub(super) fn licenses(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Label]);
    while at < board.len() {
        if board.is_free(at) && is_license_label(board, at) {
            license(board, at);
        }
        at = board.seek(at + 1, [Class::Label]);
    }
}

fn is_license_label(board: &Board<'_>, at: usize) -> bool {
    if board.is_one_of(at, words!("LICENSE", "LICENCE", "LICENSED", "LIC")) {
        let driver = !board.starts_line(at)
            && board.is_one_of(
                at.wrapping_sub(1),
                words!("DRIVERS", "DRIVER", "OP", "OPERATOR", "OPERATORS", "DR", "DRIVER'S", "COMMERCIAL"),
            )
            || board.is_one_of(at.wrapping_sub(1), words!("S"));
        return driver
            || code_at(board, after_label(board, at, flag::C_LICENSE))
                .is_some_and(|code| code.letters <= 1 && code.len() >= 9)
            || (board.is_one_of(at, words!("LICENSE", "LICENCE"))
                && !board.is_one_of(at + 1, words!("PLATE", "PLATES", "TAG")));
    }
    if board.is_one_of(at, words!("L")) {
        return at >= 2
            && board.sign(at.wrapping_sub(1)) == b'/'
            && board.is_one_of(at.wrapping_sub(2), words!("D", "O"));
    }
    if board.is_one_of(at, words!("ID")) {
        return !is_number_of_membership(board, at)
            && (!board.is_glued(at + 1) || board.sign(at + 1) != b'\'');
    }
    board.has(at, flag::C_LICENSE)
}

/// `STUDENT ID`, `MEMBER ID`: the number of a membership, not of a licence.
pub(super) fn is_number_of_membership(board: &Board<'_>, at: usize) -> bool {
    board.is_one_of(at, words!("ID"))
        && board.is_one_of(
            at.wrapping_sub(1),
            words!(
                "STUDENT",
                "MEMBER",
                "EMPLOYEE",
                "PATIENT",
                "CUSTOMER",
                "SUBSCRIBER",
                "INMATE",
                "CLIENT",
                "CLAIM",
                "ACCOUNT",
                "APPLE",
                "DEVICE",
                "TRANSACTION",
                "BOOKING",
                "ALARM",
                "PANEL",
                "SYSTEM"
            ),
        )
}

/// `DL WAS IN WALLET Y7741209`: a value of unmistakable shape a few words on.
fn loose_value(board: &Board<'_>, at: usize) -> Option<Code> {
    let value = (at..at + 5).find(|&i| {
        !board.starts_line(i) && (board.is_num(i) || board.is_glued(i + 1) && board.is_num(i + 1))
    })?;
    let prose = (at..value).all(|i| board.is_word(i) && board.has(i, flag::STRICT));
    let code = code_at(board, value)?;
    (prose && code.letters <= 2 && (7..=12).contains(&code.digits)).then_some(code)
}

fn license(board: &mut Board<'_>, cue: usize) {
    let weak = board.is_one_of(cue, words!("ID", "LICENSE", "LICENCE", "OL"));
    let mut at = after_label(board, cue, flag::C_LICENSE);
    if board.is_one_of(at, words!("SCAN", "CARD", "SHOWS")) {
        at = after_label(board, at, flag::C_LICENSE);
    }
    let Some(code) = code_at(board, at)
        .filter(|code| code.digits > 0 || code.letters <= 2)
        .or_else(|| loose_value(board, at))
    else {
        return;
    };
    let single = code.letters == 1 && code.digits == 0;
    let code = if single || code.digits > 0 { extend_spaced(board, code, 5) } else { code };
    // A licence has at least five characters with a digit among them; a plate after LICENSE is short and mixed.
    let plate_like = weak && code.letters >= 2 && code.len() <= 7;
    if code.digits < 3 || code.len() < 5 || plate_like || (weak && code.len() < 6) {
        return;
    }
    board.claim(code.first, code.last, SpanType::License, RuleId::LicenseCued, license_confidence(code));
}
