//! Number plates: after a label, beside a vehicle or a state, and spelled in the phonetic alphabet.

use super::code::{Code, after_label, code_at, is_state};
use super::plate_layouts::{is_year, plate_around};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

/// What a plate, its label or its spelling starts with.
const START: [Class; 5] = [Class::Long, Class::Glue, Class::Label, Class::Code, Class::CodeJoined];

pub(super) fn run(board: &mut Board<'_>) {
    let labels = board.seen & flag::C_PLATE != 0;
    let vehicles = board.seen & (flag::VEH | flag::COLOR | flag::STATE | flag::STATENAME) != 0;
    let phonetic = board.seen & flag::PHONETIC != 0;
    if !(labels || vehicles || phonetic) {
        return;
    }
    let mut at = board.seek(0, START);
    while at < board.len() {
        if board.is_free(at) {
            if labels && board.has(at, flag::C_PLATE) {
                labelled(board, at);
            } else if vessel(board, at) || owned(board, at) || in_layout(board, at) {
            } else if (!board.is_glued(at) || board.sign(at.wrapping_sub(1)) == b'/')
                && (board.is_word(at) || is_part_of_plate(board, at))
                && !strong_shape(board, at)
                && vehicles
            {
                beside_vehicle(board, at);
            }
            if phonetic && board.is_free(at) && board.has(at, flag::PHONETIC) {
                spelled(board, at);
            }
        }
        at = board.seek(at + 1, START);
    }
}

/// Whether a number is long, or what follows belongs to it: 88 DEG is no plate.
fn is_part_of_plate(board: &Board<'_>, at: usize) -> bool {
    board.digits(at) >= 3 || board.is_num(at) && (board.is_glued(at + 1) || board.is_num(at + 1))
}

/// A plate of one glued code, or of two groups with a space between: at most eight characters, a digit among them.
fn plate_at(board: &Board<'_>, at: usize, trusted: bool) -> Option<Code> {
    let code = code_at(board, at)?;
    let words_only = code.digits == 0;
    // REG. 06/2023
    if (code.first..=code.last).any(|i| board.sign(i) == b'/') {
        return None;
    }
    if words_only && (code.letters > 3 || !trusted && code.letters < 2) || code.len() > 8 {
        return None;
    }
    if words_only && board.has(at, flag::ROLE | flag::VERB | flag::DET | flag::C_VIN | flag::C_LICENSE) {
        return None;
    }
    let next = code.last + 1;
    if !board.starts_line(next)
        && !board.is_glued(next)
        && board.is_free(next)
        && code.len() <= 4
        && let Some(more) = code_at(board, next)
    {
        let harmless = flag::GIVEN | flag::SUR | flag::ORD | flag::DICT | flag::SLIP | flag::STATE;
        // 46A RDX: behind a label the letters of a model are those of a plate.
        let harmless = if trusted && code.len() == 3 { harmless | flag::VEH } else { harmless };
        let letters_after = more.digits == 0
            && (more.letters == 3 || trusted && more.letters == 2 && code.letters == 0 && code.digits == 4)
            && (trusted || board.flags(next) & flag::STRICT == 0)
            && board.flags(next) & !harmless == 0;
        // TAG 058 TTY, TAG 1507 MG: behind a label, where the sentence ends, the letters may be shorthand as well.
        let grammar = flag::FUNC | flag::VERB | flag::COLOR | flag::VEH | flag::SEX | flag::DIR | flag::ROLE;
        let closed = board.starts_line(more.last + 1)
            || matches!(board.sign(more.last + 1), b'.' | b',' | b';') && !board.is_glued(more.last + 2);
        let letters_after = letters_after
            || trusted
                && more.digits == 0
                && more.last == next
                && (2..=3).contains(&more.letters)
                && code.letters == 0
                && (3..=4).contains(&code.digits)
                && closed
                && !board.has(next, grammar)
                && (!board.has(next, flag::STATE) || code.digits == 3);
        // F150 XLT, CRV 2019 EXL: a model and its trim, or its year.
        let trim = board.is_one_of(
            next,
            words!(
                "XLT", "XLE", "XSE", "EXL", "EX", "LX", "LT", "LTZ", "LS", "SLT", "SLE", "TRD", "SE", "SEL",
                "LE", "STX", "SXT", "RT", "GT", "SS", "PRO", "SPORT", "LTD"
            ),
        );
        let year = code.letters == 0 && is_year(board, at);
        let model = !trusted
            && (board.has(at.wrapping_sub(1), flag::VEH) && (trim || year)
                || words_only && is_year(board, next)
                || board.has(next, flag::VEH));
        let joins = !model
            && (more.len() <= 4 || trusted && more.len() == 5 && more.letters == 0 && code.letters > 0)
            && code.len() + more.len() >= 4
            && (more.digits > 0 || letters_after);
        let counted = more.letters == 0 && code.letters == 0 && more.digits < 3;
        let both = code.digits + more.digits > 0 && !counted && (trusted || code.letters + more.letters > 0);
        if trusted && let Some(series) = spaced_series(board, at) {
            return Some(series);
        }
        if joins && both && more.last == board.cluster_end(next) {
            return Some(Code {
                first: at,
                last: more.last,
                letters: code.letters + more.letters,
                digits: code.digits + more.digits,
            });
        }
    }
    (!words_only).then_some(code)
}

