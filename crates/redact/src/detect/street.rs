//! The grammar of street names, units and the rest of an address line.

use super::code::is_state;
use super::unit::units_end;
use crate::board::Board;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::token::Case;

/// What makes a run of words a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Street {
    /// A street type ends it: `HOLLISTER AVE`.
    Typed,
    /// A numbered road: `COUNTY ROAD 12`, `FM 2114`.
    Road,
    /// A coordinate: `S 400 W`.
    Grid,
    /// An ordinal alone: `W 42ND`.
    Ordinal,
    /// A direction and a name: `E MADISON`.
    Directed,
    /// A name alone.
    Bare,
}

/// A street that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) last: usize,
    pub(super) kind: Street,
    /// A word of its name is not an everyday word.
    pub(super) distinct: bool,
    /// Its type is an everyday word, such as WAY or PARK.
    pub(super) weak: bool,
    /// A unit follows.
    pub(super) unit: bool,
}

/// Words that end a street's name at once.
const STOP: u64 = flag::DET
    | flag::ROLE
    | flag::KIN
    | flag::LOCCUE
    | flag::TOPERSON
    | flag::C_PHONE
    | flag::VERB
    | flag::RANK
    | flag::FUNC;

pub(super) fn dot(board: &Board<'_>, at: usize) -> usize {
    if board.sign(at) == b'.' && board.is_glued(at) { at + 1 } else { at }
}

fn is_dir(board: &Board<'_>, at: usize) -> bool {
    board.has(at, flag::DIR) && board.is_free(at) && !board.is_one_of(at, words!("NB", "SB", "EB", "WB"))
}

/// Reads a street from `at`, with its unit and town.
pub(super) fn parse(board: &Board<'_>, at: usize) -> Option<Found> {
    let en_route = board.is_one_of(at, words!("EN")) && board.is_one_of(at + 1, words!("ROUTE"));
    if board.starts_line(at) || en_route {
        return None;
    }
    let mut start = at;
    let directed =
        is_dir(board, at) && (board.is_word(dot(board, at + 1)) || board.is_num(dot(board, at + 1)));
    if directed {
        start = dot(board, at + 1);
        if is_dir(board, start) && board.text(start).len() <= 2 && board.is_word(dot(board, start + 1)) {
            start = dot(board, start + 1);
        }
    }
    // E 103 PL: the street's number without its ending.
    if board.is_num(start)
        && board.digits(start) <= 3
        && board.is_free(start)
        && directed
        && board.has(start + 1, flag::STREET)
    {
        let last = skip_types(board, start + 1);
        return Some(finish(board, directed_end(board, last), Street::Typed, true, false));
    }
    // 1466 49 ST: the same behind a house number.
    if board.is_num(start)
        && (1..=3).contains(&board.digits(start))
        && board.is_free(start)
        && board.digits(start.wrapping_sub(1)) >= 2
        && !board.is_glued(start)
        && !board.is_glued(start + 1)
        && board.is_one_of(start + 1, words!("ST", "STREET", "AVE", "AV", "AVENUE", "PL", "RD", "DR", "TER"))
    {
        let last = skip_types(board, start + 1);
        return Some(finish(board, directed_end(board, last), Street::Typed, true, false));
    }
    // S AVE J, AVENUE D: a letter names the street.
    if board.is_one_of(start, words!("AVE", "AV", "AVENUE"))
        && board.text(start + 1).len() == 1
        && board.is_word(start + 1)
    {
        return Some(finish(board, directed_end(board, start + 1), Street::Typed, true, false));
    }
    if directed && board.is_num(start) && is_dir(board, start + 1) && !board.is_glued(start + 1) {
        return Some(finish(board, start + 1, Street::Grid, true, false));
    }
    if let Some(found) = road(board, at)
        .or_else(|| road(board, start))
        .or_else(|| ordinal(board, start))
        .or_else(|| prefixed(board, start))
    {
        return Some(found);
    }
    typed(board, start).or_else(|| typed(board, at)).or_else(|| untyped(board, start, directed))
}

