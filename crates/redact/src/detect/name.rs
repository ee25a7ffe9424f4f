//! Names of people: cue words, layouts and priors.

use super::age::MEASURES;
use super::name_alone::{alone, in_quotes};
use super::name_context::{PERSONAL, is_title_case, strong_close};
use super::name_extent::{extend, hyphen_end};
use super::name_forms::{
    caller_slash, initials, particles, private_rank, quoted, registered, slash_code, surname_slash,
};
use super::name_rules::{
    Style, Worth, closes, ends, initial_end, is_rare_word, is_suppressed_after, lower, worth,
};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Flags, Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Case;

/// Words that a name may follow.
pub(super) const CUES: Flags = flag::ROLE | flag::KIN | flag::NAMECUE | flag::TITLE | flag::PERSON;

pub(super) fn run(board: &mut Board<'_>, style: Style) {
    if board.seen & (CUES | flag::SEX | flag::STRICT) != 0 {
        let mut at = board.seek(0, [Class::Cue]);
        while at < board.len() {
            let cue = board.has(at, CUES)
                || slash_code(board, at)
                || registered(board, at)
                || caller_slash(board, at);
            if (cue || private_rank(board, at)) && board.is_free(at) {
                after_cue(board, at, style);
            }
            on_a_sign(board, at, style);
            operator_of(board, at, style);
            at = board.seek(at + 1, [Class::Cue]);
        }
    }
    let mut at = board.seek(0, [Class::Mark]);
    while at < board.len() {
        in_quotes(board, at, style);
        at = board.seek(at + 1, [Class::Mark]);
    }
    let mut at = board.seek(0, [Class::Name]);
    while at < board.len() {
        if board.is_free(at) {
            alone(board, at, style);
        }
        at = board.seek(at + 1, [Class::Name]);
    }
}

/// How far a cue vouches for what follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// An ordinary word for a person: a second sign is asked for.
    Weak,
    /// A code or a relative: an unknown word is a name.
    Strong,
    /// It announces a name.
    Full,
}

fn after_cue(board: &mut Board<'_>, cue: usize, style: Style) {
    // mr leroy frazier: who writes the title small writes the name so.
    let small = board.has(cue, flag::TITLE) && board.tok(cue).is_some_and(|tok| tok.case == Case::Lower);
    let style = if small { Style::Flat } else { style };
    let trust = if registered(board, cue) {
        Trust::Strong
    } else if board.has(cue, flag::TITLE | flag::NAMECUE)
        && !board.is_one_of(cue, words!("CALLED", "KNOWN", "MISS", "NAMES", "FATHER", "HIMSELF", "HERSELF"))
    {
        Trust::Full
    } else if board.has(cue, flag::ROLE | flag::KIN)
        || slash_code(board, cue)
        || caller_slash(board, cue)
        || private_rank(board, cue)
        || board.is_one_of(cue, words!("CALLED", "KNOWN", "MISS", "HIMSELF", "HERSELF"))
    {
        Trust::Strong
    } else {
        Trust::Weak
    };
    if board.is_one_of(cue, words!("GOES", "WENT")) && !board.is_one_of(cue + 1, words!("BY")) {
        return;
    }
    if board.sign(cue + 1) == b'"'
        && let Some(last) = quoted(board, cue + 2)
    {
        board.claim(cue + 2, last, SpanType::Name, RuleId::NameCue, 0.85);
        return;
    }
    let Some(mut at) = skip_fillers(board, cue, trust) else { return };
    // DOG NAME IS BRUNO.
    let pet = words!("DOG", "DOGS", "DOG'S", "CAT", "CATS", "PUPPY", "PET", "PETS", "HORSE", "K9");
    let named = board.is_one_of(cue, words!("NAME", "NAMED", "CALLED"));
    if named && (1..=2).any(|back| board.is_one_of(cue.wrapping_sub(back), pet)) {
        if board.is_word(at) && !board.is_masked(at) {
            board.neutral(at, at);
        }
        return;
    }
    // GRANDMAS HOUSE.
    if board.has(cue, flag::KIN) && board.is_one_of(at, words!("HOUSE", "HOME", "PLACE", "HOUSEHOLD")) {
        return;
    }
    // INMATE ROWDY MCCLANAHAN, RP UPSET JOHNSON: an ordinary word between the role and a sure surname.
    if trust == Trust::Strong
        && worth(board, at, style) == Worth::None
        && board.has(at, flag::ORD)
        && !board.has(at, flag::FUNC | flag::VERB | CUES | flag::LOCCUE)
        && worth(board, at + 1, style) == Worth::Prior
        && !board.starts_line(at + 1)
        && !is_suppressed_after(board, at + 1)
    {
        let first = if board.has(at, flag::STRICT) { at + 1 } else { at };
        let last = extend(board, at + 1, style);
        if closes(board, last + 1) && board.claim(first, last, SpanType::Name, RuleId::NameCue, 0.85) {
            return;
        }
        at = first;
    }
    if let Some(last) = take(board, at, trust, style) {
        let last = trim_stop(board, last);
        let confidence = if trust == Trust::Weak { 0.85 } else { 0.95 };
        board.claim(at, last, SpanType::Name, RuleId::NameCue, confidence);
    }
}

