//! Addresses: house numbers with their street, units, rural and highway forms, post boxes, blocks and crossings.
//!
//! A street without a number names no household. It is left in the text (unless the agency wants it masked), and marked
//! so that the name detector does not take MARTIN LUTHER KING BLVD for a person.

use super::age::MEASURES;
use super::name_rules::{Style, Worth, closes, worth};
use super::numeral::{is_numeral, numeral_end};
use super::street::{self, Street};
use super::unit;
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::House, Class::Address, Class::Grid]);
    while at < board.len() {
        if board.is_free(at) {
            if board.is_num(at) {
                house(board, at);
            } else if board.is_word(at) {
                word(board, at);
            } else if matches!(board.sign(at), b'/' | b'&' | b'@' | b'\\') {
                crossing(board, at);
            } else if board.sign(at) == b'#' {
                bare_number(board, at);
            }
        }
        at = board.seek(at + 1, [Class::House, Class::Address, Class::Grid]);
    }
    if board.seen & (flag::STREET | flag::STREETISH) != 0 {
        named_streets(board);
    }
}

fn word(board: &mut Board<'_>, at: usize) {
    if board.is_glued(at + 1) && board.is_num(at + 1) {
        grid_house(board, at);
    } else if post_box(board, at) || mile(board, at) {
    } else if board.is_one_of(at, words!("X", "CROSS", "XST", "CS")) {
        cross_street(board, at);
    } else if board.is_one_of(at, words!("AND", "AT")) {
        crossing(board, at);
    } else if board.is_one_of(at, &LONE_UNITS)
        || board.is_one_of(at, words!("UNIT"))
            && board.is_one_of(at.wrapping_sub(1), words!("IN", "INSIDE", "AT", "OF", "FROM", "INTO"))
    {
        lone_unit(board, at);
    } else if board.is_one_of(at, words!("HALL", "DORM")) {
        hall_room(board, at);
    } else if is_numeral(board, at) && !board.starts_line(at + 1) {
        spelled_house(board, at);
    }
}

/// `APT 3B`, `ROOM 14 BED B`, `LOT 14 SHADY ACRES COURT`: a unit without the street's number before it.
fn lone_unit(board: &mut Board<'_>, at: usize) {
    // bldg 1215 VINE MAPLE WAY: the number is the house's.
    let number = street::dot(board, at + 1);
    if board.digits(number) >= 3
        && street::parse(board, number + 1).is_some_and(|found| found.kind == Street::Typed && found.distinct)
    {
        return;
    }
    let Some(last) = unit::one_unit_end(board, at) else { return };
    let numbered = (at..=last).any(|i| board.is_num(i) || board.has(i, flag::NUMBER));
    let counted = board.is_one_of(at, words!("RM", "ROOM", "LOT", "SPC"));
    let short = counted && !board.is_one_of(at, words!("LOT", "SPC")) && board.digits(last) == 1;
    if short
        || counted && board.sign(at + 1) == b'.'
        || !(numbered || last == at + 1 && board.text(last).len() == 1 && !counted)
        || counted && board.starts_line(last)
    {
        return;
    }
    // PARKING LOT 2 MALES, WAITING ROOM 15 PEOPLE: a count follows.
    let people = flag::PERSON | flag::ROLE | flag::KIN | flag::SEX | flag::VEH;
    let count = !board.starts_line(last + 1)
        && (board.has(last + 1, people) || board.is_one_of(last + 1, &MEASURES))
        || board
            .is_one_of(at.wrapping_sub(1), words!("PARKING", "WAITING", "EMERGENCY", "ENGINE", "STORAGE"));
    if counted && count {
        return;
    }
    let mut last = unit::units_end(board, last);
    let grounds = board.is_one_of(at, words!("LOT", "SPC", "TRLR"));
    if grounds && let Some(found) = street::parse(board, last + 1).filter(|found| found.kind == Street::Typed)
    {
        last = found.last;
    }
    board.claim(at, last, SpanType::Address, RuleId::AddressUnit, 0.85);
}

