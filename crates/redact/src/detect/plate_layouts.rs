//! The layouts of number plates in the states, and where a plate of one of them stands without a label.

use super::age::MEASURES;
use crate::board::Board;
use crate::lexicon::words;
use crate::lexicon_flags as flag;

/// Letters and digits as the states arrange them on passenger plates and trucks; a space or hyphen between groups is one
/// `-`. What the states themselves publish of their current and last series.
const LAYOUTS: [&str; 57] = [
    "A11-1AA", "1A1-111", "1A1-A1A", "1A1-AAA", "AAA-111", "111-AAA", "AAA-1111", "AAA1111", "AAA111",
    "111AAA", "AAA-A11", "AAAA11", "AAA-11A", "AA1-11A", "AA1-A1A", "AA1-A111", "AA1A111", "AA1-1AA",
    "1AAA111", "1111111A", "AA-11111", "AA11111", "AA-111", "AA-1111", "1111-AA", "1111AA", "1111AAA",
    "111AA", "11AA1", "1AA1111", "1AA-1111", "1AA-111", "1AAA-11", "1AAA11", "11A-A11", "11A-111", "11A1111",
    "11AA111", "1A11111", "A-111111", "A111111", "1A-1111", "1A-A1111", "1A-11111", "A1A111", "A1A1AA",
    "1-11111A", "11-1111A", "11-A111", "111-A11", "111-1111", "1-11111", "11-1111", "A11-AAA", "1A-11A11",
    "A11AAA", "A11-11A",
];
/// Longest layout.
const LONGEST: usize = 8;

/// The first and last token of a plate of some state that `at` is a part of, if what stands beside it speaks of a vehicle.
pub(super) fn plate_around(board: &Board<'_>, at: usize) -> Option<(usize, usize)> {
    if board.is_glued(at) && !matches!(board.sign(at.wrapping_sub(1)), b'/' | b'-') {
        return None;
    }
    // 12-K345 and BDF K91: two digits or three letters alone are nothing to start from.
    let before = at.wrapping_sub(1);
    let dashed = board.sign(before) == b'-' && board.is_glued(at) && board.is_glued(before);
    let first = at.wrapping_sub(1 + usize::from(dashed));
    let grouped = board.is_word(at)
        && !board.starts_line(at)
        && (dashed && board.is_num(first) || board.is_word(first) && board.text(first).len() == 3)
        && !board.is_glued(first);
    let wider = if grouped { plate_from(board, first) } else { None };
    wider.or_else(|| plate_from(board, at))
}

fn plate_from(board: &Board<'_>, at: usize) -> Option<(usize, usize)> {
    let last = layout_end(board, at)?;
    let lettered = (at..=last).any(|i| board.is_word(i));
    let context = Context::read(board, at, last);
    // F150 XLT 2019: a trim and a year.
    let year = (at..=last).any(|i| is_year(board, i));
    let enough = context.stopped || context.state || lettered && context.vehicle && !year;
    (enough && !context.place).then_some((at, last))
}

/// Whether a number may be the year of a car.
pub(super) fn is_year(board: &Board<'_>, at: usize) -> bool {
    board.digits(at) == 4 && board.number(at).is_some_and(|year| (1980..=2035).contains(&year))
}

/// What stands beside a plate.
#[allow(clippy::struct_excessive_bools, reason = "independent observations, each asked for by name")]
struct Context {
    /// The state that issued it, before or behind.
    state: bool,
    /// A vehicle or its colour, before or behind.
    vehicle: bool,
    /// A traffic stop.
    stopped: bool,
    /// A street, a direction or a measure follows: it is no plate.
    place: bool,
}

