//! What a single word is worth as a name, and what may follow one.
//!
//! Capital letters carry no signal in a note that is all capitals. The worth of a word is therefore what the lexicon
//! says: a listed name that is no word, a word nobody knows, a name that is a word as well, or an ordinary word. Only
//! in text of mixed case does the capital count.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::Flags;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::shape::Shape;
use crate::span::SpanType;
use crate::token::{Case, Claim, Gap, Kind};

/// What a word is worth as a name; the order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// An ordinary word, or no word.
    None,
    /// An ordinary word that is a name too: MAY, GRANT.
    Ambiguous,
    /// No list has it.
    Unknown,
    /// A name and nothing else.
    Prior,
}

/// How a text is written as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Capitals throughout, or no capitals at all: case says nothing.
    Flat,
    /// Sentences, where names have a capital.
    Mixed,
}

/// How much of a text says how it is written.
const STYLE_TOKENS_MAX: usize = 400;

/// Mixed if the text has lower-case words and words with a capital first.
pub(crate) fn style(board: &Board<'_>) -> Style {
    let [upper, title, lower] =
        [Class::Capitals, Class::Title, Class::Lower].map(|class| board.index.count(STYLE_TOKENS_MAX, class));
    if title > 0 && lower > 0 && lower * 3 > upper { Style::Mixed } else { Style::Flat }
}

/// Classes whose words are never part of a name, whatever else they are.
pub(crate) const NAMELESS: Flags = flag::C_SSN | flag::C_DOB | flag::C_VIN;

/// A word's worth.
pub(super) fn worth(board: &Board<'_>, at: usize, style: Style) -> Worth {
    let Some(tok) = board.tok(at) else { return Worth::None };
    if tok.classes & Class::Name.bit() == 0 || tok.claim != Claim::Free || tok.len() < 2 {
        return Worth::None;
    }
    if style == Style::Mixed && tok.case == Case::Lower {
        return Worth::None;
    }
    let listed = tok.has(flag::GIVEN | flag::SUR | flag::NAMEABLE);
    if listed {
        let word = tok.has(flag::ORD | flag::CITY);
        return if word { Worth::Ambiguous } else { Worth::Prior };
    }
    if tok.flags & !(flag::PARTICLE | flag::PHONETIC) != 0 {
        return if tok.has(flag::CITY) && !tok.has(flag::STRICT) { Worth::Ambiguous } else { Worth::None };
    }
    let titled = style == Style::Mixed && tok.case == Case::Title && tok.len() >= 3;
    if tok.flags != 0 || !titled && tok.shape == Shape::Shorthand {
        return Worth::None;
    }
    if tok.shape == Shape::Name {
        return Worth::Prior;
    }
    if tok.shape == Shape::Word
        && !(titled && at > 0 && !matches!(board.sign(at.wrapping_sub(1)), b'.' | b'!' | b'?'))
    {
        return Worth::None;
    }
    if style == Style::Mixed && tok.case == Case::Upper { Worth::Ambiguous } else { Worth::Unknown }
}

/// Whether what follows a name may follow it: the end, a sign, a verb, a label, a description, a preposition. An
/// ordinary noun may not: BLACK is no name in BLACK HOODIE.
pub(super) fn closes(board: &Board<'_>, at: usize) -> bool {
    if board.starts_line(at) {
        return true;
    }
    match board.kind(at) {
        Some(Kind::Sign) => !matches!(board.sign(at), b'&' | b'+'),
        None | Some(Kind::Placeholder | Kind::Num) => true,
        Some(Kind::Word) => {
            !board.is_free(at)
                || board.has(
                    at,
                    flag::VERB
                        | flag::SEX
                        | flag::C_PHONE
                        | flag::C_DOB
                        | flag::C_LICENSE
                        | flag::C_SSN
                        | flag::C_AGE
                        | flag::LOCCUE
                        | flag::TOPERSON
                        | flag::ROLE
                        | flag::KIN
                        | flag::NAMECUE
                        | flag::GENERATION
                        | flag::RANK
                        | flag::DET,
                )
                || board.is_one_of(
                    at,
                    words!(
                        "AND",
                        "WHO",
                        "BUT",
                        "SO",
                        "THEN",
                        "AT",
                        "ON",
                        "IN",
                        "NOT",
                        "HX",
                        "WHEN",
                        "AFTER",
                        "BEFORE",
                        "THAT",
                        "NO",
                        "NEG",
                        "AS",
                        "LSW",
                        "ANON",
                        "ALSO",
                        "IF",
                        "SINCE",
                        "UNTIL",
                        "OR",
                        "REF",
                        "RE",
                        "REGARDING",
                        "VS",
                        "ETA",
                        "FROM",
                        "WITH",
                        "IS",
                        "HAS",
                        "HE",
                        "SHE",
                        "THEY",
                        "WHOSE",
                        "NEXT",
                        "X"
                    ),
                )
        }
    }
}

/// Whether the clause ends, or goes on as only after a person: a sign, a label, AND.
pub(crate) fn ends(board: &Board<'_>, at: usize) -> bool {
    board.starts_line(at)
        || matches!(board.sign(at), b'.' | b',' | b';' | b':' | b')' | b'(' | b'|' | b'"')
        || matches!(board.kind(at), Some(Kind::Num | Kind::Placeholder))
        || board.has(at, flag::C_DOB | flag::C_LICENSE | flag::C_PHONE | flag::NAMECUE)
            && !board.has(at, flag::VERB)
        || board.is_one_of(
            at,
            words!(
                "AND", "SAYS", "STATES", "STATED", "ADV", "STS", "ADVISED", "IS", "WAS", "IN", "AT", "ON",
                "FROM", "WHO", "WITH", "LIVES"
            ),
        )
}