/// `PRATHER HALL 212`: a room where students live.
fn hall_room(board: &mut Board<'_>, at: usize) {
    let room = at + 1;
    let last = board.cluster_end(room);
    let number = (3..=4).contains(&board.digits(room))
        && board.is_free(room)
        && !board.is_glued(room)
        && !board.starts_line(room)
        && (last == room || last == room + 1 && board.text(last).len() == 1)
        && !(board.is_glued(last + 1) && board.sign(last + 1) != b'.' && board.sign(last + 1) != b',');
    let named = |i: usize| {
        board.is_word(i)
            && board.is_free(i)
            && !board.has(i, flag::FUNC | flag::VERB | flag::LOCCUE | flag::TOPERSON | flag::DET)
    };
    if !number || !named(at.wrapping_sub(1)) {
        return;
    }
    let more = named(at.wrapping_sub(2)) && !board.starts_line(at.wrapping_sub(1));
    let first = at.wrapping_sub(1 + usize::from(more));
    board.claim(first, last, SpanType::Address, RuleId::AddressUnit, 0.8);
}

/// The end of a house number that starts with digits: `731 1/2`, `83-19`, `123A`, `9208-9214`.
fn house_number_end(board: &Board<'_>, at: usize) -> Option<usize> {
    if !(1..=6).contains(&board.digits(at)) {
        return None;
    }
    let mut last = at;
    if board.sign(at + 1) == b'-'
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && (1..=5).contains(&board.digits(at + 2))
        && board.is_num(at + 2)
    {
        last = at + 2;
    } else if board.is_glued(at + 1) && board.is_word(at + 1) {
        // An ordinal is no house number, a letter behind it may be.
        if board.text(at + 1).len() != 1 || board.is_glued(at + 2) && board.is_num(at + 2) {
            return None;
        }
        last = at + 1;
    } else if board.sign(at + 1) == b'/'
        && (at + 1..at + 3).all(|i| board.is_glued(i))
        && board.digits(at) >= 3
        && board.digits(at + 2) == board.digits(at)
    {
        // 4412/4414 KENSINGTON ST
        last = at + 2;
    } else if board.is_glued(at + 1)
        && matches!(board.sign(at + 1), b'/' | b':' | b'.' | b'%')
        && board.is_glued(at + 2)
    {
        return None;
    }
    let half = board.is_num(last + 1)
        && board.sign(last + 2) == b'/'
        && board.digits(last + 3) == 1
        && board.is_num(last + 3);
    if half {
        last += 3;
    } else if board.sign(last + 1) == b'~' {
        last += 1;
    }
    Some(last)
}

fn house(board: &mut Board<'_>, at: usize) {
    if board.is_glued(at)
        && !matches!(
            board.sign(at.wrapping_sub(1)),
            b'(' | b':' | b'"' | b'\'' | b',' | b';' | b'.' | b'-' | b'='
        )
        && !(board.sign(at.wrapping_sub(1)) == b'/' && board.has(at.wrapping_sub(2), flag::LOCCUE))
    {
        return;
    }
    if matches!(board.sign(at.wrapping_sub(1)), b'.' | b'-')
        && board.is_glued(at)
        && board.is_num(at.wrapping_sub(2))
    {
        return;
    }
    let Some(number) = house_number_end(board, at) else { return };
    let mut next = number + 1;
    if board.sign(next) == b'#' {
        next += 1;
    }
    if at > 0
        && board.has(at.wrapping_sub(1), flag::VEH)
        && !board.starts_line(at)
        && !board.has(at.wrapping_sub(1), flag::LOCCUE)
    {
        return;
    }
    if board.has(next, flag::BLOCK) && (board.digits(at) >= 3 || board.is_one_of(next + 1, words!("OF"))) {
        block(board, at, next);
        return;
    }
    finish_house(board, at, next, board.digits(at));
}