/// `OP1 RAYMOND THIBEAULT`: who drives the first vehicle.
fn operator_of(board: &mut Board<'_>, at: usize, style: Style) {
    let name = at + 2;
    let numbered = board.is_one_of(at, words!("OP", "OPER"))
        && board.digits(at + 1) == 1
        && board.is_glued(at + 1)
        && !board.is_glued(name)
        && !board.starts_line(name);
    if numbered && let Some(last) = take(board, name, Trust::Strong, style).filter(|&last| last > name) {
        board.claim(name, last, SpanType::Name, RuleId::NameCue, 0.85);
    }
}

/// Where somebody's name is written.
pub(crate) const NAMEPLATES: Words =
    *words!("BUZZER", "MAILBOX", "BOX", "DOORBELL", "NAMETAG", "INTERCOM", "LABEL", "NAMEPLATE");

/// `BUZZER SAYS PIERRE`, `name on box is TRUJILLO`: what is written where somebody lives.
fn on_a_sign(board: &mut Board<'_>, at: usize, style: Style) {
    let written = board.is_one_of(at, &NAMEPLATES)
        && board.is_one_of(at + 1, words!("SAYS", "READS", "IS", "SAID", "SHOWS"))
        && !board.starts_line(at + 2);
    if written && let Some(last) = take(board, at + 2, Trust::Strong, style) {
        board.claim(at + 2, last, SpanType::Name, RuleId::NameCue, 0.8);
    }
}

/// The last token of a name without the full stop of its sentence.
fn trim_stop(board: &Board<'_>, last: usize) -> usize {
    let dotted = board.sign(last) == b'.'
        && !(board.text(last.wrapping_sub(1)).len() == 1
            || board.has(last.wrapping_sub(1), flag::GENERATION));
    if dotted { last.wrapping_sub(1) } else { last }
}

/// Past what may stand between a cue and its name: signs, numbers of persons, descriptions, IS and NAME.
fn skip_fillers(board: &Board<'_>, cue: usize, trust: Trust) -> Option<usize> {
    let mut at = cue + 1;
    let mut steps = 0;
    loop {
        if board.starts_line(at) || steps > 7 {
            return None;
        }
        let sign = matches!(board.sign(at), b':' | b'-' | b'#' | b'"' | b'(' | b'=' | b'/' | b'>');
        let comma = board.sign(at) == b',' && trust != Trust::Full;
        let stop = board.sign(at) == b'.' && board.has(cue, flag::TITLE | flag::NAMECUE);
        let count = board.is_num(at)
            && board.digits(at) == 1
            && !(board.is_glued(at + 1) && (board.is_word(at + 1) || board.is_num(at + 1)));
        let filler = board.has(at, flag::FILLER) && !board.has(at, flag::GIVEN | flag::SUR);
        let cue_again = board.has(at, flag::NAMECUE | flag::TITLE) && board.is_word(at);
        let relation = board.has(at, CUES)
            && trust != Trust::Full
            && board.is_word(at)
            && !board.has(at, flag::NAMEABLE);
        let sex = board.has(at, flag::SEX)
            && (board.text(at).len() == 1
                && (board.sign(at + 1) == b'/'
                    || board.sign(at.wrapping_sub(1)) == b'/' && board.has(at.wrapping_sub(2), flag::SEX))
                || board.text(at).len() == 2);
        if board.has(cue, flag::KIN)
            && board.is_one_of(at, words!("IN"))
            && board.is_one_of(at + 1, words!("LAW", "LAWS"))
        {
            at += 2;
            continue;
        }
        if cue_again || relation {
            // The later cue has its own turn.
            return None;
        }
        if !(sign || comma || stop || count || filler || sex) {
            return Some(at);
        }
        at += 1;
        steps += 1;
    }
}

