//! The fringes of what strict mode masked.
//!
//! What stands right beside a person or a place belongs to it more often than not: a surname that is a reviewed word, an
//! initial, an age, a street's type. The rules look at words and numbers, never at placeholders, so that a second
//! reading of the result finds nothing new.

use crate::board::Board;
use crate::class::Class;
use crate::detect::{self, MEASURES, Style};
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Case;

pub(crate) fn run(board: &mut Board<'_>) {
    let style = detect::style(board);
    // What comes next of each is sought from the one before, never twice through the same text.
    let mut form = next_form(board, 0, style);
    let mut at = board.index.seek_beside_masked(0, form);
    while at < board.len() {
        if board.is_masked(at) {
            axis(board, at);
        } else if board.is_num(at) {
            number(board, at);
        } else if board.is_word(at) {
            word(board, at, style);
        }
        announced(board, at);
        if form <= at {
            form = next_form(board, at + 1, style);
        }
        at = board.index.seek_beside_masked(at + 1, form);
    }
    // What leads to a masked word or number is known only now; from the end, for initials in a row.
    let mut until = board.len();
    while let Some(at) = board.index.seek_before_masked(until) {
        if board.is_word(at) && !board.is_masked(at) {
            leads(board, at);
        }
        until = at;
    }
}

/// The next token of the few forms that may be at a fringe without a masked neighbour.
fn next_form(board: &Board<'_>, from: usize, style: Style) -> usize {
    match style {
        Style::Mixed => board
            .seek(from, [Class::Num, Class::Hyphened, Class::Cue, Class::Medical, Class::Mark, Class::Title]),
        Style::Flat => {
            board.seek(from, [Class::Num, Class::Hyphened, Class::Cue, Class::Medical, Class::Mark])
        }
    }
}

/// `MS WHITE`, `"SHORTY LOC"`: what a title or a quotation mark at `lead` announces.
fn announced(board: &mut Board<'_>, lead: usize) {
    let at = lead + 1;
    let titled = board.has(lead, flag::TITLE)
        && board.is_word(at)
        && !board.is_masked(at)
        && !board.starts_line(at)
        && !board.has(at, flag::FUNC | flag::VERB | flag::TITLE)
        && board.text(at).len() > 1;
    if titled {
        mask(board, at, at, SpanType::Name, RuleId::StrictWord);
    } else if board.sign(lead) == b'"'
        && let Some(last) = quote_end(board, at)
    {
        board.claim_free(at, last, SpanType::Name, RuleId::StrictWord, 0.3);
    }
}

/// Whether the word before is part of a name, on the same line.
fn after_name(board: &Board<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(1);
    board.is_word(before) && board.is_claimed(before, SpanType::Name) && !board.starts_line(at)
}

fn mask(board: &mut Board<'_>, first: usize, last: usize, ty: SpanType, rule: RuleId) {
    board.claim(first, last, ty, rule, 0.3);
}

/// `NYLAH 5`, `JUV IS 14`: an age; `0447 2218 7`: the end of a number; `2 STENTS`.
fn number(board: &mut Board<'_>, at: usize) {
    // 9 OYSTER SHELL LN.
    if board.digits(at) <= 2
        && let Some(last) = street_from(board, at + 1)
    {
        mask(board, at, last, SpanType::Address, RuleId::StrictWord);
        return;
    }
    let before = at.wrapping_sub(1);
    let told = board.digits(at) == 2
        && board.is_one_of(before, words!("IS", "WAS", "TURNED"))
        && !board.starts_line(at);
    let measured = board.has(at + 1, flag::DIR) || board.is_one_of(at + 1, &MEASURES);
    let age = after_name(board, at) || told;
    if age && board.digits(at) <= 2 && !board.is_glued(at + 1) && !measured {
        mask(board, at, at, SpanType::Age, RuleId::StrictNumber);
        return;
    }
    // Meadowview room 12: beside what is masked, unless something is counted.
    let beside = board.is_masked(before) && !board.starts_line(at)
        || board.is_masked(at + 1) && !board.starts_line(at + 1);
    let counted =
        board.is_word(at + 1) && !board.is_masked(at + 1) && !board.starts_line(at + 1) && !measured;
    if beside && !counted && !measured {
        mask(board, at, at, SpanType::Account, RuleId::StrictNumber);
        return;
    }
    let group = board.is_num(before)
        && board.digits(before) >= 3
        && board.is_claimed(before, SpanType::Account)
        && !board.starts_line(at)
        && !measured;
    let dose =
        board.is_word(at + 1) && board.is_claimed(at + 1, SpanType::Medical) && !board.starts_line(at + 1);
    if group {
        mask(board, at, at, SpanType::Account, RuleId::StrictNumber);
    } else if dose {
        mask(board, at, at, SpanType::Medical, RuleId::StrictNumber);
    }
}

