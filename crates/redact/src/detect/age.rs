//! Ages: with a word for years, beside sex and race codes, and right after a name.

use super::numeral::TENS;
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Gap;

fn is_age(board: &Board<'_>, at: usize) -> bool {
    board.tok(at).is_some_and(|tok| tok.is_free() && tok.classes & Class::Age.bit() != 0)
}

/// Ages that need no name: `71 YO`, `38-year-old`, `35YOM`, `AGE 13`, `W/M 58`, `W/M/20S`, `LATE 40S`.
pub(super) fn cued(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Age, Class::SexAge]);
    while at < board.len() {
        if is_age(board, at) {
            if let Some((first, last, rule)) = age_around(board, at) {
                board.claim(first, last, SpanType::Age, rule, 0.93);
                at = last;
            }
        } else if board.is_free(at) && board.has(at, flag::SEX) && board.is_glued(at + 1) {
            glued_after_sex(board, at);
        }
        at = board.seek(at + 1, [Class::Age, Class::SexAge]);
    }
    if board.seen & (flag::KIN | flag::PERSON | flag::MISC) != 0 {
        let mut at = board.seek(0, [Class::Described]);
        while at < board.len() {
            if board.is_one_of(at, &CHILDREN) {
                siblings(board, at);
            } else if board.is_one_of(at, &TENS) && board.is_free(at) {
                spelled(board, at);
            }
            at = board.seek(at + 1, [Class::Described]);
        }
    }
}

fn age_around(board: &Board<'_>, at: usize) -> Option<(usize, usize, RuleId)> {
    if let Some(last) = years_end(board, at) {
        return Some((range_start(board, at), last, RuleId::AgeCued));
    }
    // 29 MH: sex and race in one word.
    let coded = board.digits(at) == 2
        && !board.is_glued(at)
        && !board.is_glued(at + 1)
        && !board.starts_line(at + 1)
        && board.is_one_of(
            at + 1,
            words!("MH", "FH", "MB", "FB", "MW", "FW", "WM", "WF", "BM", "BF", "HM", "HF"),
        );
    if coded {
        return Some((at, at, RuleId::AgeDescription));
    }
    // 38/M, and the name before it.
    let sexed = board.digits(at) == 2
        && board.sign(at + 1) == b'/'
        && board.is_one_of(at + 2, words!("M", "F"))
        && (at + 1..at + 3).all(|i| board.is_glued(i))
        && !(board.is_glued(at + 3) && board.sign(at + 3) == 0)
        && !board.is_glued(at);
    if sexed {
        return Some((at, at + 2, RuleId::AgeDescription));
    }
    let decade = board.is_one_of(at + 1, words!("S", "ISH")) && board.is_glued(at + 1);
    let decade = decade && !(board.is_glued(at + 2) && board.is_num(at + 2));
    if decade && board.number(at).is_some_and(|age| (10..=99).contains(&age)) && board.digits(at) == 2 {
        return Some((approximate_start(board, at), at + 1, RuleId::AgeDescription));
    }
    if at == 0 {
        return of_person(board, at);
    }
    let mut before = at.wrapping_sub(1);
    while before > 0
        && (matches!(board.sign(before), b':' | b'=' | b',' | b'/' | b'#' | b'-')
            || board.is_one_of(before, words!("IS", "APPROX", "ABT", "ABOUT", "OF", "POSS", "UNK", "AROUND")))
    {
        before -= 1;
    }
    if board.is_one_of(before, words!("AGE", "AGED", "AGES", "EDAD")) {
        return Some((at, range_end(board, at), RuleId::AgeCued));
    }
    described(board, at, before).or_else(|| of_person(board, at))
}

