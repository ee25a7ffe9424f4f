//! A small trained tagger as second opinion beside the detectors.
//!
//! Rules know what somebody wrote down; a tagger weighs everything around a word at once, also what nobody thought of. It
//! is a linear-chain conditional random field over the tokens of a text: what is of fixed form (telephones, e-mail, dates of
//! birth) is settled by the detectors and is one item to it; for the seven types that depend on the words around them
//! it weighs its own evidence against what the detectors found, and the likeliest whole labelling stands.
//!
//! The weights are in `lexicon/tagger.txt`, fitted by `examples/fit_tagger.rs` on this project's own invented notes.

mod decode;
mod feature;
mod file;
pub mod fitting;
mod item;
mod label;
mod model;
mod row;

use std::sync::LazyLock;

use wide::i16x8;

use crate::board::Board;
use crate::config::Mode;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::tagger::item::Item;
use crate::tagger::label::{OPEN, OUTSIDE, is_open, label, meaning};
use crate::tagger::model::{MARGIN, MODEL};
use crate::tagger::row::{Row, Weights};
use crate::token::{Claim, Gap, Kind, NO_SPAN};

/// What it is worth beside the weights that a detector found a name, in sixteenths of a natural logarithm of odds. This
/// and the next two were measured on 530 notes that neither rules nor weights had seen, in steps of eight.
const NAME_FOUND: i16 = 16;
/// The same of what is no name: detectors of it are right more often.
const FOUND: i16 = 48;
/// In strict mode a doubt is enough to mask as a name.
const STRICT_NAME_DOUBT: i16 = 24;
/// A lesser one to mask as something else: strict mode masks most words and numbers of that kind anyway, and doubt would take
/// counts and words that say what happened.
const STRICT_DOUBT: i16 = 8;

/// Working memory.
#[derive(Default)]
pub(crate) struct Work {
    items: Vec<Item>,
    sums: Vec<Weights>,
    scores: Vec<Row>,
    back: Vec<[i16x8; 2]>,
    labels: Vec<u8>,
    tagged: Vec<Tagged>,
    /// Which of the spans that the detectors found stay.
    kept: Vec<bool>,
    /// The numbers of found spans after some are forgotten.
    numbers: Vec<u32>,
    /// Whether names were found or dropped, so that further mentions are to be looked for.
    renamed: bool,
}

/// A span as the tagger sees it.
#[derive(Clone, Copy)]
struct Tagged {
    /// The first token.
    first: usize,
    /// The last token.
    last: usize,
    kind: SpanType,
    /// Whether a detector found just this.
    known: bool,
}

/// Weighs what the detectors have found since `from` (a number of found spans), and lets go of what does not stand. What
/// the tagger alone has found waits for [`claim`], so that an agency's list and the record's known values come first.
pub(crate) fn weigh(board: &mut Board<'_>, from: usize, mode: Mode, work: &mut Work) {
    work.renamed = false;
    work.tagged.clear();
    item::read(board, &mut work.items);
    if !work.items.iter().any(|item| item.open && item.letters) {
        return;
    }
    MODEL.sum_up(board, &work.items, &mut work.sums);
    add_findings(board, mode, &work.items, &work.sums[MARGIN..], &mut work.scores);
    decode::decode(&MODEL.steps, &work.scores, &mut work.back, &mut work.labels);
    read_spans(board, &work.items, &work.labels, &mut work.tagged);
    settle(board, from, mode, work);
}

/// Claims what the tagger alone has found. Returns whether further mentions of names are to be looked for.
pub(crate) fn claim(board: &mut Board<'_>, work: &Work) -> bool {
    let mut renamed = work.renamed;
    for span in work.tagged.iter().filter(|span| !span.known) {
        let count = board.found.len();
        board.claim_free(span.first, span.last, span.kind, RuleId::Tagger, CONFIDENCE);
        renamed |= board.found.len() > count && is_mentioned(span.kind);
    }
    renamed
}

/// Whether spans of a type are looked for again wherever their words stand.
fn is_mentioned(kind: SpanType) -> bool {
    matches!(kind, SpanType::Name | SpanType::Officer)
}

/// What findings add to the sums of weights.
struct Worth {
    /// That a detector found an open type, by its number in [`OPEN`].
    found: [Row; OPEN.len()],
    /// What strict mode adds to every item: its doubt.
    doubt: Row,
    /// That an item cannot be labelled.
    settled: Row,
}

static WORTH: LazyLock<Worth> = LazyLock::new(|| {
    let row = |labels: &[usize], worth: i16| {
        Row::new(std::array::from_fn(|label| if labels.contains(&label) { worth } else { 0 }))
    };
    // Where a span begins is the tagger's to say: a detector may have left out a sign.
    let both = |kind: SpanType, of_name: i16, of_other: i16| {
        let labels: Vec<usize> = [true, false].into_iter().filter_map(|first| label(kind, first)).collect();
        row(&labels, if kind == SpanType::Name { of_name } else { of_other })
    };
    Worth {
        found: OPEN.map(|kind| both(kind, NAME_FOUND, FOUND)),
        doubt: OPEN
            .map(|kind| both(kind, STRICT_NAME_DOUBT, STRICT_DOUBT))
            .into_iter()
            .fold(Row::ZERO, Row::saturating_add),
        settled: row(&[OUTSIDE], -model::NEVER),
    }
});

