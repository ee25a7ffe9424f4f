//! What stands around a name: what only a person does or has, what is served on a person, and what is only called after
//! one.

use super::name::CUES;
use super::name_rules::{Style, Worth, initial_end, is_rare_word, lower, worth};
use crate::board::Board;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::SpanType;
use crate::token::{Case, Gap};

pub(super) fn is_title_case(board: &Board<'_>, at: usize, style: Style) -> bool {
    style == Style::Mixed && board.tok(at).is_some_and(|tok| tok.case == Case::Title)
}

/// What follows only people: a telephone, a birth date, an age, a verb of speech.
pub(super) fn strong_close(board: &Board<'_>, at: usize) -> bool {
    let next = if matches!(board.sign(at), b',' | b'(') { at + 1 } else { at };
    if board.starts_line(at) {
        return false;
    }
    let address = next > at && board.is_claimed(next, SpanType::Address);
    // ARJAN (3), MCCLANAHAN 11 MAY 1990.
    let age = board.sign(at) == b'(' && (1..=2).contains(&board.digits(at + 1)) && board.sign(at + 2) == b')';
    // FAITH IRONWOOD 34. RV DRVR: no call sign, no count.
    let years = board.digits(at) == 2
        && !board.is_glued(at)
        && (matches!(board.sign(at + 1), b'.' | b',') && !board.is_glued(at + 2)
            || board.starts_line(at + 1))
        && !board
            .has(at.wrapping_sub(1), flag::PHONETIC | flag::APPARATUS | flag::CITY | flag::MONTH | flag::VEH);
    years
        || age
        || super::date::birth_year(board, next)
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

/// What only people do.
pub(super) const PERSONAL: Words = *words!(
    "CALLED", "CALLS", "SAYS", "SAID", "STATES", "STATED", "STS", "ADV", "ADVS", "ADVISED", "TOLD", "TELLS",
    "REFUSED", "REFUSES", "DENIED", "DENIES", "WANTS", "WANTED", "ASKED", "ASKS", "CLAIMS", "CLAIMED",
    "DROVE", "WALKED", "THINKS", "ADMITTED"
);

/// The `ON` of what is served, done or wanted on somebody.
pub(super) fn on_person(board: &Board<'_>, at: usize) -> bool {
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
                    "PARTE"
                ),
            )
}

/// `X VS Y`: both are parties of a matter.
pub(super) fn versus(board: &Board<'_>, first: usize, last: usize) -> bool {
    let party = words!("VS", "V", "VERSUS");
    (board.is_one_of(last + 1, party) && board.is_word(last + 2)
        || board.is_one_of(first.wrapping_sub(1), party))
        && !board.is_glued(first)
}

/// `HE IS WASHINGTON.`, `SHE IS HODAN, 29`: a pronoun is somebody.
pub(super) fn is_person(board: &Board<'_>, first: usize, last: usize) -> bool {
    board.is_one_of(first.wrapping_sub(1), words!("IS", "WAS"))
        && board.is_one_of(
            first.wrapping_sub(2),
            words!("HE", "SHE", "WHO", "SHOOTER", "SUSP", "DRIVER", "CONTACT"),
        )
        && (board.starts_line(last + 1)
            || matches!(board.sign(last + 1), b'.' | b',' | b';')
            || board.is_one_of(last + 1, words!("AND", "BUT")))
}

/// Two words that are a thing, although the first is a name.
pub(super) const PHRASES: [[Words; 2]; 19] = [
    [*words!("PEEPING"), *words!("TOM")],
    [*words!("SALLY"), *words!("PORT")],
    [*words!("JON"), *words!("BOAT")],
    [*words!("JACK"), *words!("RUSSELL")],
    [*words!("JACK"), *words!("DANIELS")],
    [*words!("JACK"), *words!("KNIFE")],
    [*words!("JACK"), *words!("HAMMER")],
    [*words!("JACK"), *words!("STAND")],
    [*words!("JOHN"), *words!("DEERE")],
    [*words!("JOHN"), *words!("DOE")],
    [*words!("JANE"), *words!("DOE")],
    [*words!("JIMMY"), *words!("JOHNS")],
    [*words!("TOMMY"), *words!("HILFIGER")],
    [*words!("MICHAEL"), *words!("KORS")],
    [*words!("CALVIN"), *words!("KLEIN")],
    [*words!("RALPH"), *words!("LAUREN")],
    [*words!("LOUIS"), *words!("VUITTON")],
    [*words!("HARLEY"), *words!("DAVIDSON")],
    [*words!("AMBER"), *words!("ALERT")],
];

