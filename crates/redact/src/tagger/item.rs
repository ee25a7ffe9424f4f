//! The items that the tagger labels, and what is known of each.

use crate::board::Board;
use crate::lexicon::Flags;
use crate::lexicon_flags as flag;
use crate::shape::Shape;
use crate::span::SpanType;
use crate::tagger::label::is_open;
use crate::token::{Case, Claim, Gap, Kind, Tok};

/// A token, or all tokens of a span that is settled.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    /// The first token.
    pub(crate) first: usize,
    /// The last token.
    pub(crate) last: usize,
    /// Says which word it is: equal for equal words.
    pub(crate) word: u64,
    /// Its part of speech, so to say; below [`KINDS`].
    pub(crate) kind: u16,
    /// How it stands and is written; below [`SPACINGS`].
    pub(crate) spacing: usize,
    /// Whether it is of letters, so that its ending says something.
    pub(crate) letters: bool,
    /// Whether it may be labelled.
    pub(crate) open: bool,
}

/// What stands before and behind the text.
pub(crate) const BEFORE: Item = edge(0);
/// See [`BEFORE`].
pub(crate) const BEHIND: Item = edge(1);

const fn edge(number: u16) -> Item {
    let word = identity(EDGE, number as u64);
    let kind = EDGE_KIND + number;
    Item { first: 0, last: 0, word, kind, spacing: 0, letters: false, open: false }
}

/// Number of values of [`Item::kind`]: sets of four worths and a class, shapes, lengths, signs, types, the two edges.
pub(crate) const KINDS: usize = EDGE_KIND as usize + 2;
const CLASSES: u16 = 1 << 6;
const SHAPE_KIND: u16 = CLASSES << 4;
const NUM_KIND: u16 = SHAPE_KIND + 8;
const SIGN_KIND: u16 = NUM_KIND + DIGITS_MAX + 1;
const SPAN_KIND: u16 = SIGN_KIND + 256;
const EDGE_KIND: u16 = SPAN_KIND + 16;
/// Longer numbers count as this long.
pub(crate) const DIGITS_MAX: u16 = 12;
/// Number of values of [`Item::spacing`]: three gaps and three cases.
pub(crate) const SPACINGS: usize = 9;

const NUM: u64 = 1;
const SIGN: u64 = 2;
const SPAN: u64 = 3;
const EDGE: u64 = 4;

/// The identity of what is no word. Those of words are hashes.
const fn identity(what: u64, number: u64) -> u64 {
    what << 16 | number
}

/// The identity of a number of so many digits.
pub(crate) fn identity_of_number(digits: usize) -> u64 {
    identity(NUM, digits.min(usize::from(DIGITS_MAX)) as u64)
}

/// The identity of a sign.
pub(crate) fn identity_of_sign(sign: u8) -> u64 {
    identity(SIGN, u64::from(sign))
}

/// The identity of a settled span.
pub(crate) fn identity_of_span(kind: SpanType) -> u64 {
    identity(SPAN, kind as u64)
}

/// Cuts a board into items.
pub(crate) fn read(board: &Board<'_>, items: &mut Vec<Item>) {
    items.clear();
    let mut settled = None;
    for (at, tok) in board.toks.iter().enumerate() {
        let settled_type = match tok.claim {
            Claim::Span(kind) if tok.kind == Kind::Placeholder || !is_open(board.rule_of(tok), kind) => {
                Some(kind)
            }
            _ => None,
        };
        let Some(kind) = settled_type else {
            settled = None;
            items.push(of_token(board, at, tok));
            continue;
        };
        match items.last_mut() {
            // Placeholders that stood in the text have no span and are one token each.
            Some(last) if settled == Some(tok.span) && tok.kind != Kind::Placeholder => last.last = at,
            _ => items.push(of_span(at, tok, kind)),
        }
        settled = Some(tok.span);
    }
}