/// `COUNTY ROAD 12`, `STATE HWY 89`, `US 41`, `RT. 66`, `HIGHWAY K`.
fn road(board: &Board<'_>, at: usize) -> Option<Found> {
    let mut i = at;
    while board.has(i, flag::ROAD) && board.is_word(i) && i < at + 4 && board.is_free(i) {
        i = dot(board, i + 1);
        if board.sign(i) == b'-' || board.sign(i) == b'#' {
            i += 1;
        }
    }
    if i == at || board.is_one_of(at, words!("OLD")) && i == at + 1 {
        return None;
    }
    let letters = board.is_word(i)
        && board.text(i).len() <= 2
        && (!board.has(i, flag::LOCCUE | flag::VERB | flag::TOPERSON | flag::DIR | flag::SEX)
            || board.text(i).len() == 1 && !board.is_word(i + 1) && !board.is_num(i + 1));
    let number = board.is_num(i) && board.digits(i) <= 4 && board.is_free(i);
    let bare =
        matches!(board.text(at).len(), 1) && board.is_one_of(at, words!("I")) && !board.is_glued(at + 1);
    if !(number || letters && board.is_free(i)) || bare {
        return None;
    }
    let mut last = board.cluster_end(i);
    if is_dir(board, last + 1) && !board.starts_line(last + 1) {
        last += 1;
    }
    Some(finish(board, last, Street::Road, true, false))
}

pub(super) fn is_ordinal(board: &Board<'_>, at: usize) -> bool {
    board.is_num(at)
        && board.is_free(at)
        && board.is_glued(at + 1)
        && board.is_one_of(at + 1, words!("ST", "ND", "RD", "TH"))
}

/// `42ND ST`, `16TH AVE S`, `3RD`.
fn ordinal(board: &Board<'_>, at: usize) -> Option<Found> {
    if !is_ordinal(board, at) {
        return None;
    }
    let mut last = at + 1;
    if board.has(last + 1, flag::STREET) && board.is_free(last + 1) {
        last = skip_types(board, last + 1);
        return Some(finish(board, directed_end(board, last), Street::Typed, true, false));
    }
    if board.has(last + 1, flag::ORD)
        && board.has(last + 1, flag::STRICT)
        && !is_dir(board, last + 1)
        && board.has(last + 1, flag::UNITD)
    {
        return None;
    }
    last = directed_end(board, last);
    Some(finish(board, last, Street::Ordinal, true, false))
}

/// `CALLE ENCINO`, `RUE BIENVILLE`, `Avenida Jacinto`.
fn prefixed(board: &Board<'_>, at: usize) -> Option<Found> {
    if !board.has(at, flag::STREETPRE) || !board.is_free(at) {
        return None;
    }
    let mut i = at + 1;
    let mut last = at;
    while i <= at + 4 && board.is_word(i) && board.is_free(i) && !board.starts_line(i) {
        if board.has(i, flag::PARTICLE) && board.text(i).len() <= 3 {
            i += 1;
            continue;
        }
        if board.has(i, flag::UNITD | flag::STATE)
            || last > at && (board.flags(i) & flag::STRICT != 0 || board.has(i, flag::VERB))
        {
            break;
        }
        last = i;
        i += 1;
    }
    (last > at).then(|| finish(board, last, Street::Typed, true, false))
}

fn is_name_word(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at)
        && board.is_free(at)
        && !board.starts_line(at)
        && board.flags(at) & STOP & !saint(board, at) == 0
        || is_ordinal(board, at)
}

/// WHISPERING OAKS BLVD: a verb begins the name of a street if its type follows soon.
fn is_verb_in_name(board: &Board<'_>, at: usize) -> bool {
    // A house number of some length stands before: 10347 RUSTLING OAKS, 1450 HIDDEN POND CT.
    let housed = board.digits(at.wrapping_sub(1)) >= 3 && !board.starts_line(at);
    let kinds = if housed { flag::STREET | flag::STREETISH } else { flag::STREET };
    let typed = |i: usize| board.has(i, kinds) && !is_prefix(board, i) && !board.starts_line(i);
    (board.has(at, flag::VERB) || board.is_one_of(at, words!("LIVE")))
        && board.is_word(at)
        && board.is_free(at)
        && !board.has(at, flag::FUNC)
        && (board.text(at).len() > 3
            && board.text(at)[board.text(at).len() - 3..].eq_ignore_ascii_case(b"ING")
            || !board.has(at, flag::STRICT)
            || housed
            || board.is_one_of(at, words!("LIVE")))
        && (typed(at + 1) || is_name_word(board, at + 1) && typed(at + 2))
}