fn word(board: &mut Board<'_>, at: usize, style: Style) {
    let before = at.wrapping_sub(1);
    if capital_in_sentence(board, at, style) {
        mask(board, at, at, SpanType::Name, RuleId::StrictWord);
        return;
    }
    // zane ave n brooklyn pk: a letter or two beside what is masked.
    let stub = board.text(at).len() <= 2
        && !board.has(at, flag::FUNC | flag::VERB | flag::SEX | flag::TITLE | flag::ROLE | flag::KIN)
        && (board.is_masked(before) && board.is_word(before) && !board.starts_line(at))
        && (board.is_masked(at + 1) || !board.is_word(at + 1) || board.has(at + 1, flag::FUNC | flag::VERB));
    if stub {
        mask(board, at, at, SpanType::Name, RuleId::StrictWord);
        return;
    }
    if let Some(last) = street_end(board, at) {
        mask(board, at, last, SpanType::Address, RuleId::StrictWord);
        return;
    }
    let after_comma = board.sign(before) == b',' && after_name(board, before) && !board.starts_line(at);
    let letter =
        board.text(at).len() == 1 && (after_name(board, at) || after_comma) && detect::ends(board, at + 1);
    let hyphened = board.sign(before) == b'-'
        && board.is_glued(at)
        && board.is_word(at.wrapping_sub(2))
        && board.is_claimed(at.wrapping_sub(2), SpanType::Name);
    let surname = if after_name(board, at) { surname_end(board, at) } else { None };
    if letter || hyphened || surname.is_some() {
        mask(board, at, surname.unwrap_or(at), SpanType::Name, RuleId::StrictWord);
        return;
    }
    // PANIC ATTACK, HEAT STROKE: in balanced mode too vague; an injury is the call's own matter.
    let condition = board.has(at, flag::ORGAN)
        && board.has(at + 1, flag::CONDTAIL)
        && !board.is_one_of(at + 1, words!("INJURY", "INJURIES", "WOUND", "WOUNDS", "ISSUES", "PROBLEMS"))
        && !board.is_masked(at + 1)
        && !board.starts_line(at + 1);
    if condition {
        mask(board, at, at + 1, SpanType::Medical, RuleId::StrictWord);
        return;
    }
    // MAN-MAN, JAY-JAY: a word said twice is what somebody is called.
    let twice = board.sign(at + 1) == b'-'
        && board.is_glued(at + 1)
        && board.is_glued(at + 2)
        && board.text(at + 2) == board.text(at)
        && board.text(at).len() > 1
        && !board.is_glued(at);
    if twice {
        mask(board, at, at + 2, SpanType::Name, RuleId::StrictWord);
        return;
    }
    // Oregon 913 LPN: three letters right behind three digits.
    let series = board.text(at).len() == 3
        && board.digits(before) == 3
        && board.is_masked(before)
        && !board.starts_line(at)
        && !board.has(at, flag::FUNC | flag::VERB | flag::BLOCK | flag::STREET | flag::UNITD)
        && !board.is_one_of(at, &MEASURES);
    if series {
        mask(board, at, at, SpanType::Plate, RuleId::StrictWord);
        return;
    }
    let beside = board.is_word(before) && !board.starts_line(at);
    let street = board.has(at, flag::STREET)
        && (board.is_claimed(before, SpanType::Name) || board.is_claimed(before, SpanType::Address));
    let unit = board.has(at, flag::UNITD) && board.is_claimed(before, SpanType::Address);
    if beside && (street || unit) {
        mask(board, at, at, SpanType::Address, RuleId::StrictWord);
    }
}

/// The last word of one or two in quotes from `at`: what somebody is called, or a word that opens a door.
fn quote_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let plain = |i: usize| board.is_word(i) && !board.starts_line(i);
    let last = (at..at + 2).take_while(|&i| plain(i)).last()?;
    let common = (at..=last).all(|i| board.has(i, flag::FUNC | flag::VERB));
    (board.sign(last + 1) == b'"' && !common).then_some(last)
}

