//! Names of people: cue words, layouts and priors.

use super::name_forms::{
    and_name, badged, caller_slash, initials, particles, private_rank, quoted, registered, slash_code,
    slashed, surname_slash, with_initial,
};
use super::name_rules::{
    Style, Worth, after_name, after_place_word, closes, ends, extend, hyphen_end, initial_end, is_rare_word,
    is_suppressed_after, lower, worth,
};
use crate::board::Board;
use crate::lexicon::Flags;
use crate::lexicon::words;
use crate::lexicon_flags::{self as flag, class};
use crate::span::{RuleId, SpanType};
use crate::token::Case;

/// Words that a name may follow.
pub(super) const CUES: Flags = flag::ROLE | flag::KIN | flag::NAMECUE | flag::TITLE | flag::PERSON;

pub(super) fn run(board: &mut Board<'_>, style: Style) {
    if board.seen & (CUES | flag::SEX | flag::STRICT) != 0 {
        let mut at = board.seek(0, class::CUE | class::CODE);
        while at < board.len() {
            let cue = board.has(at, CUES)
                || slash_code(board, at)
                || registered(board, at)
                || caller_slash(board, at);
            if (cue || private_rank(board, at)) && board.is_free(at) {
                after_cue(board, at, style);
            }
            at = board.seek(at + 1, class::CUE | class::CODE);
        }
    }
    let mut at = board.seek(0, class::NAME);
    while at < board.len() {
        if board.is_free(at) {
            alone(board, at, style);
        }
        at = board.seek(at + 1, class::NAME);
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
        let (first, last) = with_quotes(board, at, last);
        let confidence = if trust == Trust::Weak { 0.85 } else { 0.95 };
        board.claim(first, last, SpanType::Name, RuleId::NameCue, confidence);
    }
}

