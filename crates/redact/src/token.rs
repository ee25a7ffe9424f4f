//! Cuts normalised text into words, numbers and signs, and looks every word up.

use crate::bitmap::{self, Block};
use crate::lexicon::{Flags, Lexicon, hash_in};
use crate::lexicon_flags::class;
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
    /// Hash of the folded word; zero for everything else.
    pub(crate) hash: u64,
    /// Number of the span that claimed it.
    pub(crate) span: u32,
    /// What an unknown word looks like.
    pub(crate) shape: Shape,
    /// What detectors may want to look at; see [`mod@class`].
    pub(crate) class: u16,
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
    cut(bytes, lexicon, toks, &work.blocks);
    work.slots.clear();
    work.slots.extend(toks.iter().map(|tok| lexicon.first_slot(tok.hash)));
    let mut seen = 0;
    for (tok, &slot) in toks.iter_mut().zip(&work.slots) {
        if tok.kind != Kind::Word {
            continue;
        }
        let word = &bytes[tok.start as usize..tok.end as usize];
        let (hash, flags) = lexicon.look_up(word, tok.hash, slot);
        tok.hash = hash;
        tok.flags = flags & WORD_FLAGS;
        tok.class |= class::from(flags);
        if tok.flags == 0 {
            tok.shape = Shape::of(word);
        }
        seen |= tok.flags;
    }
    seen
}

/// Working memory of [`tokenize`].
#[derive(Default)]
pub(crate) struct Work {
    blocks: Vec<Block>,
    slots: Vec<u32>,
}

/// Cuts `bytes` into `toks`; words have their hash, and no classes yet.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the engine refuses texts longer than half of what 32 bits hold"
)]
fn cut(bytes: &[u8], lexicon: &Lexicon, toks: &mut Vec<Tok>, blocks: &[Block]) {
    toks.clear();
    let mut end = 0;
    for (number, block) in blocks.iter().enumerate() {
        let mut starts = block.starts;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            let start = number * 64 + bit as usize;
            starts &= starts - 1;
            // Inside a placeholder.
            if start < end {
                continue;
            }
            let blank = &bytes[end..start];
            let gap = match blank {
                _ if end == 0 => Gap::Line,
                [] => Gap::None,
                [one] if !is_line(*one) => Gap::Space,
                _ if blank.iter().any(|&byte| is_line(byte)) => Gap::Line,
                _ => Gap::Space,
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
                span: u32::MAX,
                shape: Shape::Plain,
                class: 0,
            };
            if block.letters >> bit & 1 != 0 {
                end = bitmap::run_end(blocks, start, |block| block.letters);
                tok.kind = Kind::Word;
                tok.case = case_of(&bytes[start..end]);
                tok.hash = hash_in(bytes, start, end);
            } else if block.digits >> bit & 1 != 0 {
                end = bitmap::run_end(blocks, start, |block| block.digits);
                tok.kind = Kind::Num;
                tok.class = num_class(bytes, start, end);
            } else if let Some((len, ty)) = lexicon.placeholder(&bytes[start..]) {
                end = start + len;
                tok.kind = Kind::Placeholder;
                tok.claim = Claim::Span(ty);
            } else {
                end = start + 1;
                tok.class = sign_class(bytes, start);
            }
            tok.end = end as u32;
            if let Some(last) = toks.last_mut() {
                mark_glue(last, &tok, bytes);
            }
            toks.push(tok);
        }
    }
}

fn is_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The classes of the number between `start` and `end`.
fn num_class(bytes: &[u8], start: usize, end: usize) -> u16 {
    // Another number follows after a sign or a space, or both.
    let apart = |at: usize| matches!(bytes.get(at), Some(b' ' | b'.' | b')' | b'/' | b'-' | b'('));
    let gap = usize::from(apart(end)) + usize::from(apart(end) && apart(end + 1));
    let goes_on = gap > 0 && bytes.get(end + gap).is_some_and(u8::is_ascii_digit);
    let bound = end - start >= 3
        || goes_on
        || bytes.get(end) == Some(&b'*')
        || start > 0 && matches!(bytes[start - 1], b'+' | b'*');
    if bound { class::NUM | class::LONG } else { class::NUM }
}

/// A sign that some detector starts from. Most do not: a comma, a bracket, a full stop with a space behind it.
fn sign_class(bytes: &[u8], at: usize) -> u16 {
    let blank = |byte: &u8| matches!(byte, 0 | b'\t'..=b'\r' | b' ');
    let inner = || at > 0 && !blank(&bytes[at - 1]) && bytes.get(at + 1).is_some_and(|byte| !blank(byte));
    match bytes[at] {
        b'@' | b':' | b'+' | b'/' | b'&' | b'\\' | b'#' | b'*' => class::SIGN,
        b'.' if inner() => class::SIGN,
        _ => 0,
    }
}

/// The flags without the classes on top.
pub(crate) const WORD_FLAGS: Flags = (1 << 56) - 1;

/// Marks a word or number that goes on without a space, and a short word before a number or a hyphen.
pub(crate) fn mark_glue(last: &mut Tok, next: &Tok, bytes: &[u8]) {
    let glued = next.gap == Gap::None && matches!(next.kind, Kind::Word | Kind::Num);
    let short = last.len() <= 4 && (next.kind == Kind::Num || bytes.get(next.start as usize) == Some(&b'-'));
    if matches!(last.kind, Kind::Word | Kind::Num) && (glued || short && last.kind == Kind::Word) {
        last.class |= class::GLUE;
    }
}

fn case_of(word: &[u8]) -> Case {
    let upper = |at: usize| word.get(at).is_some_and(u8::is_ascii_uppercase);
    match (upper(0), word.len()) {
        (false, _) => Case::Lower,
        (true, 1) => Case::Title,
        // Two letters of the tail decide: McADAMS and O'Dea are title case, IDs is not worth more.
        (true, n) if upper(n - 1) && upper(1.max(n - 2)) => Case::Upper,
        (true, _) => Case::Title,
    }
}