/// The last token of a name that starts at `at`, if the evidence is enough.
pub(super) fn take(board: &Board<'_>, at: usize, trust: Trust, style: Style) -> Option<usize> {
    if let Some(last) = initials(board, at, trust, style).or_else(|| quoted(board, at)) {
        return Some(last);
    }
    let start = if board.has(at, flag::PARTICLE)
        || board.is_one_of(at, words!("ST", "MC", "O", "MD", "MOHD", "MUHD"))
    {
        particles(board, at, style)?
    } else {
        at
    };
    if board.is_word(start)
        && board.has(start, flag::ORD | flag::COND)
        && !board.has(start, flag::FUNC | flag::VERB | flag::ROLE)
        && (!board.has(start, flag::COLOR)
            || board.is_one_of(at.wrapping_sub(1), words!("AS")) && board.sign(start + 1) == b','
            || board.is_one_of(at.wrapping_sub(1), words!("MR", "MRS", "MS", "MISS")))
    {
        // `TRUE` after MR: a title makes a surname of any word.
        let titled = trust >= Trust::Strong
            && board.is_one_of(
                at.wrapping_sub(1 + usize::from(board.sign(at.wrapping_sub(1)) == b'.')),
                words!("MR", "MRS", "MS", "MISS"),
            )
            && !board.is_num(at.wrapping_sub(2))
            && !board.is_num(at.wrapping_sub(3))
            && !board.has(start, flag::KIN | flag::PERSON | flag::LOCCUE | flag::C_ACCOUNT);
        // `PEANUT` after KNOWN AS, `SLIM` after GOES BY or A BOY CALLED.
        let called = board.is_one_of(at.wrapping_sub(1), words!("CALLED", "NAMED", "NICKNAMED"))
            && board.has(at.wrapping_sub(2), flag::PERSON)
            && !board.has(start, flag::STRICT);
        let nicknamed = (called
            || board.is_one_of(at.wrapping_sub(1), words!("AS", "BY", "AKA"))
                && board.is_one_of(at.wrapping_sub(2), words!("KNOWN", "GOES", "WENT", "GOING"))
            // KNOWN TO HIM AS RED
            || board.is_one_of(at.wrapping_sub(1), words!("AS"))
                && (2..=4).any(|back| board.is_one_of(at.wrapping_sub(back), words!("KNOWN", "KNOWS", "KNEW"))))
            && !board.has(start, flag::SEX | flag::LOCCUE | flag::KIN | flag::PERSON);
        let surname =
            titled && board.has(start, flag::SUR | flag::NAMEABLE) && !is_suppressed_after(board, start);
        let closed = closes(board, start + 1) || nicknamed && board.sign(start + 1) == b',';
        if (surname || (titled || nicknamed) && closed) && !board.starts_line(start) {
            return Some(start);
        }
        // `BIRCH, KENDALL RAY`: an ordinary word is a surname if a given name follows its comma.
        let given = board.sign(start + 1) == b','
            && !board.has(start, flag::ORGAN)
            && board.has(start + 2, flag::GIVEN)
            && (worth(board, start + 2, style) == Worth::Prior
                || worth(board, start + 3, style) >= Worth::Unknown
                || initial_end(board, start + 3).is_some());
        if given {
            let last = extend(board, start, style);
            return (last > start).then_some(last);
        }
    }
    if let Some(last) = surname_slash(board, start, style) {
        return Some(last);
    }
    // T-BOY MELANCON
    let nick = board.text(at).len() == 1
        && board.sign(at + 1) == b'-'
        && board.is_glued(at + 2)
        && board.is_word(at + 2)
        && board.text(at + 2).len() > 1
        && worth(board, at + 3, style) >= Worth::Unknown;
    if nick && trust >= Trust::Strong && board.is_free(at) {
        return Some(extend(board, at + 3, style));
    }
    let value = lenient_worth(board, start, trust, style);
    let mut last = extend(board, start, style);
    if last == start
        && value == Worth::Prior
        && board.has(start, flag::GIVEN)
        && !lower(board, last + 1, style)
    {
        last = surname_of_any_word(board, last, trust).unwrap_or(last);
    }
    let long = last > start;
    let good = match (trust, value) {
        (_, Worth::None) => false,
        (_, Worth::Prior) => true,
        (Trust::Full | Trust::Strong, Worth::Unknown) => {
            long || trust == Trust::Full || board.text(start).len() > 3 || closes(board, last + 1)
        }
        (Trust::Weak, Worth::Unknown) => {
            long && known_part(board, start, last)
                || board.has(last + 1, flag::VERB)
                || style == Style::Flat && (board.text(start).len() > 3 || closes(board, last + 1))
                || long && closes(board, last + 1)
                || is_title_case(board, start, style)
                || strong_close(board, last + 1)
        }
        (_, Worth::Ambiguous) => ambiguous(board, start, last, trust, style),
    };
    (good && !(is_suppressed_after(board, last) && trust != Trust::Full)).then_some(last)
}