/// `STUDENT 15 TOLD`, `SON 12,`; and `35 M, BLEEDING`.
fn of_person(board: &Board<'_>, at: usize) -> Option<(usize, usize, RuleId)> {
    // KID 7 LOCKED IN BATH, ONE CHILD 3.
    let small = board.is_one_of(
        at.wrapping_sub(1),
        words!(
            "CHILD",
            "KID",
            "TODDLER",
            "BABY",
            "SON",
            "DAUGHTER",
            "DAU",
            "GRANDSON",
            "GRANDDAUGHTER",
            "BOY",
            "GIRL"
        ),
    );
    let told_small = small
        && !board.is_glued(at)
        && board.digits(at) == 1
        && (board.is_word(at + 1) && !board.is_glued(at + 1) && !board.starts_line(at + 1)
            || matches!(board.sign(at + 1), b'.' | b',') && !board.is_glued(at + 2)
            || board.starts_line(at + 1))
        && !board.is_one_of(at + 1, &MEASURES)
        && !board.is_one_of(at + 1, words!("OF", "AND", "AM", "PM", "X", "DOORS", "HOUSES"))
        && !board.has(at + 1, flag::STREET | flag::DIR | flag::UNITD | flag::NUMBER | flag::PERSON);
    if told_small {
        return Some((at, at, RuleId::AgeDescription));
    }
    // ON BOY ABT 8.
    let about = board.is_one_of(at.wrapping_sub(1), words!("ABT", "ABOUT", "APPROX", "MAYBE"))
        && board.has(at.wrapping_sub(2), flag::PERSON | flag::KIN | flag::ROLE)
        && board.digits(at) <= 2
        && (matches!(board.sign(at + 1), b'.' | b',') && !board.is_glued(at + 2)
            || board.starts_line(at + 1));
    if about {
        return Some((at, at, RuleId::AgeDescription));
    }
    if board.digits(at) != 2
        || board.is_glued(at + 1) && !matches!(board.sign(at + 1), b',' | b'.')
        || board.starts_line(at) && at > 0
    {
        return None;
    }
    let comma = usize::from(board.sign(at.wrapping_sub(1)) == b',' && !board.is_glued(at));
    let person = !board.is_one_of(at.wrapping_sub(1), words!("EMS"))
        && (board.has(at.wrapping_sub(1 + comma), flag::PERSON | flag::KIN | flag::ROLE)
            || board.is_one_of(at.wrapping_sub(1 + comma), words!("LAW")))
        && board.is_word(at.wrapping_sub(1 + comma))
        && !board.is_glued(at);
    // VIC 23. EMS 11: the clause ends.
    let told = board.has(at + 1, flag::VERB) && !board.has(at + 1, flag::STREET | flag::DIR | flag::LOCCUE)
        || board.sign(at + 1) == b','
        || board.sign(at + 1) == b'.' && !board.is_glued(at + 2) && board.has(at.wrapping_sub(1), flag::ROLE);
    let begins = board.sign(at.wrapping_sub(1)) == b'.' && !board.is_glued(at) || board.starts_line(at);
    // 60 F DIFF BREATHING
    let sex = board.is_one_of(at + 1, words!("M", "F"))
        && (matches!(board.sign(at + 2), b',' | b'.' | b';')
            || board.is_word(at + 2)
                && !board.has(at + 2, flag::STREET | flag::STREETISH)
                && !board.starts_line(at + 2))
        && begins;
    // 34 FEMALE SOB
    let sex = sex
        || begins
            && board.is_one_of(at + 1, words!("MALE", "FEMALE", "FEM"))
            && board.has(at + 2, flag::COND | flag::ORGAN | flag::VERB | flag::MEDCUE)
            && !board.starts_line(at + 2);
    // 29 HX SEIZURES; 73, DIABETIC
    let ill = begins
        && (board.has(at + 1, flag::MEDCUE)
            || board.is_claimed(at + 1, SpanType::Medical)
            || board.has(at + 1, flag::COND)
            || (board.sign(at + 1) == b',' || board.is_one_of(at + 1, words!("AND")))
                && (board.has(at + 2, flag::COND) || board.is_claimed(at + 2, SpanType::Medical)))
        && !board.starts_line(at + 1);
    // PULSE, 88 and VITALS. 98: what was measured.
    let vital = (1..=4).any(|back| {
        board.is_one_of(
            at.wrapping_sub(back),
            words!(
                "PULSE", "BP", "RESP", "RESPS", "TEMP", "VITALS", "HR", "SAT", "SATS", "O2", "CHANNEL",
                "GLUCOSE", "SUGAR", "BGL"
            ),
        )
    });
    // NOT HURT. 88. LOT 14: a sentence of its own.
    let alone = !vital
        && board.sign(at.wrapping_sub(1)) == b'.'
        && board.sign(at + 1) == b'.'
        && !board.is_glued(at)
        && !board.is_glued(at + 2)
        && (board.is_word(at.wrapping_sub(2)) || !board.is_free(at.wrapping_sub(2)))
        && !board.has(at.wrapping_sub(2), flag::C_ACCOUNT | flag::C_PHONE | flag::C_PLATE)
        && board.number(at).is_some_and(|age| (18..=99).contains(&age));
    // IN HER BASEMENT. 87, LIVES ALONE.
    let alone = alone
        || !vital
            && board.sign(at.wrapping_sub(1)) == b'.'
            && board.sign(at + 1) == b','
            && !board.is_glued(at)
            && board.has(at + 2, flag::VERB)
            && board.number(at).is_some_and(|age| (18..=99).contains(&age));
    // HER MOTHER, 80, HAS; IN THE PEN, 38, NOT: between commas, and no list of numbers.
    let other =
        flag::UNITD | flag::STREET | flag::APPARATUS | flag::ROAD | flag::STATE | flag::MONTH | flag::DAY;
    let apposed = !vital
        && board.sign(at.wrapping_sub(1)) == b','
        && board.sign(at + 1) == b','
        && !board.is_glued(at)
        && board.is_word(at.wrapping_sub(2))
        && board.is_word(at + 2)
        && !board.has(at.wrapping_sub(2), other)
        && !board.has(at + 2, flag::MONTH | flag::STREET | flag::DIR)
        && board.number(at).is_some_and(|age| (16..=99).contains(&age));
    let subject = alone
        || apposed
        || board.is_one_of(at.wrapping_sub(1), words!("IS", "WAS", "TURNED", "TURNS"))
            && at > 1
            && (board.is_one_of(at.wrapping_sub(2), words!("HE", "SHE", "WHO", "PT"))
                || board.has(at.wrapping_sub(2), flag::ROLE | flag::KIN))
            && (matches!(board.sign(at + 1), b',' | b'.')
                || board.is_one_of(at + 1, words!("AND", "BUT", "WITH", "W", "HAS"))
                || board.starts_line(at + 1))
        || board.is_one_of(at.wrapping_sub(1), words!("SHE'S", "HE'S", "SHES", "HES", "IM", "BOTH"))
        || board.is_one_of(at.wrapping_sub(1), words!("BE"))
            && board.is_one_of(at.wrapping_sub(2), words!("SHE'LL", "HE'LL", "WILL", "SHELL", "HELL"))
            && (matches!(board.sign(at + 1), b',' | b'.')
                || board.is_one_of(at + 1, words!("AND", "BUT", "WITH", "W", "HAS"))
                || board.starts_line(at + 1));
    let person = person && told || subject;
    let told = true;
    let years = board.number(at).is_some_and(|age| age >= 5);
    (years && (person && told || sex || ill)).then_some((at, at, RuleId::AgeDescription))
}