/// `FP 22 418`, `BX 9 4471`, `AX 30517`: one to three letters and then up to two groups of digits.
fn spaced_series(board: &Board<'_>, at: usize) -> Option<Code> {
    let letters = board.text(at).len();
    let open = |i: usize| board.is_num(i) && board.is_free(i) && !board.is_glued(i) && !board.starts_line(i);
    let beside = board.has(at.wrapping_sub(1), flag::VEH) && board.digits(at + 1) == 5;
    let strict = if beside { 0 } else { flag::STRICT };
    let word = strict | flag::FUNC | flag::VERB | flag::STREET | flag::DIR | flag::UNITD | flag::VEH;
    if !board.is_word(at)
        || letters > 3
        || board.has(at, word)
        || !open(at + 1)
        || board.is_glued(at + 2) && !board.is_num(at + 2) && board.is_word(at + 2)
    {
        return None;
    }
    let (first, second) = (board.digits(at + 1), board.digits(at + 2));
    let two = first <= 2 && (3..=4).contains(&second) && open(at + 2);
    let digits = if two { first + second } else { first };
    let last = if two { at + 2 } else { at + 1 };
    let whole = !(board.is_glued(last + 1) && (board.is_word(last + 1) || board.sign(last + 1) == b'-'));
    let street = board.has(last + 1, flag::STREET | flag::DIR) && !board.starts_line(last + 1);
    ((two || first == 5) && whole && !street).then_some(Code { first: at, last, letters, digits })
}

/// A vehicle, or the colour of one, within the three words before.
fn near_vehicle(board: &Board<'_>, at: usize) -> bool {
    (1..=3).any(|back| at >= back && board.has(at - back, flag::VEH) && !board.starts_line(at + 1 - back))
}

fn labelled(board: &mut Board<'_>, cue: usize) {
    if vessel(board, cue + 1) {
        return;
    }
    if board.is_one_of(cue.wrapping_sub(1), words!("PROPERTY", "EVIDENCE", "EAR", "PRICE", "NAME")) {
        return;
    }
    if board.is_one_of(cue, words!("LP"))
        && !(board.is_glued(cue + 1) || !board.is_word(cue + 1) || is_state(board, cue + 1))
    {
        // LP is loss prevention as well; a plate follows only if it looks like one.
        if board.flags(cue + 1) != 0 || board.text(cue + 1).len() > 3 {
            return;
        }
    }
    if board.is_one_of(cue, words!("LP")) && board.sign(cue + 1) == b'-' {
        return;
    }
    // REG EXP 0524
    if board.is_one_of(cue + 1, words!("EXP", "EXPIRES", "EXPIRED", "EXPIRATION")) {
        return;
    }
    let mut at = after_label(board, cue, flag::C_PLATE);
    if board.has(at, flag::C_PLATE | flag::COLOR | flag::VEH) && !board.is_glued(at + 1) {
        at = after_label(board, at, flag::C_PLATE);
    }
    if board.has(at, flag::PHONETIC | flag::NUMBER) && spelled(board, at) {
        return;
    }
    if let Some(last) = single_characters_end(board, at) {
        board.claim(at, last, SpanType::Plate, RuleId::PlateSpelled, 0.9);
        return;
    }
    // A state after the label may also be the first letters of the plate.
    let code = plate_at(board, at, true);
    let min = if board.is_one_of(cue, words!("PARTIAL"))
        || at > cue + 1 && board.is_one_of(at.wrapping_sub(1), words!("PARTIAL"))
    {
        2
    } else {
        3
    };
    let Some(code) = code.filter(|code| code.len() >= min && code.digits > 0 && code.len() <= 8) else {
        return;
    };
    let only_short_number = code.letters == 0 && code.digits < 3;
    if only_short_number && min == 3 {
        return;
    }
    board.claim(code.first, code.last, SpanType::Plate, RuleId::PlateCued, 0.96);
}