/// Claims the address whose number stands at `first` if a street starts at `next`.
fn finish_house(board: &mut Board<'_>, first: usize, next: usize, digits: usize) -> bool {
    let cued = board.cue_before(first, flag::LOCCUE, 3);
    let Some(found) = street::parse(board, next) else { return false };
    let trusted = digits >= 3 || cued || found.unit;
    let (rule, confidence, ok) = match found.kind {
        Street::Typed if found.distinct => (RuleId::AddressStreet, 0.97, true),
        // 9 OYSTER SHELL LN: one digit, everyday words, and a type that is nothing else.
        Street::Typed => {
            let lane = (next + 1..next + 3).any(|i| board.is_one_of(i, &PURE_TYPES));
            (RuleId::AddressStreet, 0.9, !found.weak && digits >= 2 || trusted || lane)
        }
        Street::Road => (RuleId::AddressRoad, 0.95, digits >= 2 || cued),
        Street::Grid => (RuleId::AddressGrid, 0.96, true),
        Street::Ordinal => (RuleId::AddressStreet, 0.93, digits >= 2),
        Street::Directed => (RuleId::AddressBare, 0.88, digits >= 3 || cued || found.unit),
        Street::Bare => {
            let unlisted = board.is_word(next) && !board.has(next, flag::ORD | flag::STRICT);
            let place = board.is_one_of(first.wrapping_sub(1), words!("ON", "AT", "TO", "FROM"));
            // 19 PINNACLE. stands alone: the street's type is left out among neighbours.
            let apart = (board.starts_line(first)
                || matches!(board.sign(first.wrapping_sub(1)), b',' | b'.' | b':'))
                && !board.is_glued(first);
            let plural = board.text(next).last().is_some_and(|byte| byte.eq_ignore_ascii_case(&b's'));
            let alone = apart
                && (unlisted
                    || digits >= 3 && !board.has(next, flag::STRICT | flag::VERB | flag::FUNC | flag::BIZ))
                && !plural
                && digits >= 2
                && (board.starts_line(found.last + 1) || board.sign(found.last + 1) == b'.')
                && board.text(next).len() >= 5;
            let told =
                alone || place && unlisted && digits >= 2 && found.last == next && closes(board, next + 1);
            (
                RuleId::AddressBare,
                0.75,
                found.unit || told || (cued && digits >= 3 && address_cue(board, first)),
            )
        }
    };
    ok && board.claim(first, found.last, SpanType::Address, rule, confidence)
}

/// A strong cue for an address right before: AT, LOC, ADDR, LIVES AT.
fn address_cue(board: &Board<'_>, at: usize) -> bool {
    at > 0 && {
        let before = if matches!(board.sign(at.wrapping_sub(1)), b':' | b'#' | b'-' | b'.') {
            at.saturating_sub(2)
        } else {
            at.wrapping_sub(1)
        };
        board.has(before, flag::LOCCUE)
            && !board.is_one_of(before, words!("TO", "OFF", "FROM", "BY", "ON", "IN"))
    }
}

/// `N58W23110 HICKORY RIDGE RD`, `W4417 STATE RD 29`: the grid numbers of Wisconsin.
fn grid_house(board: &mut Board<'_>, at: usize) {
    let last = board.cluster_end(at);
    let long = (at..=last).any(|i| board.digits(i) >= 4);
    let mut expected = true;
    for i in at..=last {
        let fits = if expected { board.is_one_of(i, words!("N", "S", "E", "W")) } else { board.is_num(i) };
        if !fits {
            return;
        }
        expected = !expected;
    }
    if expected && (long || last > at + 1) {
        let _ = finish_house(board, at, last + 1, 5);
    }
}

/// `One Busch Place`.
fn spelled_house(board: &mut Board<'_>, at: usize) {
    // NINETEEN OH SIX NORTH HUMBOLDT
    let last = numeral_end(board, at).unwrap_or(at);
    if last > at
        && !is_numeral(board, at.wrapping_sub(1))
        && let Some(found) = street::parse(board, last + 1)
        && (matches!(found.kind, Street::Typed | Street::Directed | Street::Ordinal)
            || board.is_one_of(at.wrapping_sub(1), words!("AT", "ON", "ADDRESS")))
    {
        board.claim(at, found.last, SpanType::Address, RuleId::AddressStreet, 0.8);
        return;
    }
    let Some(found) = street::parse(board, at + 1) else { return };
    if found.kind == Street::Typed && found.distinct && !found.weak {
        board.claim(at, found.last, SpanType::Address, RuleId::AddressStreet, 0.8);
    }
}

/// `900 BLK S BRIDGE ST`, `4400 BLOCK OF W ROSE`.
fn block(board: &mut Board<'_>, at: usize, block: usize) {
    let mut next = block + 1;
    while board.is_one_of(next, words!("OF", "ON")) || board.sign(next) == b'.' {
        next += 1;
    }
    let found = street::parse(board, next).map(|found| found.last).or_else(|| street::loose_end(board, next));
    // 2015 BLK CHEVY, 115 BLK HAIR: a year or a weight, and black.
    let black = board.is_one_of(block, words!("BLK"))
        && (board.has(next, flag::VEH)
            || found.is_none() && board.number(at).is_none_or(|number| number % 100 != 0));
    if !black {
        board.claim(at, found.unwrap_or(block), SpanType::Address, RuleId::AddressBlock, 0.85);
    }
}

