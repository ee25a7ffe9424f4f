//! The forms of names that need no list: initials, nicknames in quotes, the orders of records systems.

use super::name::{CUES, Trust, known_part};
use super::name_extent::extend;
use super::name_rules::{Style, Worth, closes, is_rare_word, is_suppressed_after, worth};
use crate::board::Board;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

/// The second letter of `C/P`, `R/P`, `R/O`, `S/P`, `C/W`.
pub(super) fn slash_code(board: &Board<'_>, at: usize) -> bool {
    at >= 2
        && board.sign(at.wrapping_sub(1)) == b'/'
        && board.is_glued(at)
        && board.text(at).len() == 1
        && (board.is_one_of(at, words!("P", "O"))
            && board.is_one_of(at.wrapping_sub(2), words!("C", "R", "S", "V"))
            || board.is_one_of(at, words!("W")) && board.is_one_of(at.wrapping_sub(2), words!("C")))
}

/// The `C` of `C/GRACE OBUYA`, where a clause begins: the caller; `S/HECTOR`, `V/OMAR`: suspect and victim, anywhere. `C/O`
/// is what a patient complains of.
pub(super) fn caller_slash(board: &Board<'_>, at: usize) -> bool {
    let party = board.is_one_of(at, words!("S", "V", "I", "D"))
        && !board.is_glued(at)
        && board.sign(at + 1) == b'/'
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && board.text(at + 2).len() >= 3;
    if party {
        return true;
    }
    board.is_one_of(at, words!("C"))
        && (board.starts_line(at) || matches!(board.sign(at.wrapping_sub(1)), b'.' | b';' | b'|'))
        && board.sign(at + 1) == b'/'
        && board.is_glued(at + 1)
        && board.is_word(at + 2)
        && !board.is_one_of(at + 2, words!("O", "P"))
}

/// `LP: SIDDIQUI`: loss prevention, where no plate follows.
fn loss_prevention(board: &Board<'_>, at: usize) -> bool {
    board.is_one_of(at, words!("LP"))
        && (board.has(at + 1, flag::GIVEN) && !board.has(at + 1, flag::ORD)
            || board.has(at + 1, flag::GIVEN | flag::SUR) && board.has(at + 2, flag::VERB))
        && !board.starts_line(at + 1)
        || board.is_one_of(at, words!("LP", "AP"))
            && board.sign(at + 1) == b':'
            && board.is_word(at + 2)
            && board.text(at + 2).len() >= 4
            && !board.is_glued(at + 3)
}

/// A rank that nobody sworn has: the security officer of a shop, the operator of an alarm company.
pub(super) fn private_rank(board: &Board<'_>, at: usize) -> bool {
    let guard = board.is_one_of(at, words!("OFFICER", "OFC", "OFCR"))
        && board
            .is_one_of(at.wrapping_sub(1), words!("SECURITY", "SEC", "LP", "PREVENTION", "MALL", "STORE"));
    let operator = board.is_one_of(at, words!("OPERATOR", "OPR", "OPER", "OP", "DISPATCHER", "AGENT"))
        && (1..=2).any(|back| {
            board.is_one_of(
                at.wrapping_sub(back),
                words!(
                    "CO",
                    "COMPANY",
                    "ALARM",
                    "ADT",
                    "MONITORING",
                    "CENTRAL",
                    "TOW",
                    "SECURITY",
                    "VIVINT",
                    "ONSTAR"
                ),
            )
        });
    guard || operator || loss_prevention(board, at)
}