/// Whether what follows turns the words before it into the name of a street, a business or a vehicle.
pub(super) fn is_suppressed_after(board: &Board<'_>, last: usize) -> bool {
    let mut at = last + 1;
    if board.sign(at) == b'\'' && board.is_glued(at) {
        at += 1;
    }
    let possessive = board.text(last).len() > 3 && board.text(last)[board.text(last).len() - 2] == b'\'';
    if possessive && (board.starts_line(at) || board.sign(at) == b'.') {
        return true;
    }
    if board.starts_line(at) {
        return false;
    }
    if board.sign(at) == b'&' {
        return board.is_word(at + 1)
            && (board.has(at + 1, flag::TRADE)
                || board.is_word(at + 2) && board.has(at + 2, flag::TRADE | flag::BIZ)
                || board.has(at + 2, flag::TRADE));
    }
    let venue = board.has(at, flag::BIZ | flag::TRADE)
        && !board.has(at, flag::ROLE | flag::C_PHONE | flag::SEX | flag::DIR)
        && !board.is_one_of(
            at,
            words!(
                "GROUP", "HALL", "POST", "BAR", "LAW", "FUEL", "FEED", "GAS", "FIELD", "CLUB", "SHOT",
                "SERVICE", "SECURITY", "HEATING", "HOME", "HOMES", "TOYS", "BOOKS", "BODY", "REC", "RV",
                "TAP", "PUB", "COLLEGE"
            ),
        )
        || board.is_one_of(at, words!("TAP", "PUB", "COLLEGE", "HALL", "HOMES"))
            && !board.is_one_of(last, words!("A"));
    let street = (board.has(at, flag::STREET)
        && !board.is_one_of(
            at,
            words!(
                "BLV", "DR", "CT", "PT", "STA", "EXT", "COR", "ST", "RUN", "REST", "LOOP", "PASS", "WALK",
                "WAY"
            ),
        ))
        || board.is_one_of(at, words!("ST", "DR", "CT", "WAY")) && !super::street::is_prefix(board, at);
    let vehicle = board.has(at, flag::VEH) && board.has(last, flag::VEH);
    // GWENDOLYN PARISH MEETING: a given name alone is no venue's where the surname acts.
    let surname = board.has(at, flag::SUR | flag::NAMEABLE)
        && board.has(last, flag::GIVEN)
        && !board.has(last, flag::SUR | flag::ORD | flag::CITY)
        && (board.has(at + 1, flag::VERB) || ends(board, at + 1))
        && !board.starts_line(at);
    venue && !surname || street || vehicle
}

/// Whether a place is expected at `at`: after IN, AT, NEAR, or after THE.
pub(super) fn after_place_word(board: &Board<'_>, at: usize) -> bool {
    at > 0
        && !board.starts_line(at)
        && (board.is_one_of(
            at.wrapping_sub(1),
            words!(
                "IN", "AT", "NEAR", "ON", "INTO", "OFF", "NR", "TOWARD", "TOWARDS", "TWRD", "TWD", "BEHIND",
                "THRU", "TO", "AND"
            ),
        ) && !board.is_one_of(at.wrapping_sub(1), words!("TO", "AND"))
            || board.is_one_of(at.wrapping_sub(1), words!("OF"))
                && (board.has(at.wrapping_sub(2), flag::DIR)
                    || board.is_claimed(at.wrapping_sub(2), SpanType::Address)
                    || board.is_one_of(at.wrapping_sub(2), words!("LADY")))
            || board.has(at.wrapping_sub(1), flag::DET)
                && !board.is_one_of(at.wrapping_sub(1), words!("HIS", "HER", "THEIR", "MY", "OUR", "THAT"))
            || board.has(at.wrapping_sub(1), flag::DIR) && board.text(at.wrapping_sub(1)).len() <= 2)
}

pub(super) fn spaced(board: &Board<'_>, at: usize) -> bool {
    board.tok(at).is_some_and(|tok| tok.gap == Gap::Space)
}

/// A single capital, as an initial, with its full stop: its last token.
pub(super) fn initial_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let letter = board.is_word(at) && board.text(at).len() == 1 && board.is_free(at) && spaced(board, at);
    if !letter || board.sign(at + 1) == b'/' {
        return None;
    }
    Some(if board.sign(at + 1) == b'.' && board.is_glued(at + 1) { at + 1 } else { at })
}

/// Whether no list of ours has the word, although a dictionary has or it looks like a slip.
pub(super) fn is_rare_word(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at)
        && board.is_free(at)
        && board.flags(at) & !(flag::DICT | flag::SLIP) == 0
        && board.text(at).len() >= 2
}

pub(super) fn lower(board: &Board<'_>, at: usize, style: Style) -> bool {
    style == Style::Mixed && board.tok(at).is_some_and(|tok| tok.case == Case::Lower)
}

/// Whether the token right before is a name already.
pub(super) fn after_name(board: &Board<'_>, at: usize) -> bool {
    at > 0 && board.is_claimed(at.wrapping_sub(1), SpanType::Name) && spaced(board, at)
}