/// `he's seventy one`, `SIXTY YEARS OLD`: in words, as a voice is written down.
fn spelled(board: &mut Board<'_>, at: usize) {
    let ones = board.has(at + 1, flag::NUMBER) && !board.starts_line(at + 1);
    let last = at + usize::from(ones);
    let told = board.is_one_of(
        at.wrapping_sub(1),
        words!("HE'S", "SHE'S", "HE", "SHE", "HES", "SHES", "AGE", "AGED", "IS", "TURNED", "UH", "UM"),
    ) && !board.is_one_of(last + 1, &MEASURES);
    let years = board.is_one_of(last + 1, words!("YEARS", "YEAR", "YO", "YR", "YRS"))
        && board.is_one_of(last + 2, words!("OLD", "OF"));
    let last = if years && board.is_one_of(last + 2, words!("OLD")) { last + 2 } else { last };
    if told || years {
        board.claim(at, last, SpanType::Age, RuleId::AgeCued, 0.8);
    }
}

/// Whose ages are told one after another.
pub(crate) const CHILDREN: Words = *words!(
    "KIDS",
    "CHILDREN",
    "CHILD",
    "SONS",
    "DAUGHTERS",
    "BOYS",
    "GIRLS",
    "JUVS",
    "JUVENILES",
    "GRANDKIDS",
    "GRANDCHILDREN",
    "NEPHEWS",
    "NIECES",
    "SIBLINGS"
);