impl Context {
    fn read(board: &Board<'_>, first: usize, last: usize) -> Self {
        let comma = usize::from(board.sign(first.wrapping_sub(1)) == b',');
        let before = first.wrapping_sub(1 + comma);
        let slash = usize::from(matches!(board.sign(last + 1), b'/' | b',' | b'('));
        let after = last + 1 + slash;
        let here = !board.starts_line(first) && first > 0;
        let next = !board.starts_line(after);
        let function = flag::FUNC | flag::LOCCUE | flag::VERB | flag::TOPERSON;
        let vehicle = flag::VEH | flag::COLOR;
        let kind = words!("TRK", "TRUCK", "CAR", "SUV", "VAN", "VEH", "VEHICLE", "SEDAN", "COUPE", "PICKUP");
        // IN and OR are states where a vehicle or a comma stands before them.
        let second = before.wrapping_sub(1);
        let stands =
            !board.has(before, function) || board.has(second, flag::VEH) || board.sign(second) == b',';
        let issued = here && board.has(before, flag::STATE) && stands;
        let issuing = next && board.has(after, flag::STATE) && !board.has(after, function);
        let stop = board.is_one_of(before, words!("TSTOP", "TS"))
            || board.is_one_of(before, words!("STOP", "STP"))
                && (board.is_one_of(second, words!("TRAFFIC", "TRAF", "TRF", "T", "VEH", "CAR"))
                    || board.sign(second) == b'-');
        Self {
            state: issued || issuing || here && board.has(before, flag::STATENAME | flag::C_PLATE),
            vehicle: here && (board.has(before, vehicle) || board.is_one_of(before, kind))
                || next && board.has(after, vehicle),
            stopped: here && stop,
            // CT, FL and WY are states too.
            place: slash == 0
                && next
                && !board.has(after, flag::STATE)
                && (board
                    .has(after, flag::STREET | flag::STREETISH | flag::BLOCK | flag::C_AGE | flag::UNITD)
                    || board.is_one_of(after, &MEASURES)),
        }
    }
}

/// The longest run of tokens from `at` that has a layout.
fn layout_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let mut shape = smallvec::SmallVec::<[u8; 16]>::new();
    let mut found = None;
    let mut i = at;
    loop {
        if !board.is_free(i) || i > at && board.starts_line(i) {
            break;
        }
        if i > at && !board.is_glued(i) && board.sign(i) == 0 {
            shape.push(b'-');
        }
        match board.sign(i) {
            0 if board.is_num(i) => shape.resize(shape.len() + board.text(i).len(), b'1'),
            0 if board.is_word(i) && is_group(board, i) => {
                shape.resize(shape.len() + board.text(i).len(), b'A');
            }
            b'-' if i > at && board.is_glued(i) && board.is_glued(i + 1) => shape.push(b'-'),
            _ => break,
        }
        if shape.len() > LONGEST {
            break;
        }
        let whole =
            !board.is_glued(i + 1) || matches!(board.sign(i + 1), b'.' | b',' | b';' | b'/' | b')' | b':');
        let known = || LAYOUTS.iter().any(|layout| layout.as_bytes() == shape.as_slice());
        if i > at && whole && known() {
            found = Some(i);
        }
        i += 1;
    }
    found
}

/// Whether letters may be a group of a plate: no word that anybody reviewed, nor part of a vehicle's name.
fn is_group(board: &Board<'_>, at: usize) -> bool {
    let glued = board.is_glued(at) && board.is_num(at.wrapping_sub(1))
        || board.is_glued(at + 1) && board.is_num(at + 1);
    let grammar =
        flag::FUNC | flag::VERB | flag::STREET | flag::UNITD | flag::ROAD | flag::APPARATUS | flag::SEX;
    match board.text(at).len() {
        1 => glued || !board.has(at, grammar | flag::DIR),
        // KY 214 XKM: the state is no part of the plate.
        2 => glued || board.flags(at) & !(flag::SLIP | flag::DICT) == 0,
        3 | 4 => board.flags(at) & !(flag::STATE | flag::PHONETIC | flag::SLIP | flag::DICT) == 0,
        _ => false,
    }
}