/// `RR 2 BOX 118`, `PO BOX 12`, `P.O. Box 88`, `HC 1 BOX 4`.
fn post_box(board: &mut Board<'_>, at: usize) -> bool {
    let mut i = at;
    let initials = board.is_one_of(at, words!("P")) || board.is_one_of(at, words!("PO", "POB"));
    let rural =
        board.is_one_of(at, words!("RR", "RD", "HC", "RFD", "RT", "RTE", "ROUTE", "HCR", "PSC", "RURAL"));
    if !initials && !rural {
        return false;
    }
    let mut steps = 0;
    while !board.is_one_of(i, words!("BOX")) {
        i += 1;
        steps += 1;
        let part = matches!(board.sign(i), b'.' | b'#' | b',')
            || board.is_one_of(i, words!("O", "ROUTE", "BOX"))
            || board.is_num(i) && rural;
        if steps > 5 || !part || board.starts_line(i) {
            return initials
                && board.is_one_of(at, words!("POB"))
                && board.is_num(at + 1)
                && board.claim(at, at + 1, SpanType::Address, RuleId::AddressBox, 0.9);
        }
    }
    while matches!(board.sign(i + 1), b'#' | b'.') {
        i += 1;
    }
    if !board.is_num(i + 1) {
        return false;
    }
    let last = street::tail(board, board.cluster_end(i + 1));
    board.claim(at, last, SpanType::Address, RuleId::AddressBox, 0.97)
}

/// `MM 241`, `MILEPOST 212 ON STATE HWY 89`.
fn mile(board: &mut Board<'_>, at: usize) -> bool {
    let label = board.is_one_of(at, words!("MM", "MP", "MILEPOST", "MILEMARKER"))
        || board.is_one_of(at, words!("MILE")) && board.is_one_of(at + 1, words!("MARKER", "POST", "MARK"));
    if !label {
        return false;
    }
    let mut i = if board.is_one_of(at, words!("MILE")) { at + 2 } else { at + 1 };
    while board.sign(i) == b'#' {
        i += 1;
    }
    if !board.is_num(i) || !board.is_free(i) {
        return false;
    }
    let mut last = i;
    if board.sign(i + 1) == b'.' && board.is_glued(i + 2) && board.is_num(i + 2) {
        last = i + 2;
    }
    if board.is_one_of(last + 1, words!("ON", "OF"))
        && let Some(found) = street::parse(board, last + 2).filter(|found| found.kind == Street::Road)
    {
        last = found.last;
    }
    board.claim(at, last, SpanType::Address, RuleId::AddressMile, 0.8)
}

/// `X-ST N 27TH ST`, `CROSS STREET MAIN`.
fn cross_street(board: &mut Board<'_>, at: usize) {
    let mut next = at + 1;
    while matches!(board.sign(next), b'-' | b'/' | b':' | b'.') {
        next += 1;
    }
    if board.is_one_of(next, words!("ST", "STREET", "STS", "STREETS")) {
        next += 1;
    } else if !board.is_one_of(at, words!("XST")) {
        return;
    }
    while matches!(board.sign(next), b':' | b'-' | b'.') || board.is_one_of(next, words!("IS", "OF")) {
        next += 1;
    }
    if let Some(last) =
        street::parse(board, next).map(|found| found.last).or_else(|| street::loose_end(board, next))
    {
        board.claim(next, last, SpanType::Address, RuleId::AddressCrossing, 0.8);
    }
}

/// `PIERCE / LINCOLN`, `BEAUMONT AVE & 12TH ST`, `ROBERT ST AND CALHOUN`.
fn crossing(board: &mut Board<'_>, sep: usize) {
    if sep == 0
        || board.is_glued(sep)
            && board.is_glued(sep + 1)
            && board.sign(sep) == b'/'
            && board.text(sep.wrapping_sub(1)).len() < 3
    {
        return;
    }
    let Some((first, left)) = street::before(board, sep) else { return };
    let Some((last, right)) = street::after(board, sep + 1) else { return };
    let word = board.is_word(sep);
    let cued = board.cue_before(first, flag::LOCCUE, 2);
    let spaced = board.sign(sep) == b'/' && !board.is_glued(sep) && !board.is_glued(sep + 1);
    let tight = board.sign(sep) == b'/' && board.is_glued(sep) && board.is_glued(sep + 1);
    if tight && left + right <= 2 && !address_cue(board, first) {
        return;
    }
    let enough = if word {
        left + right >= 4 && left >= 1 && right >= 1 || left >= 2 && right >= 2
    } else {
        left + right >= 3 || cued || spaced
    };
    let at_word = board.is_one_of(sep, words!("AT"));
    if enough && !(at_word && (left < 2 || right < 2)) {
        let _ = board.claim(first, last, SpanType::Address, RuleId::AddressCrossing, 0.8);
    }
}