/// `8 1 7 J K N`: letters and digits one by one, five to eight of them.
fn single_characters_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let single = |i: usize| {
        (board.is_word(i) || board.is_num(i))
            && board.text(i).len() == 1
            && board.is_free(i)
            && (i == at || !board.starts_line(i) && !board.is_glued(i))
    };
    let last = (at..at + 8).take_while(|&i| single(i)).last()?;
    let digits = (at..=last).filter(|&i| board.is_num(i)).count();
    (last >= at + 4 && digits >= 1).then_some(last)
}

/// `SC 1182 DK` on a hull: the letters of the state, the number, and two or three letters (33 CFR 174.23).
fn vessel(board: &mut Board<'_>, at: usize) -> bool {
    let boat = words!(
        "BOAT", "HULL", "VESSEL", "JETSKI", "SKI", "PWC", "PONTOON", "SKIFF", "SAILBOAT", "KAYAK", "CANOE",
        "BASS"
    );
    let letters = |i: usize, count: usize| {
        board.is_word(i) && board.is_free(i) && (2..=count).contains(&board.text(i).len())
    };
    let last = at + 2;
    let fits = letters(at, 2)
        && matches!(board.digits(at + 1), 3 | 4)
        && board.is_free(at + 1)
        && letters(last, 3)
        && !board.is_glued(at)
        && !board.starts_line(at + 1)
        && !board.starts_line(last)
        && (1..=8).any(|back| board.is_one_of(at.wrapping_sub(back), boat));
    fits && board.claim(at, last, SpanType::Plate, RuleId::PlateVehicle, 0.85)
}

/// What nobody else took: `SBC 2207`, `472-YRL`, two or three letters that no list has and three or four digits.
pub(super) fn unclaimed(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Glue, Class::Long]);
    while at < board.len() {
        if board.is_free(at) && !board.is_glued(at) {
            unclaimed_plate(board, at);
        }
        at = board.seek(at + 1, [Class::Glue, Class::Long]);
    }
}

fn unclaimed_plate(board: &mut Board<'_>, at: usize) {
    let dash = board.sign(at + 1) == b'-' && board.is_glued(at + 1) && board.is_glued(at + 2);
    let last = at + 1 + usize::from(dash);
    let (letters, digits) = if board.is_num(at) { (last, at) } else { (at, last) };
    let unlisted = board.flags(letters) & !(flag::STATE | flag::SLIP) == 0;
    let fits = board.is_word(letters)
        && board.text(letters).len() == 3
        && unlisted
        && (3..=4).contains(&board.digits(digits))
        && board.is_free(last)
        && !board.starts_line(last)
        && (dash || !board.is_glued(last))
        && (!board.is_glued(last + 1) || matches!(board.sign(last + 1), b'.' | b',' | b';' | b')' | b'/'));
    let place =
        board.has(last + 1, flag::STREET | flag::STREETISH | flag::DIR) && !board.starts_line(last + 1);
    // CIVIC LXS 2019
    let model = is_year(board, digits) && near_vehicle(board, at);
    if fits && !place && !model {
        board.claim(at, last, SpanType::Plate, RuleId::PlateVehicle, 0.5);
    }
}