/// The surname behind a given name that a cue announces, whatever words it is made of: `REAL NAME JAMARION EARLY.`, `RP GAIL
/// POOL 70 OLN`, `TENANT LEVON DRIVER 58`, `RP PENNY COUNTS HRD`, `NAME ORVAL TWO BULLS DOB`.
fn surname_of_any_word(board: &Board<'_>, given: usize, trust: Trust) -> Option<usize> {
    let at = given + 1;
    let word =
        |i: usize| board.is_word(i) && board.is_free(i) && !board.starts_line(i) && board.text(i).len() > 2;
    let ends = |i: usize| matches!(board.sign(i), b'.' | b',' | b';') || board.starts_line(i);
    if !word(at) {
        return None;
    }
    // A birth date follows a whole name.
    let papers = flag::C_DOB | flag::C_LICENSE | flag::C_SSN;
    let grammar = flag::FUNC | CUES | flag::SEX | flag::DIR | flag::LOCCUE | flag::RANK | flag::COLOR;
    let whole = (at + 1..at + 3).find(|&i| board.has(i, papers) && !board.has(i, flag::VERB));
    if let Some(label) = whole
        && (at..label).all(|i| word(i) && !board.has(i, flag::FUNC | flag::VERB | CUES | flag::SEX))
    {
        return Some(label - 1);
    }
    let age = board.sign(at + 1) == b',' && board.digits(at + 2) == 2 && ends(at + 3)
        || board.digits(at + 1) == 2 && !board.starts_line(at + 1) && !board.is_glued(at + 2)
        || board.digits(at + 1) == 2 && ends(at + 2);
    let age = age && !board.is_one_of(at + 2, &MEASURES) && !board.has(at + 2, flag::STREET | flag::DIR);
    if age && !board.has(at, flag::FUNC | flag::VERB | flag::SEX | flag::DIR | flag::LOCCUE) {
        return Some(at);
    }
    let acts = board.has(at + 1, flag::VERB) && !board.starts_line(at + 1);
    // PENNY COUNTS HRD: two verbs in a row, the first of which nobody would use of a caller.
    let twice =
        board.has(at, flag::VERB) && !board.has(at, flag::FUNC | flag::TOPERSON | flag::STRICT) && acts;
    let noun = !board.has(at, grammar | flag::VERB | flag::DAY | flag::COND) && (ends(at + 1) || acts);
    // FOREMAN TEDDY BUSTOS HAS: what acts is a person even behind an ordinary word for one.
    let acting = acts
        && !board
            .has(at, flag::STRICT | flag::VEH | flag::FUNC | flag::VERB | flag::SEX | flag::DIR | flag::KIN);
    let trade = acts
        && board.has(at, flag::PERSON)
        && !board.has(at, flag::ROLE | flag::KIN | flag::VERB | flag::SEX);
    (trust >= Trust::Strong && (twice || noun) || acting || trade).then_some(at)
}