/// Their first words.
const PHRASE_STARTS: Words = *words!(
    "SALLY", "JON", "JACK", "JOHN", "JANE", "JIMMY", "TOMMY", "MICHAEL", "CALVIN", "RALPH", "LOUIS",
    "HARLEY", "AMBER", "PEEPING"
);

/// `ST. JOSEPH`, `FT WAYNE`, `CHARLIE SIDE`: a place that is called after somebody.
pub(super) fn named_after(board: &Board<'_>, at: usize) -> bool {
    let dotted = usize::from(board.sign(at.wrapping_sub(1)) == b'.');
    let before = at.wrapping_sub(1 + dotted);
    let sector = board.has(at, flag::PHONETIC)
        && board.is_one_of(
            before,
            words!(
                "SECTOR", "SCTR", "TAC", "BEAT", "ZONE", "CHANNEL", "DISTRICT", "AREA", "WATCH", "SHIFT",
                "CODE", "SIDE"
            ),
        );
    // In `JORDAN ST. TREVON` the street ends a sentence.
    let street = dotted == 1
        && board.is_word(before.wrapping_sub(1))
        && !board.has(before.wrapping_sub(1), flag::FUNC | flag::LOCCUE);
    let named = board
        .is_one_of(before, words!("ST", "SAINT", "FT", "FORT", "MT", "LAKE", "PORT", "CAMP", "SAN", "SANTA"))
        && !street;
    let saint =
        sector || named && !board.starts_line(at) && !board.has(before.wrapping_sub(1), CUES | flag::RANK);
    let phrase = board.is_one_of(at, &PHRASE_STARTS)
        && PHRASES.iter().any(|pair| board.is_one_of(at, &pair[0]) && board.is_one_of(at + 1, &pair[1]));
    let side = phrase
        || board.has(at, flag::PHONETIC)
            && board.is_one_of(
                at + 1,
                words!(
                    "CHANNEL", "SIDE", "SECTOR", "ZONE", "CORNER", "DIVISION", "EXPOSURE", "SHIFT",
                    "COMPANY", "LEVEL", "UNIT"
                ),
            );
    saint || side
}

pub(super) fn starts_sentence(board: &Board<'_>, at: usize) -> bool {
    board.starts_line(at)
        || matches!(board.sign(at.wrapping_sub(1)), b'.' | b'!' | b'?' | b'"')
            && initial_end(board, at.wrapping_sub(2)).is_none()
}

/// Whether the word before a surname is its given name: one that is a word as well, or that only a dictionary has.
pub(super) fn given_before(board: &Board<'_>, at: usize, style: Style) -> bool {
    let before = at.wrapping_sub(1);
    let grammar =
        flag::STRICT | flag::FUNC | flag::VERB | flag::STATE | flag::BIZ | flag::VEH | flag::MONTH | CUES;
    let plain = board.is_word(before)
        && board.is_free(before)
        && !board.starts_line(at)
        && board.tok(at).is_some_and(|tok| tok.gap == Gap::Space)
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
pub(super) fn particles_before(board: &Board<'_>, at: usize) -> usize {
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
        && board.tok(first).is_some_and(|tok| tok.gap == Gap::Space)
    {
        first -= 1;
    }
    // VAN DER MEER.
    let van =
        first < at && first > 0 && board.is_one_of(first - 1, words!("VAN")) && board.is_free(first - 1);
    if van && !board.starts_line(first) { first - 1 } else { first }
}