/// A plate of some state's layout beside a vehicle, the state's name or a traffic stop.
fn in_layout(board: &mut Board<'_>, at: usize) -> bool {
    plate_around(board, at)
        .is_some_and(|(first, last)| board.claim(first, last, SpanType::Plate, RuleId::PlateVehicle, 0.8))
}

/// `RO OF VYD 20K`: what has a registered owner is a vehicle.
fn owned(board: &mut Board<'_>, at: usize) -> bool {
    let of = board.is_one_of(at.wrapping_sub(1), words!("OF"))
        && board.is_one_of(at.wrapping_sub(2), words!("RO", "OWNER", "R/O"))
        && !board.starts_line(at);
    let code = if of { plate_at(board, at, true) } else { None };
    code.filter(|code| code.digits >= 2 && code.len() >= 5)
        .is_some_and(|code| board.claim(code.first, code.last, SpanType::Plate, RuleId::PlateCued, 0.85))
}

/// Without a label: mixed letters and digits with a vehicle or a state close before.
fn beside_vehicle(board: &mut Board<'_>, at: usize) {
    let before = at.wrapping_sub(1);
    let issued = board.has(before, flag::STATE)
        && !board.has(
            before,
            flag::LOCCUE | flag::FUNC | flag::VERB | flag::TOPERSON | flag::TITLE | flag::STREET,
        );
    let series = spaced_series(board, at).filter(|_| issued || near_vehicle(board, at));
    if let Some(series) = series {
        board.claim(series.first, series.last, SpanType::Plate, RuleId::PlateVehicle, 0.8);
        return;
    }
    let labelled = board.has(before, flag::C_ACCOUNT) && !board.has(before, flag::FUNC | flag::DIR);
    if at == 0 || labelled || is_state(board, at) || board.has(at, flag::ORD) && !board.is_glued(at + 1) {
        return;
    }
    let state = is_state(board, at.wrapping_sub(1)) && !board.has(at.wrapping_sub(1), flag::LOCCUE)
        || board.is_one_of(at.wrapping_sub(1), words!("IN")) && board.has(at.wrapping_sub(2), flag::VEH);
    let near = (1..=3).any(|back| {
        at >= back && board.has(at - back, flag::VEH | flag::COLOR) && !board.starts_line(at + 1 - back)
    }) || board.is_one_of(
        at.wrapping_sub(1),
        words!("SUV", "CAR", "TRUCK", "VAN", "SEDAN", "COUPE", "PICKUP", "VEH"),
    ) || (2..=4).any(|back| state && at >= back && board.has(at - back, flag::VEH));
    if !(near || issued || state && board.cue_before(at, flag::VEH, 6)) {
        return;
    }
    let Some(code) = plate_at(board, at, state) else { return };
    if issued && code.letters >= 2 && code.digits >= 2 && code.len() >= 6 && code.len() <= 8 {
        board.claim(code.first, code.last, SpanType::Plate, RuleId::PlateVehicle, 0.8);
        return;
    }
    let mixed = code.letters > 0 && code.digits > 0;
    // Two groups, or six characters in one: shorter ones are models and units.
    let two = code.last > board.cluster_end(at);
    let long = code.len() >= 6 || two && code.len() >= 5;
    let model = board.has(at, flag::VEH);
    if (mixed && long && !model && code.letters <= 4 || state && code.len() >= 5 && code.digits >= 2)
        && code.len() <= 8
    {
        let age = board.has(code.last, flag::C_AGE) || board.has(code.last + 1, flag::C_AGE);
        if !age {
            board.claim(code.first, code.last, SpanType::Plate, RuleId::PlateVehicle, 0.85);
        }
    }
}