/// `ST` and `DR` also begin names, and directions may stand inside: they do not stop a name.
fn saint(board: &Board<'_>, at: usize) -> u64 {
    let common = flag::STREET | flag::STREETISH | flag::GIVEN | flag::SUR | flag::CITY;
    if board.has(at, common)
        && (!board.has(at, flag::ROLE | flag::DET | flag::TOPERSON) || board.is_one_of(at, words!("PT")))
    {
        u64::MAX
    } else {
        0
    }
}

/// One to five words and then a street type.
fn typed(board: &Board<'_>, at: usize) -> Option<Found> {
    let mut i = at;
    let mut best: Option<(usize, bool)> = None;
    let mut distinct = false;
    let mut words = 0;
    while words < 6 && (is_name_word(board, i) || words == 0 && is_verb_in_name(board, i)) {
        let kind = board.flags(i) & (flag::STREET | flag::STREETISH);
        if words > 0 && kind != 0 {
            let strong = kind & flag::STREET != 0;
            // A strong type wins over an everyday one before it: PARK ROW AVE.
            if strong || best.is_none_or(|(_, was_strong)| !was_strong) {
                best = Some((i, strong));
            }
            if strong
                && !board.has(i + 1, flag::STREET)
                && !(board.has(i, flag::STREETISH) && board.has(i + 1, flag::STREETISH))
            {
                break;
            }
        }
        distinct |= !board.has(i, flag::STRICT) || board.has(i, flag::GIVEN | flag::SUR | flag::CITY);
        words += 1;
        i += 1;
        let hyphen = board.sign(i) == b'-' && board.is_glued(i) && board.is_glued(i + 1);
        let abbreviated = board.sign(i) == b'.'
            && board.is_glued(i)
            && board.text(i.wrapping_sub(1)).len() <= 2
            && !board.starts_line(i + 1);
        i += usize::from(hyphen || abbreviated);
    }
    let (mut last, strong) = best?;
    // 18 PVT DR 5042, 41 FIRE RD 12: a number names the road.
    let numbered = board.is_one_of(
        last.wrapping_sub(1),
        words!("PVT", "PRIVATE", "FIRE", "FOREST", "COUNTY", "TWP", "TOWNSHIP", "RANCH", "CAMP"),
    ) && (1..=5).contains(&board.digits(last + 1))
        && board.is_free(last + 1)
        && !board.starts_line(last + 1);
    if numbered {
        last += 1;
    }
    Some(finish(board, directed_end(board, skip_types(board, last)), Street::Typed, distinct, !strong))
}

/// Past a full stop of an abbreviation and further types.
fn skip_types(board: &Board<'_>, last: usize) -> usize {
    let first = last;
    let mut last = last;
    while last < first + 4
        && board.has(last + 1, flag::STREET)
        && board.is_free(last + 1)
        && !board.starts_line(last + 1)
        && !is_prefix(board, last + 1)
    {
        last += 1;
    }
    last
}

/// Past a direction behind the street, not into the next clause.
fn directed_end(board: &Board<'_>, last: usize) -> usize {
    let after = dot(board, last + 1);
    let stop = after > last + 1;
    let dir = is_dir(board, after) && !board.starts_line(after) && board.text(after).len() <= 2;
    let long =
        is_dir(board, after) && !stop && board.is_one_of(after + 1, words!("APT", "UNIT", "STE", "SUITE"));
    if dir && !board.is_one_of(after, words!("SO", "NO")) || long {
        return after;
    }
    last
}

/// A name without a type.
fn untyped(board: &Board<'_>, at: usize, directed: bool) -> Option<Found> {
    let mut last = None;
    let mut i = at;
    while i < at + 3
        && board.is_word(i)
        && board.is_free(i)
        && !board.starts_line(i)
        && !board.has(i, STOP | flag::UNITD)
    {
        let name = board.flags(i) & flag::ORD == 0
            || board.has(i, flag::GIVEN | flag::SUR | flag::CITY | flag::STREETISH)
            || !board.has(i, flag::STRICT);
        if !name || board.has(i, flag::STATE) && i > at {
            break;
        }
        last = Some(i);
        i += 1;
    }
    let last = last?;
    let kind = if directed { Street::Directed } else { Street::Bare };
    Some(finish(board, last, kind, true, false))
}

fn finish(board: &Board<'_>, last: usize, kind: Street, distinct: bool, weak: bool) -> Found {
    let end = units_end(board, last);
    Found { last: tail(board, end), kind, distinct, weak, unit: end > last }
}