/// `STRICKLAND/OPAL`, `ODOM/C`, after a cue: the surname and the given name of a message switch.
pub(super) fn surname_slash(board: &Board<'_>, at: usize, style: Style) -> Option<usize> {
    let slash = board.sign(at + 1) == b'/' && board.is_glued(at + 1) && board.is_glued(at + 2);
    if !slash {
        return None;
    }
    let surname = board.is_word(at)
        && board.text(at).len() > 2
        && (worth(board, at, style) >= Worth::Ambiguous || is_rare_word(board, at));
    let given = board.has(at + 2, flag::GIVEN)
        || worth(board, at + 2, style) >= Worth::Unknown
        || board.is_word(at + 2) && board.text(at + 2).len() == 1
        || worth(board, at, style) == Worth::Prior
            && board.is_word(at + 2)
            && !board.has(at + 2, flag::STRICT);
    if !(surname && given) || board.is_glued(at + 3) && board.sign(at + 3) == b'/' {
        return None;
    }
    let mut last = at + 2;
    let more = |i: usize| {
        worth(board, i, style) >= Worth::Unknown
            || worth(board, i, style) == Worth::Ambiguous
                && board.has(i, flag::GIVEN | flag::SUR)
                && closes(board, i + 1)
    };
    while more(last + 1) && !board.is_glued(last + 1) && !board.starts_line(last + 1) {
        last += 1;
    }
    if board.is_word(last + 1)
        && board.text(last + 1).len() == 1
        && !board.is_glued(last + 1)
        && closes(board, last + 2)
        && board.sign(last + 2) != b'/'
        && !board.starts_line(last + 1)
    {
        last += 1;
    }
    (!is_suppressed_after(board, last)).then_some(last)
}

/// The `TO` of `RETURNS TO`, `COMES BACK TO`, `REGISTERED TO`.
pub(super) fn registered(board: &Board<'_>, at: usize) -> bool {
    at > 0
        && board.is_one_of(at, words!("TO"))
        && board.is_one_of(
            at.wrapping_sub(1),
            words!(
                "RETURNS",
                "RETURN",
                "BACK",
                "REGISTERED",
                "REG",
                "BELONGS",
                "ISSUED",
                "SERVED",
                "RELEASED",
                "GIVEN"
            ),
        )
}

/// `VIC 2 UNK "PEANUT"`: one or two words in quotes after a person are what people call them.
pub(super) fn quoted(board: &Board<'_>, at: usize) -> Option<usize> {
    if at == 0 || board.sign(at.wrapping_sub(1)) != b'"' {
        return None;
    }
    let last = (at..at + 2).find(|&i| board.sign(i + 1) == b'"')?;
    let fits = (at..=last).all(|i| {
        board.is_word(i)
            && board.is_free(i)
            && board.text(i).len() >= 2
            && !board.has(i, flag::FUNC | flag::ROLE)
            && !(board.has(i, flag::VERB) && board.has(i, flag::STRICT))
    });
    fits.then_some(last)
}

/// `ST. JOHN`, `DE LA CRUZ` at the start of a name: the first real word.
pub(super) fn particles(board: &Board<'_>, at: usize, style: Style) -> Option<usize> {
    let mut i = at;
    while i < at + 4
        && (board.has(i, flag::PARTICLE) || board.is_one_of(i, words!("ST", "MC", "O", "MD", "MOHD", "MUHD")))
        && board.is_word(i)
    {
        if worth(board, i, style) >= Worth::Ambiguous
            && worth(board, i + 1, style) < Worth::Ambiguous
            && !board.has(i + 1, flag::PARTICLE)
        {
            return Some(i);
        }
        i += 1;
        if matches!(board.sign(i), b'.' | b'-') && board.is_glued(i) {
            i += 1;
        }
    }
    (worth(board, i, style) >= Worth::Ambiguous).then_some(i)
}

/// `T. NAKASHIMA`, `R.V.`, `D. J. Coles`.
pub(super) fn initials(board: &Board<'_>, at: usize, trust: Trust, style: Style) -> Option<usize> {
    let letter = |i: usize| board.is_word(i) && board.text(i).len() == 1 && board.is_free(i);
    let dot = |i: usize| board.sign(i) == b'.' && board.is_glued(i);
    if !letter(at) || board.starts_line(at) {
        return None;
    }
    let mut i = at;
    let mut dotted = 0;
    while letter(i) && dot(i + 1) && i < at + 6 {
        i += 2;
        dotted += 1;
    }
    if trust == Trust::Weak && dotted < 2 {
        return None;
    }
    let start = if dotted == 0 && !board.has(at, flag::SEX | flag::DIR) { at + 1 } else { i };
    // DEP. M. ALDERMAN: behind a rank or title an initial makes a surname of a rare word.
    let surname = trust == Trust::Full && dotted > 0 && is_rare_word(board, start);
    if (surname || worth(board, start, style) >= Worth::Ambiguous) && !board.starts_line(start) && start > at
    {
        return Some(extend(board, start, style));
    }
    (dotted >= 2).then(|| i.wrapping_sub(1))
}