fn of_span(at: usize, tok: &Tok, kind: SpanType) -> Item {
    Item {
        first: at,
        last: at,
        word: identity_of_span(kind),
        kind: SPAN_KIND + kind as u16,
        spacing: spacing(tok.gap, Case::Lower),
        letters: false,
        open: false,
    }
}

fn of_token(board: &Board<'_>, at: usize, tok: &Tok) -> Item {
    let (word, kind) = match tok.kind {
        Kind::Word => (tok.hash, kind_of_word(tok)),
        Kind::Num => {
            let digits = u16::try_from(tok.len()).unwrap_or(DIGITS_MAX).min(DIGITS_MAX);
            (identity_of_number(tok.len()), NUM_KIND + digits)
        }
        Kind::Sign | Kind::Placeholder => {
            let sign = board.sign(at);
            (identity_of_sign(sign), SIGN_KIND + u16::from(sign))
        }
    };
    let case = if tok.kind == Kind::Word { tok.case } else { Case::Lower };
    let letters = tok.kind == Kind::Word;
    Item { first: at, last: at, word, kind, spacing: spacing(tok.gap, case), letters, open: true }
}

fn spacing(gap: Gap, case: Case) -> usize {
    gap as usize * 3 + case as usize
}

/// Flags that say what a word is worth as a name.
const WORTH: [Flags; 4] = [flag::ORD, flag::GIVEN, flag::SUR, flag::DICT];
/// Flags that say nothing of how a word is used.
const IDLE: Flags = flag::ORD | flag::GIVEN | flag::SUR | flag::DICT | flag::STRICT | flag::MISC | flag::SLIP;

/// A listed word's worth with the first of its other classes; the shape of any other word.
fn kind_of_word(tok: &Tok) -> u16 {
    if tok.flags == 0 {
        return SHAPE_KIND + (tok.shape as u16) * 2 + u16::from(tok.len() == 1);
    }
    kind_of_flags(tok.flags)
}

/// The worth and first other class of a listed word.
pub(crate) fn kind_of_flags(flags: Flags) -> u16 {
    let mut worth = 0;
    for (bit, flag) in WORTH.into_iter().enumerate() {
        worth |= u16::from(flags & flag != 0) << bit;
    }
    // The last bit stands for no class, as no flag has it.
    let class = (flags & !IDLE | 1 << (CLASSES - 1)).trailing_zeros();
    worth * CLASSES + u16::try_from(class).unwrap_or(0)
}

/// A stable name of a kind, for the file of weights.
pub(crate) fn name_of_kind(kind: u16) -> String {
    match kind {
        0..SHAPE_KIND => {
            let worth =
                (0..4).filter(|bit| (kind / CLASSES) >> bit & 1 != 0).map(|bit| ["o", "g", "s", "d"][bit]);
            format!(
                "{}.{}",
                worth.collect::<String>(),
                flag::name_of(u32::from(kind % CLASSES)).unwrap_or("-")
            )
        }
        SHAPE_KIND..NUM_KIND => {
            let shape = kind - SHAPE_KIND;
            let shapes = [Shape::Plain, Shape::Shorthand, Shape::Name, Shape::Word];
            let name = shapes.into_iter().find(|name| *name as u16 == shape / 2);
            format!("?{:?}{}", name.unwrap_or(Shape::Plain), if shape.is_multiple_of(2) { "" } else { "1" })
        }
        NUM_KIND..SIGN_KIND => format!("#{}", kind - NUM_KIND),
        SIGN_KIND..SPAN_KIND => match u8::try_from(kind - SIGN_KIND) {
            Ok(sign) if sign.is_ascii_graphic() => char::from(sign).to_string(),
            _ => format!("sign{}", kind - SIGN_KIND),
        },
        SPAN_KIND..EDGE_KIND => format!("[{}]", SpanType::ALL[usize::from(kind - SPAN_KIND)].as_str()),
        EDGE_KIND => "^^".to_owned(),
        _ => "$$".to_owned(),
    }
}