/// In sentences a listed name in lower case counts after a title or `my name is`.
fn lenient_worth(board: &Board<'_>, at: usize, trust: Trust, style: Style) -> Worth {
    let value = worth(board, at, style);
    // A word that only a dictionary has is a name where a person is announced and goes on like one.
    let speaks = trust == Trust::Weak
        && (board.is_one_of(at + 1, &PERSONAL)
            || board.is_one_of(at + 1, words!("HAS", "HAD", "LEFT", "TOOK")));
    if value == Worth::None
        && (trust >= Trust::Strong || speaks)
        && is_rare_word(board, at)
        && !lower(board, at, style)
    {
        let next = hyphen_end(board, at) + 1;
        let comma = usize::from(board.sign(next) == b',');
        let goes_on =
            speaks || strong_close(board, next) || worth(board, next + comma, style) >= Worth::Unknown;
        let relative = board.has(at.wrapping_sub(1), flag::KIN) && ends(board, next);
        return if goes_on || relative || trust == Trust::Full && closes(board, next) {
            Worth::Unknown
        } else {
            Worth::None
        };
    }
    // Co-worker Dev says: in sentences a capital after a person, before what only people do.
    if value == Worth::None
        && is_title_case(board, at, style)
        && !board.has(at, flag::STRICT | flag::FUNC | CUES)
        && board.is_free(at)
        && board.text(at).len() >= 3
        && strong_close(board, at + 1)
    {
        return Worth::Unknown;
    }
    // P J, DJ, TJ: two consonants are what somebody goes by.
    if value == Worth::None
        && trust == Trust::Full
        && board.text(at).len() == 2
        && board.is_word(at)
        && board.is_free(at)
        && board.flags(at) & !(flag::STATE | flag::DICT | flag::SLIP) == 0
        && closes(board, at + 1)
    {
        return Worth::Unknown;
    }
    if value == Worth::None
        && style == Style::Mixed
        && trust == Trust::Full
        && board.is_one_of(at.wrapping_sub(2), words!("NAME"))
    {
        return worth(board, at, Style::Flat).min(Worth::Prior);
    }
    value
}

pub(super) fn known_part(board: &Board<'_>, first: usize, last: usize) -> bool {
    (first..=last).any(|at| board.has(at, flag::GIVEN | flag::SUR))
}

/// A name made of words that are ordinary as well.
fn ambiguous(board: &Board<'_>, first: usize, last: usize, trust: Trust, style: Style) -> bool {
    if board.has(first, flag::VEH) && (board.has(first + 1, flag::VEH) || board.is_num(first + 1))
        || board.has(first, flag::COLOR) && last == first && !closes(board, last + 1)
    {
        return false;
    }
    // BELONGS TO HUNTER: no article, so no trade.
    let person = if registered(board, first.wrapping_sub(1)) { 0 } else { flag::PERSON };
    let verb =
        board.has(first, person | flag::VERB | flag::ROLE | flag::BIZ | flag::LOCCUE | flag::C_ACCOUNT);
    let modal = board.has(first, flag::VERB | flag::LOCCUE | flag::C_ACCOUNT);
    let acts = board.has(last + 1, flag::VERB) || strong_close(board, last + 1);
    let nameable = board.has(first, flag::GIVEN | flag::NAMEABLE | flag::SUR);
    if last > first {
        // TENANT PRUDENCE LOVE IS: two words that are names, in their order.
        let order = board.has(first, flag::GIVEN)
            && board.has(last, flag::SUR | flag::NAMEABLE | flag::GIVEN)
            && !board.has(first, flag::VERB | flag::COLOR | flag::MONTH | flag::STRICT)
            && (closes(board, last + 1) || trust >= Trust::Strong && board.has(last, flag::SUR));
        let strong = order
            || (first + 1..=last).any(|at| worth(board, at, style) >= Worth::Unknown)
            || (first..=last).any(|at| board.sign(at) == b',');
        return nameable
            && (strong
                || strong_close(board, last + 1)
                || trust >= Trust::Strong
                    && closes(board, last + 1)
                    && (!modal || board.sign(last + 1) == b'.'));
    }
    let titled = is_title_case(board, first, style);
    // WANTS GRANDSON ANGEL OUT.
    let away = board.has(first, flag::GIVEN)
        && board.is_one_of(last + 1, words!("OUT", "BACK", "HOME", "UP", "DOWN", "AWAY", "OVER"));
    let closed = (away || closes(board, last + 1)) && !board.has(last + 1, flag::NUMBER);
    // TENANT RAY SINCE: a given name that no reviewed word is.
    let given = board.has(first, flag::GIVEN) && !board.has(first, flag::STRICT | flag::CITY | flag::MONTH);
    let vouched =
        trust >= Trust::Strong || board.has(first, flag::GIVEN) && acts && !verb || given && closed && !verb;
    vouched
        && nameable
        && closed
        && (!verb || trust == Trust::Full && !board.has(first, flag::VERB | flag::C_ACCOUNT))
        && (style == Style::Flat || titled)
}