/// `KIDS 4 AND 7`, `children are 9 and 11`, `SONS 3, 5 & 8`: the ages of several children, one after another.
fn siblings(board: &mut Board<'_>, at: usize) {
    let mut number = at + 1;
    while board.is_one_of(number, words!("ARE", "AGE", "AGES", "AGED", "IS"))
        || matches!(board.sign(number), b',' | b':' | b'(')
    {
        number += 1;
    }
    let small = |i: usize| {
        (board.is_free(i) || board.is_claimed(i, SpanType::Age))
            && board.number(i).is_some_and(|age| (1..=17).contains(&age))
            && !board.starts_line(i)
    };
    let mut ages: smallvec::SmallVec<[usize; 6]> = smallvec::SmallVec::new();
    while ages.len() < 6 && small(number) {
        ages.push(number);
        number += 1;
        while matches!(board.sign(number), b',' | b'&') || board.is_one_of(number, words!("AND", "Y")) {
            number += 1;
        }
    }
    let measured = ages.last().is_some_and(|&last| {
        board.is_glued(last + 1)
            && board.sign(last + 1) != b')'
            && !matches!(board.sign(last + 1), b'.' | b',')
            || board.has(last + 1, flag::DIR | flag::STREET)
            || board.is_one_of(last + 1, &MEASURES)
            || board.is_one_of(last + 1, words!("OF"))
    });
    let numbered = ages.len() == 2 && board.number(ages[0]) == Some(1) && board.number(ages[1]) == Some(2);
    if ages.len() >= 2 && !measured && !numbered {
        for at in ages {
            board.claim(at, at, SpanType::Age, RuleId::AgeDescription, 0.8);
        }
    }
}