/// One or two words behind a comma that nobody reviewed, and then the end of the sentence.
fn town_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let town = |i: usize| {
        board.is_word(i)
            && board.is_free(i)
            && !board.starts_line(i)
            && board.text(i).len() >= 4
            && (!board.has(i, flag::STRICT) || board.has(i, flag::CITY))
            && !board.has(i, (STOP | flag::TITLE | flag::GIVEN) & !flag::STREETISH)
    };
    let last = (at..at + 2).take_while(|&i| town(i)).last()?;
    let ended = board.starts_line(last + 1) || board.sign(last + 1) == b'.' && !board.is_glued(last + 2);
    ended.then_some(last)
}

/// Past a town, a state and a postcode.
pub(super) fn tail(board: &Board<'_>, last: usize) -> usize {
    let mut at = dot(board, last + 1);
    if board.sign(at) == b',' {
        at += 1;
    }
    let mut i = at;
    while i < at + 4 && board.is_word(i) && board.is_free(i) && !board.starts_line(i) {
        if is_state(board, i) && state_ends(board, i) {
            let zip = if board.sign(i + 1) == b',' { i + 2 } else { i + 1 };
            return if is_zip(board, zip) { zip_end(board, zip) } else { i };
        }
        if board.has(i, STOP) && !board.has(i, flag::CITY | flag::SUR) {
            break;
        }
        i += 1;
        if board.sign(i) == b',' || board.sign(i) == b'.' && board.text(i.wrapping_sub(1)).len() <= 2 {
            i += 1;
        }
    }
    // 10 OHIO ST, BELLEVUE. A town ends the sentence.
    let apart = at == last + 2 && board.sign(last + 1) == b',';
    let town = board.flags(at) == 0 || board.has(at, flag::SUR | flag::CITY) && !board.has(at, flag::STRICT);
    let ends_line =
        town && (board.starts_line(at + 1) || board.sign(at + 1) == b'.' && !board.is_glued(at + 2));
    if (apart || ends_line && at == last + 1 && board.has(last, flag::STREET))
        && let Some(town) = town_end(board, at)
    {
        return town;
    }
    if is_zip(board, i) && i <= at + 3 && !board.starts_line(i) {
        return zip_end(board, i);
    }
    last
}

fn state_ends(board: &Board<'_>, at: usize) -> bool {
    let next = if board.sign(at + 1) == b',' { at + 2 } else { at + 1 };
    if is_zip(board, next) {
        return true;
    }
    // IN, OR, ME, HI, OK and OH are words; a state stands behind a comma or a town in capitals.
    let word = board.has(at, flag::LOCCUE | flag::TOPERSON | flag::VERB)
        || board
            .is_one_of(at, words!("OR", "ME", "HI", "OK", "OH", "DE", "LA", "CT", "AL", "CO", "PA", "MA"));
    let code = board.tok(at).is_some_and(|tok| tok.case == Case::Upper || board.has(at, flag::STATENAME));
    code && !word || board.sign(at.wrapping_sub(1)) == b','
}

fn is_zip(board: &Board<'_>, at: usize) -> bool {
    board.digits(at) == 5 && board.is_free(at) && !board.is_glued(at)
}

fn zip_end(board: &Board<'_>, at: usize) -> usize {
    if board.sign(at + 1) == b'-' && board.digits(at + 2) == 4 && board.is_glued(at + 2) {
        at + 2
    } else {
        at
    }
}

/// `ST` or `DR` before a name is a saint or a doctor.
pub(super) fn is_prefix(board: &Board<'_>, at: usize) -> bool {
    if !board.is_one_of(at, words!("ST", "DR", "PT", "CT", "LA")) {
        return false;
    }
    let next = dot(board, at + 1);
    if board.sign(next) == b'-' && board.is_glued(next) && board.is_glued(next + 1) {
        return board.is_word(next + 1);
    }
    let name = board.is_word(next)
        && !board.starts_line(next)
        && (board.flags(next) & flag::ORD == 0
            || board.has(next, flag::GIVEN | flag::SUR) && !board.has(next, flag::STRICT));
    let stop_before = at == 0
        || board.starts_line(at)
        || !board.is_word(at.wrapping_sub(1))
        || board.has(at.wrapping_sub(1), STOP | flag::GIVEN)
        || board.has(at.wrapping_sub(1), flag::STRICT);
    name && stop_before
}