/// Quotes around a whole name stay; `with_quotes` only trims a trailing full stop.
fn with_quotes(board: &Board<'_>, first: usize, last: usize) -> (usize, usize) {
    let dotted = board.sign(last) == b'.'
        && !(board.text(last.wrapping_sub(1)).len() == 1
            || board.has(last.wrapping_sub(1), flag::GENERATION));
    (first, if dotted { last.wrapping_sub(1) } else { last })
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
    let start = if board.has(at, flag::PARTICLE) || board.is_one_of(at, words!("ST", "MC", "O")) {
        particles(board, at, style)?
    } else {
        at
    };
    if board.is_word(start)
        && board.has(start, flag::ORD)
        && !board.has(start, flag::FUNC | flag::VERB | flag::ROLE | flag::COLOR)
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
        // `PEANUT` after KNOWN AS, `SLIM` after GOES BY.
        let nicknamed = board.is_one_of(at.wrapping_sub(1), words!("AS", "BY", "AKA"))
            && board.is_one_of(at.wrapping_sub(2), words!("KNOWN", "GOES", "WENT", "GOING"))
            && !board.has(start, flag::SEX | flag::LOCCUE | flag::KIN | flag::PERSON);
        let surname =
            titled && board.has(start, flag::SUR | flag::NAMEABLE) && !is_suppressed_after(board, start);
        if (surname || (titled || nicknamed) && closes(board, start + 1)) && !board.starts_line(start) {
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
    let value = lenient_worth(board, start, trust, style);
    let mut last = extend(board, start, style);
    // REAL NAME JAMARION EARLY. A given name and one word more, where a name is announced and the clause ends.
    let single =
        last == start && value == Worth::Prior && board.has(start, flag::GIVEN) && trust >= Trust::Strong;
    let grammar =
        flag::FUNC | flag::VERB | CUES | flag::SEX | flag::DIR | flag::LOCCUE | flag::RANK | flag::COLOR;
    if single
        && board.is_word(last + 1)
        && board.is_free(last + 1)
        && !board.starts_line(last + 1)
        && board.text(last + 1).len() > 2
        && !board.has(last + 1, grammar | flag::DAY | flag::COND)
        && (matches!(board.sign(last + 2), b'.' | b',' | b';') || board.starts_line(last + 2))
        && !lower(board, last + 1, style)
    {
        last += 1;
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

/// In sentences a listed name in lower case counts after a title or `my name is`.
fn lenient_worth(board: &Board<'_>, at: usize, trust: Trust, style: Style) -> Worth {
    let value = worth(board, at, style);
    // A word that only a dictionary has is a name where a person is announced and goes on like one.
    let speaks = trust == Trust::Weak && board.is_one_of(at + 1, &PERSONAL);
    if value == Worth::None
        && (trust >= Trust::Strong || speaks)
        && is_rare_word(board, at)
        && !lower(board, at, style)
    {
        let next = hyphen_end(board, at) + 1;
        let comma = usize::from(board.sign(next) == b',');
        let goes_on = strong_close(board, next) || worth(board, next + comma, style) >= Worth::Unknown;
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

fn is_title_case(board: &Board<'_>, at: usize, style: Style) -> bool {
    style == Style::Mixed && board.tok(at).is_some_and(|tok| tok.case == Case::Title)
}

pub(super) fn known_part(board: &Board<'_>, first: usize, last: usize) -> bool {
    (first..=last).any(|at| board.has(at, flag::GIVEN | flag::SUR))
}

/// What follows only people: a telephone, a birth date, an age, a verb of speech.
fn strong_close(board: &Board<'_>, at: usize) -> bool {
    let next = if matches!(board.sign(at), b',' | b'(') { at + 1 } else { at };
    if board.starts_line(at) {
        return false;
    }
    let address = next > at && board.is_claimed(next, SpanType::Address);
    // ARJAN (3), MCCLANAHAN 11 MAY 1990.
    let age = board.sign(at) == b'(' && (1..=2).contains(&board.digits(at + 1)) && board.sign(at + 2) == b')';
    age || super::date::birth_year(board, next)
        || address
        || [SpanType::Phone, SpanType::Dob, SpanType::Age, SpanType::Ssn]
            .into_iter()
            .any(|ty| board.is_claimed(next, ty))
        || board.sign(next) == b'(' && board.is_claimed(next + 1, SpanType::Phone)
        || board.has(next, flag::C_DOB | flag::C_LICENSE | flag::C_SSN) && !board.has(next, flag::VERB)
        || board.is_one_of(
            next,
            words!(
                "STS",
                "ADV",
                "ADVS",
                "ADVD",
                "ADVISES",
                "ADVISED",
                "SAYS",
                "SAID",
                "STATES",
                "STATED",
                "REPORTS",
                "REPORTED",
                "REQ",
                "REQS",
                "REQUESTS",
                "REQUESTED",
                "CB",
                "PH",
                "RPTS",
                "RPTD",
                "AKA",
                "W",
                "B",
                "H",
                "TOLD"
            ),
        ) && !board.has(at, flag::COLOR)
}

/// A name made of words that are ordinary as well.
fn ambiguous(board: &Board<'_>, first: usize, last: usize, trust: Trust, style: Style) -> bool {
    if board.has(first, flag::VEH) && (board.has(first + 1, flag::VEH) || board.is_num(first + 1))
        || board.has(first, flag::COLOR) && last == first && !closes(board, last + 1)
    {
        return false;
    }
    let verb =
        board.has(first, flag::VERB | flag::PERSON | flag::ROLE | flag::BIZ | flag::LOCCUE | flag::C_ACCOUNT);
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
                    && (!modal || strong_close(board, last + 1) || board.sign(last + 1) == b'.'));
    }
    let titled = is_title_case(board, first, style);
    let closed = closes(board, last + 1) && !board.has(last + 1, flag::NUMBER);
    let vouched = trust >= Trust::Strong || board.has(first, flag::GIVEN) && acts && !verb;
    vouched
        && nameable
        && closed
        && (!verb || trust == Trust::Full && !board.has(first, flag::VERB | flag::C_ACCOUNT))
        && (style == Style::Flat || titled)
}

/// Names without a cue before them.
fn alone(board: &mut Board<'_>, at: usize, style: Style) {
    let value = worth(board, at, style);
    if value == Worth::None
        || board.is_glued(at) && at > 0 && matches!(board.sign(at.wrapping_sub(1)), b'.' | b'@' | b'_' | b'/')
    {
        return;
    }
    if and_name(board, at, value, style) || badged(board, at, value, style) {
        return;
    }
    if after_name(board, at)
        && value >= Worth::Unknown
        && closes(board, at + 1)
        && !is_suppressed_after(board, at)
        && board.tok(at.wrapping_sub(1)).is_some_and(|tok| tok.kind == crate::token::Kind::Placeholder)
    {
        let last = extend(board, at, style);
        board.claim(at, last, SpanType::Name, RuleId::NamePair, 0.8);
        return;
    }
    if let Some(last) = surname_slash(board, at, style)
        && strong_close(board, last + 1)
    {
        board.claim(at, last, SpanType::Name, RuleId::NameComma, 0.85);
        return;
    }
    // LIL RIC: what people call somebody, whatever follows.
    let lil = board.is_one_of(at.wrapping_sub(1), words!("LIL", "LITTLE", "BIG"))
        && !board.starts_line(at)
        && board.is_free(at.wrapping_sub(1))
        && (board.has(at, flag::GIVEN) || board.is_one_of(at.wrapping_sub(1), words!("LIL")))
        && !is_suppressed_after(board, at);
    if lil && board.claim(at.wrapping_sub(1), at, SpanType::Name, RuleId::NamePair, 0.7) {
        return;
    }
    if slashed(board, at, value, style) || with_initial(board, at, value, style) {
        return;
    }
    let last = extend(board, at, style);
    if is_suppressed_after(board, last) {
        return;
    }
    if let Some((rule, confidence)) = judge(board, at, last, value, style) {
        // `LITTLE MIKE`, `BIG AL`.
        let styled = at > 0
            && board.is_one_of(at.wrapping_sub(1), words!("LITTLE", "LIL", "BIG"))
            && board.is_free(at.wrapping_sub(1))
            && !board.starts_line(at);
        let at = if styled || given_before(board, at, style) {
            at.wrapping_sub(1)
        } else {
            particles_before(board, at)
        };
        board.claim(at, last, SpanType::Name, rule, confidence);
    }
}

/// Whether a run of words that may be a name is one, without a cue.
fn judge(board: &Board<'_>, first: usize, last: usize, value: Worth, style: Style) -> Option<(RuleId, f32)> {
    if last <= first + 1 && named_after(board, first) {
        return None;
    }
    // WHITMAN HALL, LUTHER KING PARK: a surname and a venue, or the one name that streets and parks everywhere have.
    let venue = last == first + 1
        && board.has(last, flag::BIZ | flag::STREETISH | flag::TRADE)
        && !(board.has(first, flag::GIVEN) && value == Worth::Prior)
        && !strong_close(board, last + 1);
    let king = board.is_one_of(first, words!("LUTHER", "MLK")) && board.is_one_of(first + 1, words!("KING"));
    // GEORGE WASHINGTON BRIDGE.
    let landmark = board.has(last + 1, flag::CITY | flag::STATENAME)
        && !board.has(last + 1, flag::VERB)
        && !board.starts_line(last + 1)
        && is_suppressed_after(board, last + 1);
    if venue || king || landmark {
        return None;
    }
    let comma = (first..=last).any(|at| board.sign(at) == b',');
    let prior = (first..=last).any(|at| worth(board, at, style) == Worth::Prior);
    let titled = is_title_case(board, first, style);
    let place = after_place_word(board, first);
    let described = board.is_claimed(first.wrapping_sub(1), SpanType::Age) && !board.starts_line(first);
    let person_before = described
        || first > 0
            && !board.starts_line(first)
            && (board.has(first.wrapping_sub(1), flag::TOPERSON)
                && !board.is_one_of(first.wrapping_sub(1), words!("FROM", "TO", "OF", "AND", "FOR", "W"))
                || board.has(first.wrapping_sub(1), flag::KIN));
    let follows = strong_close(board, last + 1);
    let words = last + 1 - first;
    if comma {
        let tail = board.is_word(last) && board.text(last).len() == 1 || follows || on_person(board, first);
        let given = (first + 1..=last).any(|at| board.has(at, flag::GIVEN));
        let ok = value >= Worth::Unknown && (prior || tail)
            || value == Worth::Ambiguous && (prior || given) && tail;
        return (ok && (!place || on_person(board, first))).then_some((RuleId::NameComma, 0.9));
    }
    if value == Worth::Prior && board.has(first, flag::GIVEN) && words >= 2 {
        // SERVED ON BRYCE TATE: what stands on a street has a street's type behind it.
        let surname =
            board.has(last, flag::SUR | flag::NAMEABLE) || worth(board, last, style) >= Worth::Unknown;
        let person = on_person(board, first) && surname && closes(board, last + 1);
        return (!place || titled || follows || person).then_some((RuleId::NamePair, 0.9));
    }
    if words >= 2 && prior && value >= Worth::Unknown {
        let person = on_person(board, first) && closes(board, last + 1);
        return (!place || follows || person).then_some((RuleId::NamePair, 0.85));
    }
    // HUTCHENS VS BAYLESS; SHE IS HODAN, 29.
    if value >= Worth::Unknown && (versus(board, first, last) || is_person(board, first, last)) {
        return Some((RuleId::NamePrior, 0.75));
    }
    if words >= 2
        && value == Worth::Ambiguous
        && board.has(first, flag::GIVEN)
        && !board.has(first, flag::ROLE)
        && (!board.has(first, flag::VERB)
            || starts_sentence(board, first) && worth(board, last, style) >= Worth::Unknown)
    {
        let strong = worth(board, last, style) >= Worth::Unknown
            && !place
            && !(board.has(first, flag::VEH) && board.has(last, flag::VEH));
        let follows = follows && !board.has(first, flag::MONTH);
        return (strong
            || follows && !place
            || titled && closes(board, last + 1) && !place && !starts_sentence(board, first))
        .then_some((RuleId::NamePair, 0.8));
    }
    // MAE BELLE CALLED: the same where a clause begins.
    if words == 2
        && value == Worth::Ambiguous
        && starts_sentence(board, first)
        && board.has(first, flag::GIVEN)
        && board.has(last, flag::SUR | flag::NAMEABLE)
        && !board.has(first, flag::STRICT | flag::COLOR | flag::MONTH | flag::VERB | flag::BIZ | flag::VEH)
        && (board.has(last + 1, flag::VERB) || ends(board, last + 1))
        && !place
    {
        return Some((RuleId::NamePair, 0.6));
    }
    if value == Worth::Ambiguous
        && titled
        && words == 1
        && board.has(first, flag::GIVEN)
        && !board.has(first, flag::STRICT | flag::CITY | flag::MONTH)
        && !place
    {
        let acts = board.has(last + 1, flag::VERB) || board.has(last + 1, flag::DET);
        let fits = if starts_sentence(board, first) { acts } else { closes(board, last + 1) };
        return fits.then_some((RuleId::NamePrior, 0.6));
    }
    if value == Worth::Ambiguous
        && words == 1
        && board.has(first, flag::GIVEN)
        && !board.has(first, flag::VERB | flag::MONTH)
        && (board.sign(last + 1) == b',' || matches!(board.sign(last + 1), b'('))
        && [SpanType::Age, SpanType::Dob, SpanType::Phone]
            .into_iter()
            .any(|ty| board.is_claimed(last + 2, ty))
    {
        return Some((RuleId::NamePrior, 0.8));
    }
    // JOHNSON HAS VIDEO: a town that is a surname as well, where it acts.
    if value == Worth::Ambiguous
        && words == 1
        && board.has(first, flag::CITY)
        && board.has(first, flag::SUR | flag::GIVEN)
        && !place
        && (board.is_one_of(last + 1, &PERSONAL)
            || board.is_one_of(
                last + 1,
                words!("HAS", "HAD", "LEFT", "TOOK", "GOT", "WENT", "HIT", "CAME", "GAVE"),
            ))
    {
        return Some((RuleId::NamePrior, 0.6));
    }
    // HOPE CALLED BACK: what only people do makes a given name of any word.
    if value == Worth::Ambiguous
        && words == 1
        && board.has(first, flag::GIVEN)
        && starts_sentence(board, first)
        && board.is_one_of(last + 1, &PERSONAL)
        && !board.has(first, flag::ROLE | flag::KIN | flag::PERSON | flag::MONTH)
    {
        return Some((RuleId::NamePrior, 0.6));
    }
    if value == Worth::Ambiguous && words == 1 && style == Style::Flat && starts_sentence(board, first) {
        // `RUSTY POINTED`: a given name that is a word, where a subject stands and acts.
        let given = board.has(first, flag::GIVEN)
            && !board.has(
                first,
                flag::STRICT
                    | flag::PERSON
                    | flag::ROLE
                    | flag::BIZ
                    | flag::CITY
                    | flag::VEH
                    | flag::VERB
                    | flag::COLOR,
            );
        let acts = board.has(last + 1, flag::VERB) && !board.has(last + 1, flag::FUNC);
        return (given && acts).then_some((RuleId::NamePrior, 0.55));
    }
    if value == Worth::Prior {
        let given = board.has(first, flag::GIVEN);

        let spelled = board.has(first, flag::PHONETIC)
            && (board.has(first + 1, flag::PHONETIC)
                || board.is_num(first + 1)
                || first > 0
                    && (board.has(first.wrapping_sub(1), flag::PHONETIC)
                        || board.is_num(first.wrapping_sub(1))));
        let place = place
            && !(titled
                && (given || on_person(board, first))
                && board.is_one_of(first.wrapping_sub(1), words!("AT", "ON")));
        let clause = starts_sentence(board, first)
            && (board.starts_line(last + 1) || matches!(board.sign(last + 1), b'.' | b','));
        let family = first > 0
            && board.is_one_of(first.wrapping_sub(1), words!("THE"))
            && board.text(first).last().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'S'))
            && closes(board, last + 1);
        let apposed = family
            || first > 0
                && board.sign(first.wrapping_sub(1)) == b','
                && matches!(board.sign(last + 1), b',' | b'.')
                && !board.has(first, flag::CITY);
        let acts = board.has(last + 1, flag::VERB) && !place;
        let fine = clause && titled
            || apposed
            || acts
            || given && !place && !spelled
            || person_before
            || follows
            || titled && !starts_sentence(board, first) && !place;
        return fine.then_some((RuleId::NamePrior, if given { 0.75 } else { 0.65 }));
    }
    if value == Worth::Unknown && !place {
        let clause = words >= 2
            && starts_sentence(board, first)
            && (matches!(board.sign(last + 1), b',' | b'.' | b';' | b'(') || board.starts_line(last + 1));
        let subject = words == 1
            && titled
            && board.has(last + 1, flag::VERB)
            && !board.is_one_of(last + 1, words!("ARE"));
        if clause || subject {
            return Some((RuleId::NamePrior, 0.6));
        }
        let pair = words >= 2
            && (person_before
                || follows
                || titled && !starts_sentence(board, first) && closes(board, last + 1));
        let shaped = words >= 2
            && (first..=last).all(|i| !board.is_word(i) || worth(board, i, style) >= Worth::Unknown);
        if shaped && style == Style::Flat && closes(board, last + 1) {
            return Some((RuleId::NamePrior, 0.6));
        }
        // `LORETTA IN APT 4`, `ZORA TOOK IT`: an unknown word that opens a clause and goes on like a person.
        let opens = words == 1
            && style == Style::Flat
            && board.text(first).len() > 3
            && starts_sentence(board, first)
            && (board.has(last + 1, flag::VERB) || board.is_one_of(last + 1, words!("IN", "FROM", "AT")));
        if opens {
            return Some((RuleId::NamePrior, 0.55));
        }
        let named = words == 1
            && first > 1
            && board.is_one_of(first.wrapping_sub(1), words!("IS", "WAS"))
            && (matches!(board.sign(last + 1), b'.' | b',') || board.starts_line(last + 1))
            && board.cue_before(first, flag::NAMECUE | flag::PERSON | flag::ROLE | flag::KIN, 6);
        let sought = words == 1
            && board.is_one_of(first.wrapping_sub(1), words!("FOR"))
            && board.is_one_of(
                first.wrapping_sub(2),
                words!(
                    "ASKING",
                    "LOOKING",
                    "ASKED",
                    "ASKS",
                    "LM",
                    "MESSAGE",
                    "NOTIFICATION",
                    "WARRANT",
                    "WAITING"
                ),
            );
        if named || sought {
            return Some((RuleId::NamePrior, 0.7));
        }
        let single = words == 1
            && (follows || person_before && closes(board, last + 1))
            && board.text(first).len() >= 3;
        return (pair || single).then_some((RuleId::NamePrior, 0.7));
    }
    None
}

/// Whether the word before a surname is its given name: one that is a word as well, or that only a dictionary has.
fn given_before(board: &Board<'_>, at: usize, style: Style) -> bool {
    let before = at.wrapping_sub(1);
    let grammar =
        flag::STRICT | flag::FUNC | flag::VERB | flag::STATE | flag::BIZ | flag::VEH | flag::MONTH | CUES;
    let plain = board.is_word(before)
        && board.is_free(before)
        && !board.starts_line(at)
        && board.tok(at).is_some_and(|tok| tok.gap == crate::token::Gap::Space)
        && board.text(before).len() > 2
        && !board.is_glued(before)
        && !board.has(before, grammar)
        && !lower(board, before, style);
    let surname = worth(board, at, style) == Worth::Prior && !board.has(at, flag::GIVEN);
    // A regular, Scooter Prudhomme: in sentences a capital says it.
    let titled = is_title_case(board, before, style)
        && before > 0
        && !starts_sentence(board, before)
        && board.is_free(before)
        && !board.starts_line(at)
        && !board
            .has(before, flag::FUNC | flag::BIZ | flag::VEH | flag::DIR | flag::RANK | flag::TITLE | CUES);
    surname && titled
        || plain
            && surname
            && (is_rare_word(board, before) || board.has(before, flag::GIVEN | flag::NAMEABLE | flag::CITY))
}

/// The first of the particles before a name: `DE LA GARZA, IGNACIO`. A van is a vehicle.
fn particles_before(board: &Board<'_>, at: usize) -> usize {
    let mut first = at;
    while first > 0
        && at - first < 3
        && board.is_one_of(
            first - 1,
            words!(
                "DE", "LA", "LOS", "DEL", "DER", "DEN", "VON", "DOS", "DAS", "DI", "DELLA", "AL", "EL", "BIN"
            ),
        )
        && board.is_free(first - 1)
        && !board.starts_line(first)
        && board.tok(first).is_some_and(|tok| tok.gap == crate::token::Gap::Space)
    {
        first -= 1;
    }
    // VAN DER MEER.
    let van =
        first < at && first > 0 && board.is_one_of(first - 1, words!("VAN")) && board.is_free(first - 1);
    if van && !board.starts_line(first) { first - 1 } else { first }
}

/// What only people do.
const PERSONAL: [u64; 26] = *words!(
    "CALLED", "CALLS", "SAYS", "SAID", "STATES", "STATED", "STS", "ADV", "ADVS", "ADVISED", "TOLD", "TELLS",
    "REFUSED", "REFUSES", "DENIED", "DENIES", "WANTS", "WANTED", "ASKED", "ASKS", "CLAIMS", "CLAIMED",
    "DROVE", "WALKED", "THINKS", "ADMITTED"
);

/// The `ON` of what is served, done or wanted on somebody.
fn on_person(board: &Board<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(2);
    board.is_one_of(at.wrapping_sub(1), words!("TO"))
        || board.is_one_of(at.wrapping_sub(1), words!("ON"))
            && board.is_one_of(
                before,
                words!(
                    "SERVED",
                    "SERVE",
                    "PAPERS",
                    "WARRANT",
                    "WARRANTS",
                    "WNT",
                    "WNTS",
                    "WANTED",
                    "CK",
                    "CHECK",
                    "CHK",
                    "WELFARE",
                    "INITIATED",
                    "HIT",
                    "INFO",
                    "REPORT",
                    "RPT",
                    "CALLED",
                    "CALLING",
                    "BOLO",
                    "ATL",
                    "UPDATE",
                    "CHARGES",
                    "TRO",
                    "PO",
                    "ORDER",
                    "DETAINER",
                    "HOLD",
                    "CPR",
                    "DATE",
                    "DOA",
                    "EX-PARTE",
                    "PARTE"
                ),
            )
}

/// `X VS Y`: both are parties of a matter.
fn versus(board: &Board<'_>, first: usize, last: usize) -> bool {
    let party = words!("VS", "V", "VERSUS");
    (board.is_one_of(last + 1, party) && board.is_word(last + 2)
        || board.is_one_of(first.wrapping_sub(1), party))
        && !board.is_glued(first)
}

/// `HE IS WASHINGTON.`, `SHE IS HODAN, 29`: a pronoun is somebody.
fn is_person(board: &Board<'_>, first: usize, last: usize) -> bool {
    board.is_one_of(first.wrapping_sub(1), words!("IS", "WAS"))
        && board.is_one_of(
            first.wrapping_sub(2),
            words!("HE", "SHE", "WHO", "SHOOTER", "SUSP", "DRIVER", "CONTACT"),
        )
        && (board.starts_line(last + 1) || matches!(board.sign(last + 1), b',' | b'.' | b';'))
}

/// Two words that are a thing, although the first is a name.
const PHRASES: [[u64; 2]; 18] = [
    *words!("SALLY", "PORT"),
    *words!("JON", "BOAT"),
    *words!("JACK", "RUSSELL"),
    *words!("JACK", "DANIELS"),
    *words!("JACK", "KNIFE"),
    *words!("JACK", "HAMMER"),
    *words!("JACK", "STAND"),
    *words!("JOHN", "DEERE"),
    *words!("JOHN", "DOE"),
    *words!("JANE", "DOE"),
    *words!("JIMMY", "JOHNS"),
    *words!("TOMMY", "HILFIGER"),
    *words!("MICHAEL", "KORS"),
    *words!("CALVIN", "KLEIN"),
    *words!("RALPH", "LAUREN"),
    *words!("LOUIS", "VUITTON"),
    *words!("HARLEY", "DAVIDSON"),
    *words!("AMBER", "ALERT"),
];

/// `ST. JOSEPH`, `FT WAYNE`, `CHARLIE SIDE`: a place that is called after somebody.
fn named_after(board: &Board<'_>, at: usize) -> bool {
    let dotted = usize::from(board.sign(at.wrapping_sub(1)) == b'.');
    let before = at.wrapping_sub(1 + dotted);
    let sector = board.has(at, flag::PHONETIC)
        && board.is_one_of(
            before,
            words!(
                "SECTOR", "TAC", "BEAT", "ZONE", "CHANNEL", "DISTRICT", "AREA", "WATCH", "SHIFT", "CODE",
                "SIDE"
            ),
        );
    let saint = sector
        || !board.starts_line(at)
            && board.is_one_of(
                before,
                words!("ST", "SAINT", "FT", "FORT", "MT", "LAKE", "PORT", "CAMP", "SAN", "SANTA"),
            )
            && !board.has(before.wrapping_sub(1), CUES | flag::RANK);
    let phrase =
        PHRASES.iter().any(|pair| board.is_one_of(at, &pair[..1]) && board.is_one_of(at + 1, &pair[1..]));
    let side = phrase
        || board.has(at, flag::PHONETIC)
            && board.is_one_of(
                at + 1,
                words!(
                    "SIDE", "SECTOR", "ZONE", "CORNER", "DIVISION", "EXPOSURE", "SHIFT", "COMPANY", "LEVEL",
                    "UNIT"
                ),
            );
    saint || side
}

fn starts_sentence(board: &Board<'_>, at: usize) -> bool {
    board.starts_line(at)
        || matches!(board.sign(at.wrapping_sub(1)), b'.' | b'!' | b'?' | b'"')
            && initial_end(board, at.wrapping_sub(2)).is_none()
}
