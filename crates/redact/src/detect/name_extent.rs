//! How far a name reaches: surnames, initials, particles, nicknames, and the given names behind a comma.

use super::name_rules::{Style, Worth, closes, ends, initial_end, is_rare_word, lower, spaced, worth};
use crate::board::Board;
use crate::lexicon::Flags;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::SpanType;
use crate::token::{Case, Claim, Gap, Kind};

/// An ordinary word as a surname, as in CALLIOPE DENT, 33: an age, a birth date or a telephone follows it.
fn certain(board: &Board<'_>, at: usize) -> bool {
    let Some(tok) = board.tok(at) else { return false };
    // DUSTIN HACKER W/M: a description follows.
    let described = board.has(at + 1, flag::SEX)
        && board.sign(at + 2) == b'/'
        && board.has(at + 3, flag::SEX)
        && !board.starts_line(at + 1);
    if described && tok.kind == Kind::Word && tok.is_free() && !tok.has(flag::FUNC | flag::ROLE) {
        return true;
    }
    if tok.kind != Kind::Word
        || tok.claim != Claim::Free
        || tok.len() < 3
        || tok
            .has(flag::FUNC | flag::VERB | flag::ROLE | flag::KIN | flag::PERSON | flag::SEX | flag::C_PHONE)
    {
        return false;
    }
    let comma = board.sign(at + 1) == b',' && !board.starts_line(at + 2);
    let age = comma && board.digits(at + 2) == 2 && matches!(board.sign(at + 3), b',' | b'.')
        || comma && board.is_claimed(at + 2, SpanType::Age);
    let papers = flag::C_DOB | flag::C_SSN | flag::C_LICENSE;
    let birth = board.has(at + 1, flag::C_DOB) || comma && board.has(at + 2, papers);
    // BRANTLEY COATS 25.
    let age = age
        || board.digits(at + 1) == 2
            && matches!(board.sign(at + 2), b'.' | b',')
            && !board.is_glued(at + 3)
            && !board.starts_line(at + 1);
    age || birth || board.is_claimed(at + 1, SpanType::Phone)
}

/// Whether a token may go on a name that has begun.
fn continues(board: &Board<'_>, at: usize, style: Style) -> bool {
    match worth(board, at, style) {
        Worth::Prior | Worth::Unknown => {
            !board.has(at, flag::PARTICLE) || board.has(at, flag::SUR | flag::GIVEN)
        }
        Worth::Ambiguous => {
            !board.has(at, flag::ROLE | flag::VERB | flag::KIN | flag::TITLE | flag::LOCCUE | flag::SEX)
                && (closes(board, at + 1)
                    || board.has(at, flag::SUR | flag::NAMEABLE)
                        && !board.has(at, flag::STRICT | flag::COLOR | flag::VEH)
                        && after_given(board, at, style)
                    || worth(board, at + 1, style) >= Worth::Ambiguous
                    || initial_end(board, at + 1).is_some()
                    || board.has(at + 1, flag::GENERATION))
        }
        // GATLING looks like a participle, but no list has it and the name may end here.
        Worth::None if certain(board, at) => !lower(board, at, style),
        // DAVION STREET, GAIL POOL: a given name has a surname, whatever word it is, if nothing more of a clause follows.
        Worth::None if after_given(board, at, style) && is_noun(board, at) => {
            !lower(board, at, style) && (ends(board, at + 1) || is_rare_word(board, at))
        }
        // Cody Iron Shell: in sentences a capital goes on with a name, whatever word it is.
        Worth::None if style == Style::Mixed && board.tok(at).is_some_and(|tok| tok.case == Case::Title) => {
            is_rare_word(board, at)
                || after_given(board, at, style)
                    && ends(board, at + 1)
                    && !board.has(
                        at,
                        flag::FUNC
                            | flag::ROLE
                            | flag::KIN
                            | flag::MONTH
                            | flag::DAY
                            | flag::BIZ
                            | flag::STREET,
                    )
                || is_noun(board, at)
                    && !board.has(at, flag::STREET | flag::STREETISH | flag::CITY)
                    && board.tok(at - 1).is_some_and(|tok| tok.case == Case::Title)
                    && (after_given(board, at, style) || at > 1 && after_given(board, at - 1, style))
        }
        Worth::None => {
            board.is_word(at)
                && board.flags(at) & !(flag::DICT | flag::SLIP) == 0
                && board.text(at).len() > 4
                && board.is_free(at)
                && !lower(board, at, style)
                && closes(board, at + 1)
        }
    }
}

/// Whether the word before is a given name and no word, or a word that nobody knows.
fn after_given(board: &Board<'_>, at: usize, style: Style) -> bool {
    at > 0
        && match worth(board, at - 1, style) {
            Worth::Prior => board.has(at - 1, flag::GIVEN),
            Worth::Unknown => true,
            Worth::Ambiguous | Worth::None => false,
        }
}