/// `They agree Brick, the bouncer`: in sentences a capital inside one is somebody's or something's name.
fn capital_in_sentence(board: &Board<'_>, at: usize, style: Style) -> bool {
    const NO_NAME: u64 = flag::FUNC
        | flag::DAY
        | flag::MONTH
        | flag::DIR
        | flag::RANK
        | flag::TITLE
        | flag::ROLE
        | flag::KIN
        | flag::STATE
        | flag::STREET
        | flag::UNITD
        | flag::APPARATUS
        | flag::C_PHONE
        | flag::C_DOB
        | flag::C_PLATE
        | flag::C_VIN
        | flag::C_SSN
        | flag::C_LICENSE
        | flag::C_ACCOUNT;
    let before = at.wrapping_sub(1);
    let inside = at > 0
        && !board.starts_line(at)
        && (board.is_word(before) || board.sign(before) == b',')
        && board.tok(before).is_some_and(|tok| tok.case != Case::Upper);
    style == Style::Mixed
        && inside
        && board.text(at).len() > 2
        && board.tok(at).is_some_and(|tok| tok.case == Case::Title)
        && !board.has(at, NO_NAME)
}

/// `9904 STATE LINE RD`: up to three reviewed words between a masked house number and a street's type.
fn street_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let before = at.wrapping_sub(1);
    let number = board.is_num(before)
        && (2..=5).contains(&board.digits(before))
        && board.is_claimed(before, SpanType::Account)
        && !board.starts_line(at);
    if number { street_from(board, at) } else { None }
}

/// The street's type behind one to three reviewed words.
fn street_from(board: &Board<'_>, at: usize) -> Option<usize> {
    let plain = |i: usize| {
        board.is_word(i)
            && !board.is_masked(i)
            && !board.starts_line(i)
            && !board.has(i, flag::FUNC | flag::ROLE | flag::KIN | flag::TOPERSON)
    };
    let typed = (at + 1..at + 4).find(|&i| board.has(i, flag::STREET) && plain(i))?;
    (at..typed).all(plain).then_some(typed)
}

/// The last of one or two nouns from `at` that end a clause, or that a verb follows, behind a name that is no
/// abbreviation: `EZEKIEL REASON.`, `GWENDOLYN PARISH MEETING`.
fn surname_end(board: &Board<'_>, at: usize) -> Option<usize> {
    let before = at.wrapping_sub(1);
    let given = board.has(before, flag::GIVEN);
    let listed =
        given || board.has(before, flag::SUR) || board.flags(before) == 0 && board.text(before).len() > 3;
    let grammar = flag::FUNC | flag::VERB | flag::ROLE | flag::KIN | flag::PERSON | flag::SEX | flag::DIR;
    let other =
        flag::LOCCUE | flag::TOPERSON | flag::COLOR | flag::VEH | flag::MONTH | flag::DAY | flag::RANK;
    let noun = |i: usize| {
        board.is_word(i)
            && board.text(i).len() > 2
            && !board.is_masked(i)
            && !board.has(i, grammar | other)
            && !board.starts_line(i)
    };
    let last = (at..at + 2).take_while(|&i| noun(i)).last()?;
    let acts = given && last == at && board.has(last + 1, flag::VERB);
    (listed && (acts || detect::ends(board, last + 1))).then_some(last)
}

/// `UNIT 707`: the label goes with its number. `A. FERRANTE`, `B FITZSIMMONS`, `St. Clair`, `SOON-JA`: what leads to a name.
fn leads(board: &mut Board<'_>, at: usize) {
    let number = at + 1 + usize::from(board.sign(at + 1) == b'#');
    if board.has(at, flag::UNITD)
        && board.is_num(number)
        && board.is_masked(number)
        && !board.starts_line(number)
    {
        mask(board, at, at, SpanType::Address, RuleId::StrictWord);
        return;
    }
    let glue = board.is_glued(at + 1);
    let joined = usize::from(glue && matches!(board.sign(at + 1), b'.' | b'-'));
    let name = at + 1 + joined;
    if !board.is_word(name) || !board.is_claimed(name, SpanType::Name) || board.starts_line(name) {
        return;
    }
    let single = board.text(at).len() == 1;
    let dotted = joined == 1 && board.sign(at + 1) == b'.';
    let initial = single && (dotted || joined == 0 && !board.is_one_of(at, words!("A", "I", "W", "X")));
    let hyphen =
        joined == 1 && board.sign(at + 1) == b'-' && board.is_glued(name) && board.text(at).len() > 1;
    if initial || hyphen || board.is_one_of(at, words!("ST")) {
        mask(board, at, at, SpanType::Name, RuleId::StrictWord);
    }
}

/// `LAT` and `LON` before a coordinate.
fn axis(board: &mut Board<'_>, at: usize) {
    let label = at.wrapping_sub(1);
    let named =
        board.is_claimed(at, SpanType::Gps) && board.is_one_of(label, words!("LAT", "LON", "LONG", "LNG"));
    if named && !board.is_masked(label) {
        mask(board, label, label, SpanType::Gps, RuleId::StrictWord);
    }
}
