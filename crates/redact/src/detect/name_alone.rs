//! Names that nothing announces: judged by what their words are worth and by what stands around them.

use super::age::MEASURES;
use super::name_context::{
    PERSONAL, given_before, is_person, is_title_case, named_after, on_person, particles_before,
    starts_sentence, strong_close, versus,
};
use super::name_extent::extend;
use super::name_forms::{and_name, badged, slashed, surname_slash, with_initial};
use super::name_rules::{
    Style, Worth, after_name, after_place_word, closes, ends, is_rare_word, is_suppressed_after, worth,
};
use crate::board::Board;
use crate::lexicon::words;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::Kind;

/// The rule that makes it a name and how sure it is, or that it is none.
type Verdict = Option<(RuleId, f32)>;

/// Names without a cue before them.
pub(super) fn alone(board: &mut Board<'_>, at: usize, style: Style) {
    let value = worth(board, at, style);
    if in_record_order(board, at) {
        return;
    }
    if value == Worth::None
        || board.is_glued(at) && at > 0 && matches!(board.sign(at.wrapping_sub(1)), b'.' | b'@' | b'_' | b'/')
    {
        return;
    }
    if and_name(board, at, value, style) {
        return;
    }
    let last = extend(board, at, style);
    if badged(board, at, last, value) {
        return;
    }
    if after_name(board, at)
        && value >= Worth::Unknown
        && closes(board, at + 1)
        && !is_suppressed_after(board, at)
        && board.tok(at.wrapping_sub(1)).is_some_and(|tok| tok.kind == Kind::Placeholder)
    {
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
        && (board.is_one_of(at.wrapping_sub(1), words!("LIL"))
            || board.has(at, flag::GIVEN) && (value == Worth::Prior || strong_close(board, at + 1)))
        && !is_suppressed_after(board, at);
    if lil && board.claim(at.wrapping_sub(1), at, SpanType::Name, RuleId::NamePair, 0.7) {
        return;
    }
    if slashed(board, at, value, style) || with_initial(board, at, value, style) {
        return;
    }
    if is_suppressed_after(board, last) {
        return;
    }
    if let Some((rule, confidence)) = judge(board, at, last, style) {
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

/// `478-555-0157 "GENE"`, `SOLD IT TO "DRE"`: one word in quotes, for which `open` stands.
pub(super) fn in_quotes(board: &mut Board<'_>, open: usize, style: Style) {
    let at = open + 1;
    let before = open.wrapping_sub(1);
    let to_whom = board.is_claimed(before, SpanType::Phone)
        || board.is_one_of(before, words!("TO", "FROM", "BY", "WITH", "FOR", "S", "V", "IS"));
    // SAYS "FLACO" DID IT
    let blamed =
        board.is_one_of(before, words!("SAYS", "SAID", "THINKS", "SAW")) && board.has(at + 2, flag::VERB);
    let quoted = board.sign(open) == b'"' && board.sign(at + 1) == b'"' && (to_whom || blamed);
    let listed =
        worth(board, at, style) >= Worth::Unknown || board.has(at, flag::GIVEN) || is_rare_word(board, at);
    if quoted && listed && !board.has(at, flag::STRICT) {
        board.claim(at, at, SpanType::Name, RuleId::NameCue, 0.7);
    }
}

/// `BAREFOOT, KELLY S W/F`: the order of records with a description behind it makes a surname of any word.
fn in_record_order(board: &mut Board<'_>, given: usize) -> bool {
    let surname = given.wrapping_sub(2);
    let described = |i: usize| {
        board.has(i, flag::SEX) && board.sign(i + 1) == b'/' && board.has(i + 2, flag::SEX)
            || board.has(i, flag::C_DOB | flag::C_LICENSE) && !board.has(i, flag::VERB)
    };
    let initial = board.is_word(given + 1) && board.text(given + 1).len() == 1 && !described(given + 1);
    let last = given + usize::from(initial);
    board.sign(given.wrapping_sub(1)) == b','
        && board.is_word(given)
        && (board.has(given, flag::GIVEN) || board.flags(given) == 0)
        && board.is_word(surname)
        && board.text(surname).len() > 2
        && !board.starts_line(given)
        && !board.has(surname, flag::FUNC | flag::VERB | flag::ROLE)
        && described(last + 1)
        && board.claim(surname, last, SpanType::Name, RuleId::NameComma, 0.85)
}

/// Whether a run of words that may be a name is one.
fn judge(board: &Board<'_>, first: usize, last: usize, style: Style) -> Verdict {
    let run = Run::read(board, first, last, style);
    if is_place(board, run) {
        return None;
    }
    if first == last && is_thing(board, first) || is_counted(board, first) {
        return None;
    }
    if is_of_household(board, run) {
        return Some((RuleId::NamePair, 0.8));
    }
    let Run { value, words, prior, place, titled, follows, .. } = run;
    if (first..=last).any(|at| board.sign(at) == b',') {
        return with_comma(board, run);
    }
    if value == Worth::Prior && board.has(first, flag::GIVEN) && words >= 2 {
        // SERVED ON BRYCE TATE: what stands on a street has a street's type behind it.
        let surname =
            board.has(last, flag::SUR | flag::NAMEABLE) || worth(board, last, style) >= Worth::Unknown;
        let person = on_person(board, first) && surname && closes(board, last + 1);
        // I HAVE A SHANIQUA BURKE ON THE LINE
        let held = board.is_one_of(first.wrapping_sub(1), words!("A"))
            && board.is_one_of(first.wrapping_sub(2), words!("HAVE", "HAS", "GOT"));
        return (!place || titled || follows || person || held).then_some((RuleId::NamePair, 0.9));
    }
    if words >= 2 && prior && value >= Worth::Unknown {
        let person = on_person(board, first) && closes(board, last + 1);
        return (!place || follows || person).then_some((RuleId::NamePair, 0.85));
    }
    // HUTCHENS VS BAYLESS; SHE IS HODAN, 29.
    let says = board.is_one_of(
        first.wrapping_sub(3),
        words!("SAYS", "SAID", "STS", "STATES", "STATED", "CLAIMS", "SAYING", "THINKS"),
    ) && board.has(first, flag::GIVEN | flag::NAMEABLE);
    if value >= Worth::Unknown && (versus(board, first, last) || is_person(board, first, last))
        || value == Worth::Ambiguous && says && is_person(board, first, last)
    {
        return Some((RuleId::NamePrior, 0.75));
    }
    match value {
        Worth::Prior => sure_word(board, run),
        Worth::Unknown if !place => unknown_words(board, run),
        Worth::Ambiguous if words == 1 => ambiguous_word(board, run),
        Worth::Ambiguous => ambiguous_words(board, run),
        Worth::Unknown | Worth::None => None,
    }
}

/// A run of words that may be a name, and what is asked of it more than once.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "independent observations, each asked for by name")]
struct Run {
    first: usize,
    last: usize,
    words: usize,
    style: Style,
    /// What the first word is worth.
    value: Worth,
    /// One of the words is a name and nothing else.
    prior: bool,
    /// It has a capital in a text of sentences.
    titled: bool,
    /// A place is expected here.
    place: bool,
    /// Something that only a person has follows.
    follows: bool,
    /// Something that a person follows stands before.
    person_before: bool,
}

impl Run {
    fn read(board: &Board<'_>, first: usize, last: usize, style: Style) -> Self {
        let before = first.wrapping_sub(1);
        let described = board.is_claimed(before, SpanType::Age) && !board.starts_line(first);
        let person_before = described
            || first > 0
                && !board.starts_line(first)
                && (board.has(before, flag::TOPERSON)
                    && !board.is_one_of(before, words!("FROM", "TO", "OF", "AND", "FOR", "W"))
                    || board.has(before, flag::KIN));
        Self {
            first,
            last,
            words: last + 1 - first,
            style,
            value: worth(board, first, style),
            prior: (first..=last).any(|at| worth(board, at, style) == Worth::Prior),
            titled: is_title_case(board, first, style),
            place: after_place_word(board, first),
            follows: strong_close(board, last + 1),
            person_before,
        }
    }
}

/// One word that is a thing, a firm or a town by what stands beside it.
fn is_thing(board: &Board<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(1);
    // A BLUE SIENNA, BLK ANGUS: what has a colour is no person.
    let coloured = board.has(before, flag::COLOR)
        && !board.has(before, flag::SUR | flag::GIVEN | flag::SEX)
        && !board.starts_line(at)
        && board.is_free(before);
    let twice = at.wrapping_sub(2);
    // VEH TOWED BY MILNE
    let towed = board.is_one_of(before, words!("BY"))
        && board.is_one_of(twice, words!("TOWED", "TOW", "TOWING", "IMPOUNDED"));
    // MUTUAL AID FROM SHERIDAN
    let aid = board.is_one_of(before, words!("FROM"))
        && (board.has(twice, flag::DIR)
            || board.is_one_of(twice, words!("AID", "RESPONDING", "ENRT", "TRANSFER", "UNITS")));
    // BARRINGTON AT BODE: one name at another is a crossing.
    let crossing = board.is_one_of(at + 1, words!("AT"))
        && worth(board, at + 2, Style::Flat) >= Worth::Unknown
        && (board.starts_line(at + 3) || matches!(board.sign(at + 3), b'.' | b','));
    coloured || towed || aid || crossing
}

/// 15 MIN MAX: a measure behind a number.
fn is_counted(board: &Board<'_>, at: usize) -> bool {
    board.is_num(at.wrapping_sub(1)) && board.is_one_of(at, &MEASURES)
}

/// ONE OF THE KUEHL BOYS; HEATHER (WIFE).
fn is_of_household(board: &Board<'_>, run: Run) -> bool {
    let Run { first, last, value, .. } = run;
    let family = board.is_one_of(first.wrapping_sub(1), words!("THE"))
        && board.is_one_of(
            last + 1,
            words!("BOYS", "BROTHERS", "GIRLS", "SISTERS", "TWINS", "KIDS", "FAMILY", "RESIDENCE", "RESD"),
        );
    let related = board.sign(last + 1) == b'('
        && board.has(last + 2, flag::KIN)
        && board.sign(last + 3) == b')'
        && board.has(first, flag::GIVEN | flag::SUR);
    related && value >= Worth::Ambiguous || family && value >= Worth::Unknown && first == last
}

/// WHITMAN HALL, MARTIN LUTHER KING PARK, GEORGE WASHINGTON BRIDGE: what is only called after a person.
fn is_place(board: &Board<'_>, run: Run) -> bool {
    let Run { first, last, value, follows, .. } = run;
    let venue = last == first + 1
        && board.has(last, flag::BIZ | flag::STREETISH | flag::TRADE)
        && !(board.has(first, flag::GIVEN) && value == Worth::Prior && !board.has(first, flag::SUR))
        && !follows;
    let king = board.is_one_of(first, words!("LUTHER", "MLK")) && board.is_one_of(first + 1, words!("KING"));
    let landmark = board.has(last + 1, flag::CITY | flag::STATENAME)
        && !board.has(last + 1, flag::VERB)
        && !board.starts_line(last + 1)
        && is_suppressed_after(board, last + 1);
    last <= first + 1 && named_after(board, first) || venue || king || landmark
}

/// `LAST, FIRST`.
fn with_comma(board: &Board<'_>, run: Run) -> Verdict {
    let Run { first, last, value, prior, place, follows, .. } = run;
    let served = on_person(board, first);
    let tail = board.is_word(last) && board.text(last).len() == 1 || follows || served;
    let given = (first + 1..=last).any(|at| board.has(at, flag::GIVEN));
    let ok =
        value >= Worth::Unknown && (prior || tail) || value == Worth::Ambiguous && (prior || given) && tail;
    (ok && (!place || served)).then_some((RuleId::NameComma, 0.9))
}

/// Several words, the first of which is an ordinary one as well.
fn ambiguous_words(board: &Board<'_>, run: Run) -> Verdict {
    let Run { first, last, words, style, titled, place, follows, .. } = run;
    if board.has(first, flag::GIVEN)
        && !board.has(first, flag::ROLE)
        && (!board.has(first, flag::VERB)
            || starts_sentence(board, first) && worth(board, last, style) >= Worth::Unknown)
    {
        // WELFARE CK ON GRACE OKAFOR
        let strong = worth(board, last, style) >= Worth::Unknown
            && (!place || on_person(board, first))
            && !(board.has(first, flag::VEH) && board.has(last, flag::VEH));
        let follows = follows && !board.has(first, flag::MONTH);
        // Mason D., Brody: a given name and an initial, in sentences.
        if titled
            && last == first + 2
            && board.sign(last) == b'.'
            && board.text(first + 1).len() == 1
            && !place
        {
            return Some((RuleId::NameInitials, 0.7));
        }
        return (strong
            || follows && !place
            || titled && closes(board, last + 1) && !place && !starts_sentence(board, first))
        .then_some((RuleId::NamePair, 0.8));
    }
    // MAE BELLE CALLED: the same where a clause begins.
    if words == 2
        && starts_sentence(board, first)
        && board.has(first, flag::GIVEN)
        && board.has(last, flag::SUR | flag::NAMEABLE)
        && !board.has(first, flag::STRICT | flag::COLOR | flag::MONTH | flag::VERB | flag::BIZ | flag::VEH)
        && (board.has(last + 1, flag::VERB) || ends(board, last + 1))
        && !place
    {
        return Some((RuleId::NamePair, 0.6));
    }
    None
}

/// One word that is an ordinary one as well.
fn ambiguous_word(board: &Board<'_>, run: Run) -> Verdict {
    let Run { first, last, style, titled, place, .. } = run;
    if titled
        && board.has(first, flag::GIVEN)
        && !board.has(first, flag::STRICT | flag::CITY | flag::MONTH | flag::STATENAME)
        && !place
    {
        let acts = board.has(last + 1, flag::VERB) || board.has(last + 1, flag::DET);
        let fits = if starts_sentence(board, first) { acts } else { closes(board, last + 1) };
        return fits.then_some((RuleId::NamePrior, 0.6));
    }
    if board.has(first, flag::GIVEN)
        && !board.has(first, flag::VERB | flag::MONTH)
        && (board.sign(last + 1) == b',' || matches!(board.sign(last + 1), b'('))
        && [SpanType::Age, SpanType::Dob, SpanType::Phone]
            .into_iter()
            .any(|ty| board.is_claimed(last + 2, ty))
    {
        return Some((RuleId::NamePrior, 0.8));
    }
    // 6 YO MASON BITTEN
    if board.is_claimed(first.wrapping_sub(1), SpanType::Age)
        && board.has(first, flag::GIVEN)
        && !board.has(first, flag::STRICT | flag::VERB | flag::PERSON | flag::MONTH)
        && !board.starts_line(first)
        && closes(board, last + 1)
    {
        return Some((RuleId::NamePrior, 0.65));
    }
    // JOHNSON HAS VIDEO: a town that is a surname as well, where it acts.
    if board.has(first, flag::CITY)
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
    if board.has(first, flag::GIVEN)
        && starts_sentence(board, first)
        && board.is_one_of(last + 1, &PERSONAL)
        && !board.has(first, flag::ROLE | flag::KIN | flag::PERSON | flag::MONTH)
    {
        return Some((RuleId::NamePrior, 0.6));
    }
    if style == Style::Flat && starts_sentence(board, first) {
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
    None
}

/// One word that is a name and nothing else.
fn sure_word(board: &Board<'_>, run: Run) -> Verdict {
    let Run { first, last, style, titled, place, follows, person_before, .. } = run;
    let given = board.has(first, flag::GIVEN);
    let spelled = board.has(first, flag::PHONETIC)
        && (board.has(first + 1, flag::PHONETIC)
            || board.is_num(first + 1)
            || first > 0
                && (board.has(first.wrapping_sub(1), flag::PHONETIC) || board.is_num(first.wrapping_sub(1))));
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
    // DELGADILLO IN THE SILVER CAR
    let opens = style == Style::Flat
        && starts_sentence(board, first)
        && board.is_one_of(last + 1, words!("IN", "FROM", "ON"))
        && board.has(last + 2, flag::DET);
    let fine = opens
        || clause && titled
        || apposed
        || acts
        || given && !place && !spelled
        || person_before
        || follows
        || titled && !starts_sentence(board, first) && !place;
    fine.then_some((RuleId::NamePrior, if given { 0.75 } else { 0.65 }))
}

/// Words that nobody knows, where no place is expected.
fn unknown_words(board: &Board<'_>, run: Run) -> Verdict {
    let Run { first, last, words, style, titled, follows, person_before, .. } = run;
    let clause = words >= 2
        && starts_sentence(board, first)
        && (matches!(board.sign(last + 1), b',' | b'.' | b';' | b'(') || board.starts_line(last + 1));
    let subject =
        words == 1 && titled && board.has(last + 1, flag::VERB) && !board.is_one_of(last + 1, words!("ARE"));
    if clause || subject {
        return Some((RuleId::NamePrior, 0.6));
    }
    let pair = words >= 2
        && (person_before || follows || titled && !starts_sentence(board, first) && closes(board, last + 1));
    // Station lobby: Arpine Hovsepyan here to report.
    let announced =
        words == 2 && titled && board.sign(first.wrapping_sub(1)) == b':' && !board.is_glued(first);
    if announced && (first..=last).all(|i| is_title_case(board, i, style)) {
        return Some((RuleId::NamePair, 0.65));
    }
    let shaped =
        words >= 2 && (first..=last).all(|i| !board.is_word(i) || worth(board, i, style) >= Worth::Unknown);
    if shaped && style == Style::Flat && closes(board, last + 1) {
        return Some((RuleId::NamePrior, 0.6));
    }
    // `LORETTA IN APT 4`, `ZORA TOOK IT`: an unknown word that opens a clause and goes on like a person.
    let with_others = board.is_one_of(last + 1, words!("AND"))
        && (board.is_num(last + 2) || board.has(last + 2, flag::KIN | flag::DET));
    let opens = words == 1
        && style == Style::Flat
        && board.text(first).len() > 3
        && starts_sentence(board, first)
        && (with_others
            || board.has(last + 1, flag::VERB)
            || board.is_one_of(last + 1, words!("IN", "FROM", "AT")));
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
    let single =
        words == 1 && (follows || person_before && closes(board, last + 1)) && board.text(first).len() >= 3;
    (pair || single).then_some((RuleId::NamePrior, 0.7))
}