/// An ordinary word that could be a surname: nothing of grammar, of dispatch, or of a person's state.
fn is_noun(board: &Board<'_>, at: usize) -> bool {
    const NEVER: Flags = flag::STRICT
        | flag::FUNC
        | flag::VERB
        | flag::ROLE
        | flag::KIN
        | flag::PERSON
        | flag::TITLE
        | flag::RANK
        | flag::LOCCUE
        | flag::SEX
        | flag::DIR
        | flag::VEH
        | flag::BIZ
        | flag::TRADE
        | flag::MONTH
        | flag::DAY
        | flag::COND
        | flag::DRUG
        | flag::STATE
        | flag::STATENAME;
    board.is_word(at) && board.is_free(at) && board.text(at).len() > 2 && !board.has(at, NEVER)
}

/// The last token of hyphenated parts: `PENDERGRASS-OTT`.
pub(super) fn hyphen_end(board: &Board<'_>, at: usize) -> usize {
    let mut last = at;
    while last < at + 6
        && board.sign(last + 1) == b'-'
        && board.is_glued(last + 1)
        && board.is_glued(last + 2)
        && board.is_word(last + 2)
        && board.is_free(last + 2)
        && board.text(last + 2).len() > 1
    {
        last += 2;
    }
    last
}

/// The last token of a name that begins at `first`, which the caller vouches for: at most six parts more.
pub(super) fn extend(board: &Board<'_>, first: usize, style: Style) -> usize {
    let mut last = hyphen_end(board, first);
    if board.is_word(first) && board.text(first).len() == 1 && board.sign(first + 1) == b'.' {
        last = first + 1;
    }
    let mut comma = false;
    for _ in 0..6 {
        let next = last + 1;
        if board.starts_line(next) || !board.is_free(next) {
            break;
        }
        if board.has(next, flag::GENERATION) && spaced(board, next) {
            return if board.sign(next + 1) == b',' && !comma {
                comma_part(board, next, style).unwrap_or(next)
            } else {
                next
            };
        }
        let slash = board.sign(next) == b'/' && board.is_glued(next) && board.is_glued(next + 1);
        if slash && !comma && worth(board, next + 1, style) >= Worth::Unknown {
            comma = true;
            last = hyphen_end(board, next + 1);
            continue;
        }
        // FIRST LAST, and then something else: only a surname has its given names behind a comma.
        if board.sign(next) == b','
            && last > first
            && board.has(first, flag::GIVEN)
            && worth(board, first, style) == Worth::Prior
            && board.sign(first + 1) != b'-'
        {
            break;
        }
        if board.sign(next) == b',' && !comma {
            comma = true;
            match comma_part(board, last, style) {
                Some(end) => {
                    last = end;
                    continue;
                }
                None => break,
            }
        }
        if board.sign(next) == b'"'
            || board.sign(next) == b'('
            || board.sign(next) == b'\'' && !board.is_glued(next)
        {
            match nickname_end(board, next, style) {
                Some(end) => {
                    last = end;
                    continue;
                }
                None => break,
            }
        }
        if let Some(end) = particle_end(board, next, style).or_else(|| initial_in_name(board, next, style)) {
            last = end;
            continue;
        }
        if spaced(board, next) && continues(board, next, style) && !is_suppressed_word(board, next) {
            last = hyphen_end(board, next);
            continue;
        }
        break;
    }
    spelled_end(board, last)
}

/// Past a name that is spelled out behind itself: `Buckwalter b u c k`.
fn spelled_end(board: &Board<'_>, last: usize) -> usize {
    let letter = |i: usize| {
        board.is_word(i)
            && board.text(i).len() == 1
            && board.is_free(i)
            && !board.starts_line(i)
            && !board.is_glued(i)
    };
    let count = (last + 1..last + 16).take_while(|&i| letter(i)).count();
    if count >= 4 { last + count } else { last }
}

/// A word that belongs to the clause after the name although it could be one: a vehicle make before its model.
fn is_suppressed_word(board: &Board<'_>, at: usize) -> bool {
    board.has(at, flag::VEH) && (board.has(at + 1, flag::VEH) || board.is_num(at + 1))
        || board.has(at, flag::MONTH) && board.is_num(at + 1)
        || board.has(at, flag::COLOR) && board.has(at + 1, flag::VEH)
}