/// `RJL-2201`, `LMN 4410`, `7HXK339`, `482 KVR`: three letters and three or four digits in the layouts of most states, where
/// the same sentence speaks of a vehicle.
fn strong_shape(board: &mut Board<'_>, at: usize) -> bool {
    let spaced = board.digits(at) == 3 && board.is_word(at + 1) && board.text(at + 1).len() == 3;
    let candidate = board.is_word(at)
        && board.text(at).len() <= 3
        && (board.is_num(at + 1) || board.sign(at + 1) == b'-')
        || board.is_num(at)
            && board.is_glued(at + 1)
            && (board.is_word(at + 1) || board.digits(at) == 3 && board.sign(at + 1) == b'-')
        || spaced && board.has(at.wrapping_sub(1), flag::STATENAME | flag::STATE);
    if !candidate {
        return false;
    }
    let vehicle = flag::VEH | flag::COLOR | flag::C_PLATE;
    let near = board.cue_before(at, vehicle, 12)
        || (at + 1..at + 6).any(|i| board.has(i, vehicle))
        || board.cue_before(at, flag::ROLE, 2) && board.has(at.wrapping_sub(1), flag::VEH);
    let spoken = board.is_one_of(
        at.wrapping_sub(1),
        words!("S", "WINDOW", "CAR", "TRUCK", "VAN", "SUV", "SEDAN", "VEH", "SMASHED", "COUPE"),
    ) || board.cue_before(at, flag::STRICT, 4)
        && (1..=5).any(|back| {
            board.is_one_of(
                at.wrapping_sub(back),
                words!("CAR", "TRUCK", "VAN", "SUV", "SEDAN", "VEH", "VEHICLE"),
            )
        });
    // TRAFFIC STOP 3 BRL 904; NRV 206 READS: what is stopped, and what comes back.
    let stop = at.wrapping_sub(1 + usize::from(board.digits(at.wrapping_sub(1)) == 1));
    let stopped = board.is_one_of(stop, words!("TSTOP", "PLT"))
        || board.is_one_of(stop, words!("STOP", "ON"))
            && board.is_one_of(stop.wrapping_sub(1), words!("TRAFFIC", "TRAF", "T", "TRF", "OUT", "STOP"));
    let after = at + 2;
    let returned = board.is_one_of(
        after,
        words!("READS", "COMES", "RETURNS", "RTNS", "RETURN", "RETURNED", "VALID", "EXPIRED", "EXP"),
    ) && !board.starts_line(after);
    if !near && !spoken && !stopped && !returned && !beside_state(board, at) {
        return false;
    }
    // PARKED CAR 225 LEE AVE
    if spaced && board.has(at + 2, flag::STREET | flag::STREETISH) && !board.starts_line(at + 2) {
        return false;
    }
    // 472-YRL SIL CHRYSLER
    let reversed = board.digits(at) == 3
        && board.sign(at + 1) == b'-'
        && board.is_word(at + 2)
        && board.text(at + 2).len() == 3
        && (at + 1..at + 3).all(|i| board.is_glued(i))
        && !board.is_glued(at + 3);
    if reversed {
        return board.claim(at, at + 2, SpanType::Plate, RuleId::PlateVehicle, 0.8);
    }
    if spaced && let Some(code) = plate_at(board, at, true).filter(|_| beside_state(board, at)) {
        return board.claim(code.first, code.last, SpanType::Plate, RuleId::PlateVehicle, 0.8);
    }
    let Some(mut code) = code_at(board, at) else { return false };
    let unknown = board.flags(at) & !(flag::PHONETIC | flag::STATE | flag::SLIP) == 0;
    let dashed = code.last == at + 2 && board.sign(at + 1) == b'-';
    if code.digits == 0
        && code.letters == 3
        && (unknown
            || board.has(at.wrapping_sub(1), flag::STATE | flag::VEH)
            || board.sign(at.wrapping_sub(1)) == b',' && board.has(at.wrapping_sub(2), flag::VEH))
        && (3..=4).contains(&board.digits(at + 1))
        && !board.starts_line(at + 1)
    {
        code.last = at + 1;
        code.digits = board.digits(at + 1);
    } else if code.last == at && code.letters == 0 {
        return false;
    }
    let glued = code.last == at + 1 || dashed;
    // TX SLT 3318: behind a state the letters may be a word as well.
    let issued = board.has(at.wrapping_sub(1), flag::STATE)
        && !board.has(at.wrapping_sub(1), flag::FUNC | flag::LOCCUE)
        && !board.has(at, flag::STRICT | flag::FUNC | flag::VERB)
        && !board.starts_line(at);
    // TUNDRA NFD 7031: right behind a vehicle four digits that are no time of day.
    let comma = usize::from(board.sign(at.wrapping_sub(1)) == b',' && !board.is_glued(at));
    let driven =
        board.has(at.wrapping_sub(1 + comma), flag::VEH) && code.digits == 4 && !board.is_clock(code.last);
    let abc = code.letters == 3 && (3..=4).contains(&code.digits) && glued && (unknown || issued || driven);
    let first = board.digits(at) == 1 && code.letters == 3 && code.digits == 4 && code.last == at + 2;
    let odd = code.letters >= 2
        && code.digits >= 3
        && (6..=7).contains(&code.len())
        && code.last == board.cluster_end(at)
        && !board.has(at, flag::VEH | flag::APPARATUS | flag::C_ACCOUNT);
    // F150 XLT 2019
    if is_year(board, code.last) && !issued && !stopped && near_vehicle(board, at) {
        return false;
    }
    // 3 BRL 904: a digit stands before.
    let before = at.wrapping_sub(1);
    let spread = board.digits(before) == 1
        && board.is_free(before)
        && !board.is_glued(before)
        && !board.starts_line(at)
        && (near || board.is_one_of(at.wrapping_sub(2), words!("STOP", "TSTOP", "PLT", "ON")));
    if abc && spread {
        return board.claim(before, code.last, SpanType::Plate, RuleId::PlateVehicle, 0.8);
    }
    (abc || first || odd) && board.claim(at, code.last, SpanType::Plate, RuleId::PlateVehicle, 0.8)
}