/// `HASSAN AND HUSSEIN`: what stands beside a name with AND between is one as well.
pub(super) fn and_name(board: &mut Board<'_>, at: usize, value: Worth, style: Style) -> bool {
    let joined = at >= 2
        && (board.is_one_of(at.wrapping_sub(1), words!("AND", "Y", "VS"))
            || board.sign(at.wrapping_sub(1)) == b'&')
        && !board.starts_line(at);
    // SIMRAN (6) AND ARJAN: the age of the first stands between.
    let bracketed = board.sign(at.wrapping_sub(2)) == b')'
        && board.is_num(at.wrapping_sub(3))
        && board.sign(at.wrapping_sub(4)) == b'(';
    let before = at.wrapping_sub(if bracketed { 5 } else { 2 });
    let ty =
        [SpanType::Name, SpanType::Officer].into_iter().find(|&ty| joined && board.is_claimed(before, ty));
    let listed =
        value >= Worth::Unknown || board.has(at, flag::GIVEN) && !board.has(at, flag::VERB | flag::STRICT);
    let Some(ty) = ty.filter(|_| listed) else { return false };
    let last = extend(board, at, style);
    closes(board, last + 1)
        && !is_suppressed_after(board, last)
        && board.claim(at, last, ty, RuleId::NamePair, 0.8)
}

/// `PEDROZA #2209`: who has a number is an officer.
pub(super) fn badged(board: &mut Board<'_>, at: usize, last: usize, value: Worth) -> bool {
    let number = last + 2;
    value >= Worth::Unknown
        && board.sign(last + 1) == b'#'
        && board.is_glued(number)
        && (2..=5).contains(&board.digits(number))
        && board.is_free(number)
        && !(board.is_glued(number + 1) && board.sign(number + 1) == 0)
        && !board.starts_line(last + 1)
        && !is_suppressed_after(board, last)
        && board.claim(at, number, SpanType::Officer, RuleId::OfficerRank, 0.85)
}

/// `HENNESSEY/COLM PATRICK`: the order of records systems.
pub(super) fn slashed(board: &mut Board<'_>, at: usize, value: Worth, style: Style) -> bool {
    let slash = board.sign(at + 1) == b'/'
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && board.text(at).len() > 2;
    if !slash || value < Worth::Unknown || worth(board, at + 2, style) < Worth::Unknown {
        return false;
    }
    let last = extend(board, at + 2, style);
    let vouched = known_part(board, at, last)
        || last > at + 2
        || at > 0
            && (board.is_one_of(at.wrapping_sub(1), words!("TO"))
                || board.has(at.wrapping_sub(1), CUES)
                || board.sign(at.wrapping_sub(1)) == b':');
    if !vouched {
        return false;
    }
    !is_suppressed_after(board, last) && board.claim(at, last, SpanType::Name, RuleId::NameComma, 0.85)
}

/// `D. ASHWORTH LIVES`: an initial and a surname.
pub(super) fn with_initial(board: &mut Board<'_>, at: usize, value: Worth, style: Style) -> bool {
    let initial = at >= 2
        && board.sign(at.wrapping_sub(1)) == b'.'
        && board.is_glued(at.wrapping_sub(1))
        && !board.is_glued(at)
        && board.text(at.wrapping_sub(2)).len() == 1
        && board.is_word(at.wrapping_sub(2))
        && board.is_free(at.wrapping_sub(2));
    let apart = initial && !board.is_glued(at.wrapping_sub(2));
    let letter = initial
        && (!board.is_one_of(at.wrapping_sub(2), words!("N", "S", "E", "W")) || value == Worth::Prior);
    if !apart || !letter || value < Worth::Unknown {
        return false;
    }
    let last = extend(board, at, style);
    !is_suppressed_after(board, last)
        && board.claim(at.wrapping_sub(2), last, SpanType::Name, RuleId::NameInitials, 0.8)
}