/// The first word of the name of a street whose type stands at `at`.
pub(super) fn name_start(board: &Board<'_>, at: usize) -> usize {
    let mut first = at;
    while first > 0 && at - first < 4 && !board.starts_line(first) {
        let before = first.wrapping_sub(1);
        let word = board.is_word(before) && board.is_free(before) && board.flags(before) & STOP == 0;
        let everyday =
            board.has(before, flag::STRICT) && !board.has(before, flag::GIVEN | flag::SUR | flag::CITY);
        let ordinal = first == at && board.is_glued(at) && board.is_num(before);
        let saint = board.sign(before) == b'.'
            && before > 0
            && board.is_one_of(before.wrapping_sub(1), words!("ST", "DR", "MT", "N", "S", "E", "W"));
        if saint {
            first = before.wrapping_sub(1);
            continue;
        }
        if !(word || ordinal)
            || everyday && !(board.has(before, flag::DIR) || board.is_one_of(before, words!("ST", "DR")))
        {
            break;
        }
        first = before;
    }
    first
}

/// One side of a crossing, read backwards from its separator: the first token, and how sure it is from 1 to 2.
pub(super) fn before(board: &Board<'_>, sep: usize) -> Option<(usize, usize)> {
    let last = sep.checked_sub(1)?;
    if board.starts_line(sep) || !board.is_free(last) {
        return None;
    }
    let mut at = last;
    if is_dir(board, at)
        && at > 0
        && (board.has(at.wrapping_sub(1), flag::STREET) || board.is_num(at.wrapping_sub(1)))
    {
        if board.is_num(at.wrapping_sub(1)) {
            return Some((
                if at > 1 && is_dir(board, at.wrapping_sub(2)) {
                    at.wrapping_sub(2)
                } else {
                    at.wrapping_sub(1)
                },
                2,
            ));
        }
        at -= 1;
    }
    if board.has(at, flag::STREET) && board.is_word(at) {
        let first = name_start(board, at);
        let first = if first == at && at > 0 && board.is_glued(at) && board.is_num(at.wrapping_sub(1)) {
            at.wrapping_sub(1)
        } else {
            first
        };
        let first = if first > 0 && is_dir(board, first.wrapping_sub(1)) && !board.starts_line(first) {
            first.wrapping_sub(1)
        } else {
            first
        };
        return (first < at).then_some((first, 2));
    }
    if is_ordinal(board, at.wrapping_sub(1)) {
        return Some((at.wrapping_sub(1), 2));
    }
    if board.is_num(at)
        && at > 0
        && board.has(at.wrapping_sub(1), flag::ROAD)
        && board.is_free(at.wrapping_sub(1))
    {
        let first = if at > 1 && board.has(at.wrapping_sub(2), flag::ROAD) {
            at.wrapping_sub(2)
        } else {
            at.wrapping_sub(1)
        };
        return Some((first, 2));
    }
    let name = bare_name(board, at)?;
    let first = if at > 0 && is_dir(board, at.wrapping_sub(1)) && !board.starts_line(at) {
        at.wrapping_sub(1)
    } else {
        at
    };
    Some((first, name))
}

/// The other side: the last token, and how sure it is.
pub(super) fn after(board: &Board<'_>, at: usize) -> Option<(usize, usize)> {
    if let Some(found) = parse(board, at) {
        match found.kind {
            Street::Typed | Street::Ordinal | Street::Road | Street::Grid if !found.weak => {
                return Some((found.last, 2));
            }
            _ => {}
        }
    }
    let start = if is_dir(board, at) { dot(board, at + 1) } else { at };
    if board.is_num(start) && is_dir(board, start + 1) {
        return Some((start + 1, 2));
    }
    let sure = bare_name(board, start)?;
    Some((start, if start > at { 2 } else { sure }))
}

/// A word that can name a street by itself.
fn bare_name(board: &Board<'_>, at: usize) -> Option<usize> {
    if !board.is_word(at)
        || !board.is_free(at)
        || board.text(at).len() < 3
        || board.starts_line(at + 1) && board.len() == at
    {
        return None;
    }
    let name = board.has(at, flag::GIVEN | flag::SUR | flag::CITY)
        || board.flags(at) & flag::ORD == 0
        || !board.has(at, flag::STRICT);
    (name && !board.has(at, STOP | flag::PERSON | flag::VEH)).then_some(1)
}

/// Words after a block or a cross-street label, where a type may be missing.
pub(super) fn loose_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let start = if is_dir(board, at) { dot(board, at + 1) } else { at };
    bare_name(board, start).map(|_| if board.has(start + 1, flag::STREET) { start + 1 } else { start })
}