/// `7GHN226 CA`, `Oregon 913 LPN`: the state that issued a plate stands right beside it.
fn beside_state(board: &Board<'_>, at: usize) -> bool {
    let word =
        flag::LOCCUE | flag::FUNC | flag::VERB | flag::TOPERSON | flag::STREET | flag::TITLE | flag::DIR;
    let Some(code) = plate_at(board, at, true) else { return false };
    let after = code.last + 1;
    let behind = board.has(after, flag::STATE) && !board.has(after, word) && !board.starts_line(after);
    let state = at.wrapping_sub(1);
    // PA LKW 2095; OR 417 HKV SIL SUBARU, where the state is a word as well.
    let letters = board.flags(at) & !(flag::PHONETIC | flag::DICT | flag::SLIP) == 0;
    let behind_stop =
        matches!(board.sign(state.wrapping_sub(1)), b',' | b'.' | b'/') || board.starts_line(state);
    let next = after + usize::from(board.sign(after) == b',');
    let short = board.has(state, flag::STATE)
        && letters
        && (!board.has(state, word) || behind_stop || board.has(next, flag::COLOR | flag::VEH));
    let before = (board.has(state, flag::STATENAME) || short) && !board.starts_line(at);
    (before || behind) && code.letters >= 2 && code.digits >= 3 && code.len() >= 6
}

/// Three or more phonetic words and digits in a row.
fn spelled(board: &mut Board<'_>, at: usize) -> bool {
    let cued = board.cue_before(at, flag::C_PLATE | flag::VEH, 4);
    let mut first = at;
    while first > 0
        && board.is_free(first.wrapping_sub(1))
        && board.is_num(first.wrapping_sub(1))
        && board.digits(first.wrapping_sub(1)) <= 3
        && !board.starts_line(first)
    {
        first -= 1;
    }
    let (mut last, mut i, mut words, mut signs) = (at, at, 0, 0);
    while board.is_free(i) && (i == at || !board.starts_line(i)) {
        if board.has(i, flag::PHONETIC) {
            words += 1;
        } else if !(board.has(i, flag::NUMBER) || board.is_num(i) && board.digits(i) <= 4) {
            if matches!(board.sign(i), b'-' | b',') && signs < 4 {
                signs += 1;
                i += 1;
                continue;
            }
            break;
        }
        last = i;
        i += 1;
    }
    let parts = last + 1 - first;
    if words >= 3 || words >= 2 && parts >= 3 && cued {
        return board.claim(first, last, SpanType::Plate, RuleId::PlateSpelled, 0.9);
    }
    false
}