/// `, HUNTER M`: what follows the surname. A description after a comma is not a given name.
fn comma_part(board: &Board<'_>, last: usize, style: Style) -> Option<usize> {
    let at = last + 2;
    let label = board.has(at, flag::C_ACCOUNT) && board.is_num(at + 1);
    if board.sign(last + 1) != b',' || board.starts_line(at) || is_suppressed_word(board, at) || label {
        return None;
    }
    if let Some(end) = initial_end(board, at) {
        return (closes(board, end + 1) && !board.has(at, flag::SEX | flag::DIR)).then_some(end);
    }
    let fits = match worth(board, at, style) {
        Worth::Prior => true,
        Worth::Unknown => {
            board.flags(at) == 0
                && (closes(board, at + 1)
                    || initial_end(board, at + 1).is_some()
                    || worth(board, at + 1, style) >= Worth::Ambiguous)
        }
        Worth::Ambiguous => {
            board.has(at, flag::GIVEN | flag::NAMEABLE)
                && !board.has(at, flag::ROLE)
                && !board.has(at, flag::COLOR)
                && (closes(board, at + 1) && !board.has(at + 1, flag::KIN)
                    || initial_end(board, at + 1).is_some()
                    || worth(board, at + 1, style) >= Worth::Unknown)
        }
        Worth::None => {
            is_rare_word(board, at) && ends(board, at + 1) && !matches!(board.sign(at + 1), b'.' | b',')
                || (is_rare_word(board, at) || is_noun(board, at)) && initial_end(board, at + 1).is_some()
        }
    };
    // "Caller, Ms." and "John, wearing": in sentences a second given name after a comma is another person.
    if !fits || style == Style::Mixed && !(initial_end(board, at + 1).is_some() || closes(board, at + 1)) {
        return None;
    }
    let mut end = hyphen_end(board, at);
    if spaced(board, end + 1) && worth(board, end + 1, style) >= Worth::Unknown && board.is_free(end + 1) {
        end = hyphen_end(board, end + 1);
    }
    if let Some(initial) = initial_end(board, end + 1)
        && closes(board, initial + 1)
        && !board.has(initial + 1, flag::C_AGE)
    {
        end = initial;
    }
    Some(end)
}

/// `DE LA TORRE`, `VAN DER MEER`, `ST. JOHN`, `AL-SAYED`: particles and the word behind them.
fn particle_end(board: &Board<'_>, at: usize, style: Style) -> Option<usize> {
    let mut i = at;
    while (board.has(i, flag::PARTICLE) || board.is_one_of(i, words!("ST", "MC", "O")))
        && i < at + 3
        && board.is_word(i)
        && board.is_free(i)
        && !board.starts_line(i)
    {
        i += 1;
        if matches!(board.sign(i), b'.' | b'-' | b'\'') && board.is_glued(i) {
            i += 1;
        }
    }
    if i == at {
        return None;
    }
    let name = board.is_free(i) && !board.starts_line(i) && spaced_or_glued(board, i);
    let plain = worth(board, i, style) >= Worth::Unknown
        || worth(board, i, style) == Worth::Ambiguous && closes(board, i + 1)
        || board.is_word(i)
            && board.flags(i) & (flag::STRICT | flag::PARTICLE) == 0
            && style == Style::Flat
            && !board.has(i, flag::STREET | flag::BIZ)
            && board.flags(i) != 0
            && closes(board, i + 1);
    (name && plain).then(|| hyphen_end(board, i))
}

fn spaced_or_glued(board: &Board<'_>, at: usize) -> bool {
    board.tok(at).is_some_and(|tok| tok.gap != Gap::Line)
}

/// An initial inside a name counts if more of the name follows, or the name ends there.
fn initial_in_name(board: &Board<'_>, at: usize, style: Style) -> Option<usize> {
    let end = initial_end(board, at)?;
    let next = end + 1;
    let more = worth(board, next, style) >= Worth::Ambiguous && spaced(board, next);
    let dotted = end > at;
    let done = closes(board, next)
        && !board.has(at, flag::SEX | flag::DIR)
        && !board.is_one_of(at, words!("A", "I", "X", "P", "C", "V"));
    let generation = board.has(next, flag::GENERATION);
    // PRAJWAL K C: the initials end the name.
    if let Some(second) = initial_end(board, next)
        && closes(board, second + 1)
        && !board.has(at, flag::SEX)
        && board.sign(at.wrapping_sub(1)) == 0
    {
        return Some(second);
    }
    // KYLE N. BEHIND A STORE: no street follows.
    let letter = !board.has(at, flag::DIR)
        || board.has(next, flag::VERB | flag::LOCCUE | flag::FUNC)
        || board.sign(next) == b','
        || board.starts_line(next);
    (more || generation || done || dotted && letter).then_some(end)
}

/// `"CHUY"`, `(LUKE)`: a nickname in quotes or brackets after a given name.
fn nickname_end(board: &Board<'_>, open: usize, style: Style) -> Option<usize> {
    let close = match board.sign(open) {
        b'(' => b')',
        sign => sign,
    };
    let mut i = open + 1;
    while i <= open + 3 && board.is_word(i) && board.is_free(i) {
        i += 1;
    }
    let quoted = i > open + 1 && board.sign(i) == close;
    let bracket = close == b')'
        && !(i == open + 2 && worth(board, open + 1, style) >= Worth::Unknown && !closes(board, i + 1));
    let more = worth(board, i + 1, style) >= Worth::Ambiguous || close == b'"';
    (quoted && !bracket && more).then_some(i)
}
