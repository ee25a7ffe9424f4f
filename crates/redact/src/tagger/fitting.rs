//! What the program that fits the weights needs to see.

use crate::board::Board;
use crate::detect;
use crate::engine::{Engine, Scratch};
use crate::lexicon::hash;
use crate::lexicon_flags as flag;
use crate::span::code_points;
use crate::tagger::feature::{ENDINGS, REACH, SPACED, ending};
use crate::tagger::item::{self, BEFORE, BEHIND, DIGITS_MAX, Item, name_of_kind};
use crate::tagger::label::{self, LABELS};
use crate::token::{Claim, Kind};

/// An item of a text with the answers to all questions.
pub struct Observed {
    /// Where it begins in the text, in code points.
    pub start: usize,
    /// One past its last code point.
    pub end: usize,
    /// Whether it may be labelled; what is of fixed form is settled.
    pub open: bool,
    /// The answers: `w-1=CALLER`.
    pub answers: Vec<String>,
}

/// Cuts a text into items, as the tagger does, and asks all questions of each.
pub fn observe(engine: &Engine, text: &str) -> Vec<Observed> {
    let mut scratch = Scratch::default();
    let mut observed = Vec::new();
    engine.with_board(text, &mut scratch, |board, names, _| {
        detect::run(board, names);
        let mut items = Vec::new();
        item::read(board, &mut items);
        observed.extend((0..items.len()).map(|at| {
            let item = &items[at];
            let (start, end) = (board.toks[item.first].start, board.toks[item.last].end);
            (start, end, item.open, answers(board, &items, at))
        }));
    });
    let original = |(start, end, ..): &(u32, u32, bool, Vec<String>)| {
        scratch.normal.original(*start as usize, *end as usize)
    };
    let places = code_points(text, observed.iter().map(original));
    let observed = observed.into_iter().zip(places);
    observed.map(|((_, _, open, answers), (start, end))| Observed { start, end, open, answers }).collect()
}

fn answers(board: &Board<'_>, items: &[Item], at: usize) -> Vec<String> {
    let mut answers = Vec::new();
    let item_at = |place: isize| match at.checked_add_signed(place) {
        None => &BEFORE,
        Some(at) => items.get(at).unwrap_or(&BEHIND),
    };
    let reach = REACH.cast_signed();
    for place in -reach..=reach {
        let item = item_at(place);
        answers.extend(word(board, item).map(|word| format!("w{place}={word}")));
        answers.push(format!("k{place}={}", name_of_kind(item.kind)));
        let flags = if item.letters { board.flags(item.first) } else { 0 };
        let names = (0..u64::BITS).filter(|bit| flags >> bit & 1 != 0).filter_map(flag::name_of);
        answers.extend(names.map(|name| format!("f{place}={name}")));
    }
    for place in SPACED {
        if at.checked_add_signed(place).is_some_and(|at| at < items.len()) {
            answers.push(format!("s{place}={}", item_at(place).spacing));
        }
    }
    let here = &items[at];
    for place in [-1, 1] {
        let (left, right) = if place < 0 { (item_at(place), here) } else { (here, item_at(place)) };
        answers.push(format!("p{place}={} {}", name_of_kind(left.kind), name_of_kind(right.kind)));
    }
    for ending in ENDINGS.into_iter().filter_map(|letters| ending(board, here, letters)) {
        // Half a letter is no text.
        answers.extend(
            std::str::from_utf8(ending).ok().map(|text| format!("e{}={}", text.len(), text.to_uppercase())),
        );
    }
    answers
}

/// An item as the file of weights writes it.
fn word(board: &Board<'_>, item: &Item) -> Option<String> {
    if item.word == BEFORE.word {
        return Some("^^".to_owned());
    }
    if item.word == BEHIND.word {
        return Some("$$".to_owned());
    }
    let tok = board.tok(item.first)?;
    match (item.open, tok.kind, tok.claim) {
        (false, _, Claim::Span(kind)) => Some(format!("[{}]", kind.as_str())),
        (_, Kind::Num, _) => Some("9".repeat(board.text(item.first).len().min(DIGITS_MAX.into()))),
        (_, Kind::Word, _) => {
            // A possessive counts as its stem, which alone can be read back.
            let word = std::str::from_utf8(board.text(item.first)).ok()?.to_uppercase();
            let stem = word.rsplit_once('\'').map_or("", |(stem, _)| stem);
            [word.as_str(), stem]
                .into_iter()
                .find(|word| hash(word.as_bytes()) == item.word)
                .map(str::to_owned)
        }
        _ => char::from(board.sign(item.first)).is_ascii_graphic().then(|| name_of_kind(item.kind)),
    }
}

/// The names of all labels.
pub fn label_names() -> Vec<String> {
    (0..LABELS).map(label::name).collect()
}