/// `STAYING INSIDE #614`, `STILL IN #C-11`.
fn bare_number(board: &mut Board<'_>, hash: usize) {
    let inside = hash > 0
        && board.is_one_of(
            hash.wrapping_sub(1),
            words!("IN", "INSIDE", "AT", "TO", "FROM", "OF", "ADDRESS", "UNIT", "APT", "RM"),
        );
    if !inside || !board.is_glued(hash + 1) {
        return;
    }
    if let Some(code) = super::code::code_at(board, hash + 1) {
        let at = board.is_one_of(hash.wrapping_sub(1), words!("AT", "TO", "OF", "FROM"));
        if code.digits > 0 && (2..=5).contains(&code.len()) && (!at || code.digits >= 3 || code.letters > 0) {
            board.claim(hash + 1, code.last, SpanType::Address, RuleId::AddressUnit, 0.8);
        }
    }
}

/// Parts of a building or ground that are told without their street.
pub(crate) const LONE_UNITS: Words =
    *words!("APT", "APARTMENT", "APTS", "TRLR", "BLDG", "STE", "SUITE", "RM", "ROOM", "LOT", "SPC");

/// Street types that are hardly anything else; PT, CT or EST behind a name are a patient, a court and a time.
/// Street types that are no other word.
const PURE_TYPES: Words = *words!("LN", "CIR", "AVE", "BLVD", "PKWY", "TRL", "TER", "HWY", "RD");

pub(crate) const PLAIN_TYPES: Words = *words!(
    "AVE",
    "AV",
    "AVENUE",
    "BLVD",
    "BOULEVARD",
    "RD",
    "ROAD",
    "ST",
    "STREET",
    "LN",
    "LANE",
    "DR",
    "DRIVE",
    "CT",
    "CIR",
    "CIRCLE",
    "PKWY",
    "PARKWAY",
    "HWY",
    "HIGHWAY",
    "TER",
    "TERRACE",
    "PL",
    "EXPY",
    "FWY",
    "TPKE"
);

/// Marks streets without a number as harmless, or masks them where the agency wants that.
fn named_streets(board: &mut Board<'_>) {
    let mut next = board.seek(1, [Class::Street]);
    while next < board.len() {
        let at = next;
        next = board.seek(at + 1, [Class::Street]);
        let typed = board.is_one_of(at, &PLAIN_TYPES) && board.is_free(at) && !street::is_prefix(board, at);
        if !typed {
            continue;
        }
        let first = street::name_start(board, at);
        if first == at {
            continue;
        }
        // EVERETT LANE TEXTED: a given name begins the clause, and the street acts.
        let person = first + 1 == at
            && board.has(first, flag::GIVEN)
            && !board.has(first, flag::ORD)
            && board.has(at, flag::SUR)
            && (board.starts_line(first) || board.sign(first.wrapping_sub(1)) == b'.')
            && board.has(at + 1, flag::VERB)
            && !board.has(at + 1, flag::FUNC | flag::LOCCUE)
            // DRIVER CODY LANE SMITHERMAN
            || first + 1 == at
                && board.has(first, flag::GIVEN)
                && board.has(at, flag::SUR)
                && board.has(first.wrapping_sub(1), flag::ROLE | flag::PERSON | flag::KIN)
                && worth(board, at + 1, Style::Flat) >= Worth::Unknown
                && !board.starts_line(at + 1);
        if person {
            continue;
        }
        if board.street_names {
            let last = if board.has(at + 1, flag::DIR) && board.is_free(at + 1) { at + 1 } else { at };
            board.claim(first, last, SpanType::Address, RuleId::AddressNamed, 0.7);
        } else {
            board.neutral(first, at);
        }
    }
}