/// After `W/M`, `B/F`, `WM`, `F`: a bare number of two digits.
fn described(board: &Board<'_>, at: usize, before: usize) -> Option<(usize, usize, RuleId)> {
    // JUV F 9, and CARDIAC, M 58.
    let of_letter = board.is_one_of(before, words!("M", "F"))
        && before + 1 == at
        && !board.is_glued(at)
        && (board.has(before.wrapping_sub(1), flag::ROLE | flag::PERSON | flag::KIN)
            || matches!(board.sign(before.wrapping_sub(1)), b',' | b'.')
            || board.starts_line(before))
        && (matches!(board.sign(at + 1), b'.' | b',' | b';' | b'|' | b')') || board.starts_line(at + 1))
        && (board.starts_line(at + 1) || !board.is_glued(at + 2))
        || board.is_one_of(before, words!("M", "F"))
            && before + 1 == at
            && !board.is_glued(at)
            && board.digits(at) == 2
            && (board.starts_line(before) || board.sign(before.wrapping_sub(1)) == b'.')
            && board.has(at + 1, flag::COND | flag::ORGAN | flag::MEDCUE);
    if of_letter && board.digits(at) <= 2 {
        return Some((at, at, RuleId::AgeDescription));
    }
    if board.digits(at) != 2 || board.is_glued(at) && !matches!(board.sign(at.wrapping_sub(1)), b'/' | b',') {
        return None;
    }
    let race = before >= 2
        && board.sign(before.wrapping_sub(1)) == b'/'
        && board.has(before, flag::SEX)
        && board.has(before.wrapping_sub(2), flag::SEX);
    let pair = board.has(before, flag::SEX) && board.text(before).len() >= 2 && board.text(before).len() <= 3;
    let letter = board.is_one_of(before, words!("M", "F")) && before + 2 <= at && board.sign(before + 1) != 0;
    let word = board.is_one_of(before, words!("MALE", "FEMALE", "FEM"))
        && (before + 2 == at && board.sign(before + 1) != 0
            || before + 1 == at
                && !board.has(at + 1, flag::STREET | flag::DIR | flag::UNITD | flag::NUMBER)
                && !board.is_one_of(at + 1, &MEASURES));
    // B/M 33 BLK TEE: nobody lives on a block of two digits.
    let black = race && board.is_one_of(at + 1, words!("BLK")) && !board.is_one_of(at + 2, words!("OF"));
    let blocked = board.has(at + 1, flag::STREET | flag::DIR | flag::BLOCK)
        && !board.is_one_of(at + 1, words!("NO", "SO"))
        && !board.has(at + 1, flag::SEX)
        && !black
        || board.is_glued(at + 1) && matches!(board.sign(at + 1), b'/' | b':' | b'.') && board.is_num(at + 2)
        || board.has(at + 1, flag::UNITD | flag::STREETISH);
    let inch = board.sign(at + 1) == b'-' && !range_fits(board, at);
    (!blocked && !inch && (race || pair || letter || word))
        .then(|| (at, range_end(board, at), RuleId::AgeDescription))
}

fn range_fits(board: &Board<'_>, at: usize) -> bool {
    matches!(board.sign(at + 1), b'-') && board.digits(at + 2) == 2 && board.number(at + 2) > board.number(at)
}

fn range_end(board: &Board<'_>, at: usize) -> usize {
    if range_fits(board, at) && board.is_glued(at + 2) { at + 2 } else { at }
}

/// `20-25 YO`: the first number belongs to the age.
fn range_start(board: &Board<'_>, at: usize) -> usize {
    if at >= 2
        && board.sign(at.wrapping_sub(1)) == b'-'
        && board.digits(at.wrapping_sub(2)) == 2
        && board.is_free(at.wrapping_sub(2))
    {
        at.wrapping_sub(2)
    } else {
        at
    }
}

/// `LATE 40S`, `MID TO LATE 30S`.
fn approximate_start(board: &Board<'_>, at: usize) -> usize {
    let mut first = at;
    if first >= 2
        && board.sign(first.wrapping_sub(1)) == b'-'
        && board.is_one_of(first.wrapping_sub(2), words!("MID", "LATE", "EARLY"))
    {
        return first.wrapping_sub(2);
    }
    if board.is_one_of(first.wrapping_sub(1), words!("MID", "LATE", "EARLY", "UPPER", "LOWER")) {
        first -= 1;
    }
    first
}