/// The scores: the sums of weights and what the detectors found.
fn add_findings(board: &Board<'_>, mode: Mode, items: &[Item], sums: &[Weights], scores: &mut Vec<Row>) {
    let Worth { found: found_as, doubt, settled } = &*WORTH;
    let not_found = if mode == Mode::Strict { *doubt } else { Row::ZERO };
    let mut is_called = false;
    scores.clear();
    scores.extend(items.iter().zip(sums).map(|(item, sum)| {
        let tok = &board.toks[item.first];
        // What a telephone's cue announces and no rule takes is a wrong telephone, and nothing else.
        let goes_on = item.open && !tok.is_masked() && tok.gap != Gap::Line;
        is_called = tok.has(flag::C_PHONE)
            || is_called && goes_on && (tok.kind != Kind::Word || tok.has(flag::FILLER));
        let found = match tok.claim {
            Claim::Span(kind) if item.open => OPEN.iter().position(|open| *open == kind),
            _ => None,
        };
        sum.row().saturating_add(match found {
            Some(kind) => found_as[kind].saturating_add(not_found),
            None if is_called || !item.open || tok.has(flag::PLACE) => *settled,
            None => not_found,
        })
    }));
}

/// Turns labels into spans. None goes over the end of a line, where another sentence or field begins.
fn read_spans(board: &Board<'_>, items: &[Item], labels: &[u8], tagged: &mut Vec<Tagged>) {
    for (item, label) in items.iter().zip(labels) {
        match (meaning(usize::from(*label)), tagged.last_mut()) {
            (Some((_, false)), Some(_)) if board.starts_line(item.first) => {}
            (Some((_, false)), Some(span)) if span.last + 1 == item.first => span.last = item.last,
            (Some((kind, _)), _) => {
                tagged.push(Tagged { first: item.first, last: item.last, kind, known: false });
            }
            (None, _) => {}
        }
    }
    for span in &mut *tagged {
        trim(board, span);
    }
    tagged.retain(|span| (span.first..=span.last).any(|at| board.is_word(at) || board.is_num(at)));
}

/// Leaves out signs at the ends that part words, as of the end of a sentence.
fn trim(board: &Board<'_>, span: &mut Tagged) {
    let parts = |at: usize| matches!(board.sign(at), b'.' | b',' | b';' | b':' | b'/');
    while span.first < span.last && parts(span.last) {
        span.last -= 1;
    }
    while span.first < span.last && parts(span.first) {
        span.first += 1;
    }
}

/// Lets the spans stand in place of what the detectors found since `from`.
fn settle(board: &mut Board<'_>, from: usize, mode: Mode, work: &mut Work) {
    let Work { tagged, kept, numbers, renamed, .. } = work;
    kept.clear();
    kept.extend(board.found[from..].iter().map(|found| !is_open(found.rule, found.kind)));
    let mut bounds = Bounds { number: NO_SPAN, first: 0, last: 0 };
    let mut free = 0;
    for span in &mut *tagged {
        bounds.extend(board, from, span);
        span.first = span.first.max(free);
        free = free.max(span.last + 1);
        let Some(first) = board.tok(span.first).filter(|_| span.first <= span.last) else {
            span.known = true;
            continue;
        };
        let found = (first.span as usize).checked_sub(from).and_then(|number| {
            board.found[from..].get(number).filter(|found| {
                (found.kind, found.start, found.end) == (span.kind, first.start, board.toks[span.last].end)
            })?;
            kept.get_mut(number)
        });
        if let Some(kept) = found {
            (*kept, span.known) = (true, true);
        }
    }
    if mode == Mode::Strict {
        // What a detector found stays, unless something else is masked in its place.
        numbers.clear();
        for span in tagged.iter().filter(|span| !span.known) {
            numbers.extend(board.toks[span.first..=span.last].iter().map(|tok| tok.span));
        }
        numbers.sort_unstable();
        for (number, kept) in (from..).zip(&mut *kept) {
            *kept |= u32::try_from(number).is_ok_and(|number| numbers.binary_search(&number).is_err());
        }
    }
    if kept.contains(&false) {
        let mut dropped = board.found[from..].iter().zip(&*kept).filter(|(_, kept)| !**kept);
        *renamed = dropped.any(|(found, _)| is_mentioned(found.kind));
        board.forget(from, kept, numbers);
    }
}

/// The tokens of the found span that was asked for last.
struct Bounds {
    number: u32,
    first: usize,
    last: usize,
}

impl Bounds {
    /// Lets a span reach as far as what a detector found of the same type and the span cuts through: to mask a word more
    /// leaks nothing.
    fn extend(&mut self, board: &Board<'_>, from: usize, span: &mut Tagged) {
        if self.find(board, from, span.first, span.kind) {
            span.first = self.first;
        }
        if self.find(board, from, span.last, span.kind) {
            span.last = self.last;
        }
    }

    /// Whether a found span of that type holds a token; then the bounds are its own. Spans come in order, so that each is walked
    /// through once.
    fn find(&mut self, board: &Board<'_>, from: usize, at: usize, kind: SpanType) -> bool {
        let number_at = |at: usize| board.tok(at).map_or(NO_SPAN, |tok| tok.span);
        let number = number_at(at);
        let found = board.found.get(number as usize).filter(|_| number as usize >= from);
        if found.is_none_or(|found| found.kind != kind) {
            return false;
        }
        if number != self.number {
            (self.number, self.first, self.last) = (number, at, at);
            while self.first > 0 && number_at(self.first - 1) == number {
                self.first -= 1;
            }
            while number_at(self.last + 1) == number {
                self.last += 1;
            }
        }
        true
    }
}

/// How sure a finding of the tagger alone is: of 544 on notes that it had not seen, 449 were right.
const CONFIDENCE: f32 = 0.8;
