//! A record that is an address and nothing else, such as a location field: it is masked whole, town and all.

use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

/// Longer texts are notes.
const TOKENS_MAX: usize = 45;
/// Classes whose words belong in an address.
const PARTS: u64 = flag::STREET
    | flag::STREETISH
    | flag::STREETPRE
    | flag::UNITD
    | flag::DIR
    | flag::STATE
    | flag::STATENAME
    | flag::CITY
    | flag::ROAD
    | flag::GIVEN
    | flag::SUR
    | flag::NUMBER
    | flag::NAMEABLE
    | flag::BIZ
    | flag::TRADE;
/// Classes whose words make it prose.
const PROSE: u64 =
    flag::VERB | flag::ROLE | flag::KIN | flag::NAMECUE | flag::C_DOB | flag::C_SSN | flag::C_PHONE;

pub(super) fn run(board: &mut Board<'_>) {
    let count = board.len();
    if !(2..=TOKENS_MAX).contains(&count) || board.seek(0, [Class::Masked]) < count {
        return;
    }
    if is_prose(board) {
        return;
    }
    let Some((foreign, prose, words)) = words(board) else { return };
    let pieces = evidence(board);
    // What is short and starts with a number is an address if none of its words is everyday prose.
    let bare = board.is_num(0)
        && board.digits(0) >= 2
        && (1..=4).contains(&words)
        && foreign == 0
        && prose == 0
        && count <= 9;
    let plain = prose <= pieces.saturating_sub(2)
        && (pieces >= 2 && foreign * 2 <= words || pieces >= 3 && foreign * 3 <= words * 2);
    if plain || pieces >= 1 && bare {
        board.claim(0, count.wrapping_sub(1), SpanType::Address, RuleId::AddressLine, 0.85);
    }
}

/// Everyday words that stand in many addresses.
const COMMON: Words = *words!(
    "MAIN",
    "NEW",
    "OLD",
    "CITY",
    "FORT",
    "GREAT",
    "LITTLE",
    "LONG",
    "BEACH",
    "FALLS",
    "BLUE",
    "RED",
    "BOX",
    "BX",
    "DEPARTMENT",
    "DEPT",
    "FILE",
    "LOCK",
    "LOCKBOX",
    "ATTN",
    "UNITED",
    "STATES",
    "THE",
    "OF",
    "AND",
    "AT",
    "NO",
    "PO",
    "FIRST",
    "SECOND",
    "THIRD",
    "CORNER",
    "TH",
    "BUSINESS"
);

/// Whether one word alone says that the text is no address: a label, or a verb that is grammar too, such as IS.
fn is_prose(board: &Board<'_>) -> bool {
    let label = flag::C_LICENSE | flag::C_VIN | flag::C_SSN | flag::C_DOB | flag::C_PLATE;
    board.seen & label != 0
        || board.toks.iter().any(|tok| tok.has(flag::C_PHONE | flag::FUNC) & tok.has(flag::VERB))
}

/// Counts everyday words, words of prose, and all words; nothing if the text cannot be an address.
fn words(board: &Board<'_>) -> Option<(usize, usize, usize)> {
    let (mut foreign, mut prose, mut words) = (0, 0, 0);
    for at in 0..board.len() {
        if matches!(board.sign(at), b'?' | b'!' | b'*' | b'=' | b'@' | b'+' | b':') {
            return None;
        }
        if !board.is_word(at) {
            continue;
        }
        words += 1;
        if board.has(at, PARTS)
            || !board.has(at, PROSE | flag::STRICT)
            || board.text(at).len() == 1
            || board.is_one_of(at, &COMMON)
        {
            continue;
        }
        let code =
            board.is_one_of(at, words!("CODE", "ACCT", "CASE", "POLICY", "PASSCODE", "PIN", "REF", "ALARM"));
        if code || board.has(at, flag::COND) {
            return None;
        }
        prose += usize::from(board.has(at, PROSE));
        foreign += usize::from(board.has(at, flag::STRICT));
        if prose > 4 {
            return None;
        }
    }
    Some((foreign, prose, words))
}

/// House number first, street type, unit, state, postcode: each is one piece.
fn evidence(board: &Board<'_>) -> usize {
    let count = board.len();
    if !(0..count).any(|at| board.is_num(at)) {
        return 0;
    }
    let first = board.is_num(0)
        && board.digits(0) <= 7
        && (board.is_word(1) || board.is_num(1) || board.sign(1) == b'-')
        && board.text(1) != b":";
    let street = (1..count).any(|at| {
        board.has(at, flag::STREET | flag::ROAD | flag::STREETPRE)
            || board.has(at, flag::DIR) && (board.is_num(at.wrapping_sub(1)) || board.is_num(at + 1))
    });
    let postcode = (1..count).any(|at| matches!(board.digits(at), 5 | 9) && at + 3 >= count);
    let state = (1..count).any(|at| board.has(at, flag::STATE | flag::STATENAME) && at + 5 >= count);
    let unit = (1..count).any(|at| {
        board.has(at, flag::UNITD)
            && (board.is_num(at + 1)
                || board.sign(at + 1) == b'#'
                || board.is_one_of(at, words!("APT", "BLDG")))
    });
    let boxed = (0..count).any(|at| {
        board.is_one_of(at, words!("BOX", "BX"))
            && (at + 4 >= count || board.is_num(at + 1) || board.sign(at + 1) == b'#')
    });
    usize::from(first)
        + usize::from(street)
        + usize::from(postcode)
        + usize::from(state)
        + usize::from(unit)
        + 2 * usize::from(boxed)
}