/// The last token of `71 YO`, `9 YOA`, `79 Y/O`, `38-year-old`, `3 months old`, `45 años`.
fn years_end(board: &Board<'_>, at: usize) -> Option<usize> {
    // BABY 5 MO FEVER.
    let months = board
        .is_one_of(at + 1, words!("MO", "MOS", "MONTH", "MONTHS", "WK", "WKS", "WEEKS", "DAYS"))
        && !board.is_one_of(at + 2, words!("AGO", "LATER", "PREGNANT", "PREG", "PRIOR", "STRAIGHT"))
        && !board.starts_line(at + 1);
    if months && board.is_one_of(at.wrapping_sub(1), words!("BABY", "INFANT", "NEWBORN", "CHILD", "TODDLER"))
    {
        return Some(at + 1);
    }
    let next = if board.sign(at + 1) == b'-' { at + 2 } else { at + 1 };
    if board.starts_line(next) {
        return None;
    }
    if board.is_one_of(
        next,
        words!("YO", "YOA", "YOM", "YOF", "YOH", "YOB", "YOWM", "YOBM", "YOWF", "YOBF", "YOHM", "YOHF"),
    ) {
        return Some(next);
    }
    if board.is_one_of(next, words!("Y"))
        && board.is_one_of(next + 2, words!("O", "OA"))
        && matches!(board.sign(next + 1), b'/' | b'.' | b'-')
    {
        return Some(next + 2);
    }
    if board.is_one_of(next, words!("M", "F"))
        && board.is_glued(next)
        && board.digits(at) == 2
        && !(board.is_glued(next + 1)
            && (board.is_word(next + 1) || board.is_num(next + 1) || board.sign(next + 1) == b'-'))
        && !unit_before(board, at)
        && !board.is_one_of(next + 1, words!("UNC", "CONF", "ACC", "ACCURACY", "RADIUS", "AWAY"))
    {
        return Some(next);
    }
    let period = board.is_one_of(
        next,
        words!(
            "YEAR", "YEARS", "YR", "YRS", "MONTH", "MONTHS", "MO", "MOS", "WEEK", "WEEKS", "ANOS", "MESES"
        ),
    );
    let old = if matches!(board.sign(next + 1), b'-') { next + 2 } else { next + 1 };
    if period && board.is_one_of(old, words!("OLD", "OLDS", "OF")) && board.is_word(old) {
        return Some(if board.is_one_of(old, words!("OF")) {
            if board.is_one_of(old + 1, words!("AGE")) { old + 1 } else { return None }
        } else {
            old
        });
    }
    if board.is_one_of(next, words!("ANOS"))
        || period
            && board.is_one_of(next + 1, words!("MALE", "FEMALE", "FEM", "BOY", "GIRL", "BABY", "INFANT"))
            && !board.starts_line(next + 1)
    {
        return Some(next);
    }
    None
}

/// `APT 5F` and `I-35F` are not ages.
fn unit_before(board: &Board<'_>, at: usize) -> bool {
    at > 0
        && (board
            .has(at.wrapping_sub(1), flag::UNITD | flag::ROAD | flag::APPARATUS | flag::VEH | flag::C_PLATE)
            || matches!(board.sign(at.wrapping_sub(1)), b'#' | b'-')
            || board.is_glued(at)
            || board
                .is_one_of(at.wrapping_sub(1), words!("UNC", "COP", "WITHIN", "ACCURACY", "RADIUS", "CONF")))
}

/// `W/M30`, `HM25`.
fn glued_after_sex(board: &mut Board<'_>, sex: usize) {
    let at = sex + 1;
    let pair = board.text(sex).len() == 2 && !board.has(sex, flag::STATE)
        || sex >= 2 && board.sign(sex.wrapping_sub(1)) == b'/' && board.has(sex.wrapping_sub(2), flag::SEX);
    if pair && is_age(board, at) && board.digits(at) == 2 && !board.is_glued(at + 1) {
        board.claim(at, at, SpanType::Age, RuleId::AgeDescription, 0.8);
    }
}

/// What is counted after a name: JOHN 20 FEET AWAY.
pub(crate) const MEASURES: Words = *words!(
    "PILLS", "DOORS", "HOUSES", "PERCENT", "LBS", "POUNDS", "GRAMS", "MG", "INCHES", "BEERS", "APTS",
    "FLOORS", "STITCHES", "BAGS", "FT", "FEET", "FOOT", "MIN", "MINS", "MINUTES", "HR", "HRS", "HOURS",
    "DAYS", "WEEKS", "MONTHS", "MILES", "MI", "YARDS", "BLOCKS", "TIMES", "CALLS", "CALLERS", "DOLLARS",
    "ROUNDS", "RDS", "SHOTS", "UNITS", "CARS", "VEHS", "MALES", "FEMALES", "JUVS", "PEOPLE"
);

