//! Cuts normalised text into words, numbers and signs, and looks every word up.

use crate::bitmap::{self, Block};
use crate::class::{self, Class, Classes};
use crate::lexicon::{Flags, Lexicon, Slots, hash_in};
use crate::shape::Shape;
use crate::span::SpanType;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, with apostrophes between them.
    Word,
    /// Digits.
    Num,
    /// One sign.
    Sign,
    /// One of the engine's own placeholders: redacted already.
    Placeholder,
}

/// What stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// Nothing: glued to the token before.
    None,
    /// White space.
    Space,
    /// A line break, or the start of the text.
    Line,
}

impl Gap {
    /// The classes of what stands behind it.
    const fn classes(self) -> Classes {
        match self {
            Self::None => Class::Glued.bit(),
            Self::Space => 0,
            Self::Line => Class::Line.bit(),
        }
    }
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// All capitals, two letters or more.
    Upper,
    /// A capital first, or a single capital.
    Title,
    /// No capital first.
    Lower,
}

impl Case {
    /// The classes of a word of that length.
    const fn classes(self, len: usize) -> Classes {
        match self {
            _ if len == 1 => 0,
            Self::Upper => Class::Capitals.bit(),
            Self::Title => Class::Title.bit(),
            Self::Lower => Class::Lower.bit(),
        }
    }
}

/// What a token has been claimed as by a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody's.
    Free,
    /// A harmless time or date: not to be read as something else.
    Neutral,
    /// Part of a span.
    Span(SpanType),
}

/// The span of a token that none has claimed.
pub(crate) const NO_SPAN: u32 = u32::MAX;

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tok {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: Kind,
    pub(crate) gap: Gap,
    pub(crate) case: Case,
    pub(crate) claim: Claim,
    pub(crate) flags: Flags,
    /// Hash of the folded word; the value of a number of up to nine digits; zero for everything else.
    pub(crate) hash: u64,
    /// Number of the span that claimed it, or [`NO_SPAN`].
    pub(crate) span: u32,
    /// What an unknown word looks like.
    pub(crate) shape: Shape,
    /// Which detectors may start from it; see [`mod@class`].
    pub(crate) classes: Classes,
}

impl Tok {
    pub(crate) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub(crate) fn is_free(&self) -> bool {
        self.claim == Claim::Free
    }

    /// Whether a span of any type holds it.
    pub(crate) fn is_masked(&self) -> bool {
        matches!(self.claim, Claim::Span(_))
    }

    pub(crate) fn has(&self, flags: Flags) -> bool {
        self.flags & flags != 0
    }
}

/// Cuts `bytes` into `toks`, looks up all words, and returns all flags seen.
pub(crate) fn tokenize(bytes: &[u8], lexicon: &Lexicon, toks: &mut Vec<Tok>, work: &mut Work) -> Flags {
    bitmap::read(bytes, &mut work.blocks);
    cut(bytes, lexicon, toks, work);
    let mut seen = 0;
    for &(at, slots) in &work.words {
        let tok = &mut toks[at as usize];
        let word = &bytes[tok.start as usize..tok.end as usize];
        let (hash, entry) = lexicon.look_up(word, tok.hash, slots);
        tok.hash = hash;
        tok.flags = entry.flags;
        tok.classes |= entry.classes;
        if tok.flags == 0 {
            tok.shape = Shape::of(word);
            let shaped = matches!(tok.shape, Shape::Plain | Shape::Name);
            if word.len() > 1 && (shaped || tok.case == Case::Title) {
                tok.classes |= Class::Name.bit();
            }
        }
        seen |= tok.flags;
    }
    seen
}

/// Working memory of [`tokenize`].
#[derive(Default)]
pub(crate) struct Work {
    blocks: Vec<Block>,
    /// The numbers of the words among the tokens, and where the lexicon may have them.
    words: Vec<(u32, Slots)>,
}

/// Cuts `bytes` into `toks`; words have their hash, and not yet the classes that the lexicon knows.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the engine refuses texts longer than half of what 32 bits hold"
)]
fn cut(bytes: &[u8], lexicon: &Lexicon, toks: &mut Vec<Tok>, work: &mut Work) {
    let Work { blocks, words } = work;
    toks.clear();
    words.clear();
    let lines = blocks.iter().any(|block| block.lines != 0);
    let mut end = 0;
    for (number, pair) in blocks.windows(2).enumerate() {
        let [block, next] = pair else { continue };
        let mut starts = block.starts;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            let start = number * 64 + bit as usize;
            starts &= starts - 1;
            // Inside a placeholder.
            if start < end {
                continue;
            }
            let gap = if start == end {
                Gap::None
            } else if lines && bytes[end..start].iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
                Gap::Line
            } else {
                Gap::Space
            };
            let mut tok = Tok {
                start: start as u32,
                end: 0,
                kind: Kind::Sign,
                gap,
                case: Case::Lower,
                claim: Claim::Free,
                flags: 0,
                hash: 0,
                span: NO_SPAN,
                shape: Shape::Plain,
                classes: gap.classes(),
            };
            let ends = block.from(bit, next, |block| block.ends);
            end = match ends {
                0 => bitmap::end(blocks, start + 64),
                _ => start + 1 + ends.trailing_zeros() as usize,
            };
            let len = end - start;
            if len <= SHORT_MAX {
                tok.classes |= Class::Short.bit();
            }
            if block.letters >> bit & 1 != 0 {
                tok.kind = Kind::Word;
                tok.case = case_of(&bytes[start..end], block.from(bit, next, |block| block.capitals));
                tok.classes |= tok.case.classes(len);
                tok.hash = hash_in(bytes, start, end);
                words.push((toks.len() as u32, lexicon.first_slots(tok.hash)));
            } else if block.digits >> bit & 1 != 0 {
                tok.kind = Kind::Num;
                tok.hash = value(&bytes[start..end]);
                tok.classes |= class::of_number(bytes, start, end, tok.hash);
            } else if let Some((len, ty)) = lexicon.placeholder(&bytes[start..]) {
                end = start + len;
                tok.kind = Kind::Placeholder;
                tok.claim = Claim::Span(ty);
                tok.classes |= Class::Placeholder.bit();
            } else {
                tok.classes |= class::of_sign(bytes, start);
            }
            tok.end = end as u32;
            toks.push(tok);
        }
    }
    if let Some(first) = toks.first_mut() {
        first.gap = Gap::Line;
        first.classes = first.classes & !Class::Glued.bit() | Class::Line.bit();
    }
}

/// Longest token of the class [`Class::Short`].
const SHORT_MAX: usize = 3;

/// The value of a number, zero if it is too long to have one.
fn value(digits: &[u8]) -> u64 {
    if digits.len() > 9 {
        return 0;
    }
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

/// How a word is written whose first 64 letters are capitals where there are ones.
#[inline]
fn case_of(word: &[u8], capitals: u64) -> Case {
    // Two letters of the tail decide: McADAMS and O'Dea are title case, IDs is not worth more.
    let tail = match word.len() {
        1 => 0,
        len @ 2..=64 => capitals >> (len - 1) & capitals >> 1.max(len - 2) & 1,
        len => u64::from(word[len - 2..].iter().all(u8::is_ascii_uppercase)),
    };
    match (capitals & 1, tail) {
        (0, _) => Case::Lower,
        (_, 0) => Case::Title,
        _ => Case::Upper,
    }
}