/// A number right after a person's name, and a date of birth there.
pub(super) fn after_names(board: &mut Board<'_>) {
    if board.found.is_empty() {
        return;
    }
    let mut at = board.seek(0, [Class::Masked]);
    while at < board.len() {
        if board.is_claimed(at, SpanType::Name) && !board.is_claimed(at + 1, SpanType::Name) {
            super::date::after_name(board, at);
            after_name(board, at);
        }
        at = board.seek(at + 1, [Class::Masked]);
    }
}

fn spaced_word(board: &Board<'_>, at: usize) -> bool {
    board.is_word(at) && board.tok(at).is_some_and(|tok| tok.gap == Gap::Space)
}

fn after_name(board: &mut Board<'_>, name: usize) {
    let mut at = name + 1;
    let (mut sex, mut told) = (false, false);
    for _ in 0..5 {
        sex |= board.has(at, flag::SEX);
        let is = board.is_one_of(at, words!("IS", "WAS", "AGE", "AGED", "TURNED")) && board.is_num(at + 1);
        if !(matches!(board.sign(at), b',' | b'(' | b'/') || board.has(at, flag::SEX) || is)
            || board.starts_line(at)
        {
            break;
        }
        told |= is;
        at += 1;
    }
    if board.starts_line(at)
        || !is_age(board, at)
        || board.digits(at) > 2
        || board.is_glued(at) && board.sign(at.wrapping_sub(1)) == 0
    {
        return;
    }
    let next = at + 1;
    // MATEO 8 MONTHS AND LEFT: a baby's age, unless the time is one that passed.
    if board.is_one_of(next, words!("MONTHS", "MOS", "MO", "WEEKS", "WKS", "YEARS", "YRS"))
        && board.digits(at) <= 2
        && (board.has(next + 1, flag::VERB | flag::SEX)
            || board.is_one_of(next + 1, words!("OLD", "AND", "HAS", "IN")))
        && !board.is_one_of(next + 1, words!("AGO", "LATER", "BACK", "PRIOR"))
        && !board.starts_line(next)
    {
        board.claim(at, next, SpanType::Age, RuleId::AgeAfterName, 0.8);
        return;
    }
    let closed = next >= board.len()
        || board.starts_line(next)
        || matches!(board.sign(next), b',' | b')' | b';')
        || board.sign(next) == b'.' && !(board.is_glued(next + 1) && board.is_num(next + 1));
    // FITZWILLIAM 77 NOT ANSWERING: two digits right behind a name are an age, if nothing is counted.
    let with = board.is_one_of(next, words!("W")) && board.sign(next + 1) == b'/';
    let direct = at == name + 1
        && board.digits(at) == 2
        && spaced_word(board, next)
        && (with || board.text(next).len() > 1)
        && !board.has(next, flag::NUMBER | flag::STREET | flag::UNITD | flag::VEH)
        && (with || !board.has(next, flag::DIR))
        && !board.is_one_of(next, &MEASURES)
        && !board.is_one_of(next, words!("PLUS", "TH", "ND", "RD", "AM", "PM", "CAL", "GAUGE", "GA", "O"));
    let medical = board.digits(at) == 2 && board.is_claimed(next, SpanType::Medical);
    let labelled = board.digits(at) == 2
        && board.has(next, flag::C_DOB | flag::C_LICENSE | flag::C_PHONE | flag::C_SSN)
        && !board.has(next, flag::LOCCUE);
    let verb = board.has(next, flag::VERB | flag::SEX) && !board.has(next, flag::DIR);
    let spaced = board.tok(next).is_some_and(|tok| tok.gap == Gap::Space);
    let told = told
        && spaced_word(board, next)
        && !board.has(next, flag::STREET | flag::DIR)
        && !board.is_one_of(next, &MEASURES);
    if closed
        || direct
        || told
        || medical
        || labelled
        || (verb || sex)
            && spaced
            && !board.has(next, flag::STREET | flag::DIR | flag::STREETISH)
            && board.has(next, flag::ORD)
    {
        board.claim(at, at, SpanType::Age, RuleId::AgeAfterName, 0.85);
    }
}
