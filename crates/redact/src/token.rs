//! Cuts normalised text into words, numbers and signs, and looks every word up.

use crate::lexicon::{Flags, Lexicon, hash};
use crate::lexicon_flags::class;
use crate::normal::LETTER;
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

/// Byte classes, so that the inner loop is one table look-up.
#[allow(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
const fn classes() -> [u8; 256] {
    let mut table = [SIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphabetic() || b == LETTER {
            table[byte] = ALPHA;
        } else if b.is_ascii_digit() {
            table[byte] = DIGIT;
        } else if b == b'\n' || b == b'\r' {
            table[byte] = LINE;
        } else if b == b' ' || b == b'\t' || b == 0x0B || b == 0x0C || b == 0 {
            table[byte] = SPACE;
        }
        byte += 1;
    }
    table
}
const SIGN: u8 = 0;
const ALPHA: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;
const LINE: u8 = 4;
static CLASS: [u8; 256] = classes();

fn class(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).map_or(SPACE, |&byte| CLASS[usize::from(byte)])
}

/// Cuts `bytes` into `toks`, looks up all words, and returns all flags seen. `slots` is working memory.
pub(crate) fn tokenize(bytes: &[u8], lexicon: &Lexicon, toks: &mut Vec<Tok>, slots: &mut Vec<u32>) -> Flags {
    cut(bytes, lexicon, toks);
    slots.clear();
    slots.extend(toks.iter().map(|tok| lexicon.first_slot(tok.hash)));
    let mut seen = 0;
    for (tok, &slot) in toks.iter_mut().zip(slots.iter()).filter(|(tok, _)| tok.kind == Kind::Word) {
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

/// Cuts `bytes` into `toks`; words have their hash, and no classes yet.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the engine refuses texts longer than half of what 32 bits hold"
)]
fn cut(bytes: &[u8], lexicon: &Lexicon, toks: &mut Vec<Tok>) {
    toks.clear();
    let mut at = 0;
    let mut gap = Gap::Line;
    while at < bytes.len() {
        let start = at;
        let kind = match class(bytes, at) {
            ALPHA => {
                at = word_end(bytes, at);
                Kind::Word
            }
            DIGIT => {
                while class(bytes, at) == DIGIT {
                    at += 1;
                }
                Kind::Num
            }
            SPACE => {
                gap = gap.max(Gap::Space);
                at += 1;
                continue;
            }
            LINE => {
                gap = Gap::Line;
                at += 1;
                continue;
            }
            _ => {
                at += 1;
                Kind::Sign
            }
        };
        let mut tok = Tok {
            start: start as u32,
            end: at as u32,
            kind,
            gap,
            case: Case::Lower,
            claim: Claim::Free,
            flags: 0,
            hash: 0,
            span: u32::MAX,
            shape: Shape::Plain,
            class: match kind {
                Kind::Num => num_class(bytes, start, at),
                _ => sign_class(bytes, start),
            },
        };
        if kind == Kind::Word {
            let word = &bytes[start..at];
            tok.case = case_of(word);
            tok.hash = hash(word);
        } else if bytes[start] == b'['
            && let Some((end, ty)) = lexicon.placeholder(&bytes[start..])
        {
            at = start + end;
            tok.end = at as u32;
            tok.kind = Kind::Placeholder;
            tok.claim = Claim::Span(ty);
            tok.class = 0;
        }
        if let Some(last) = toks.last_mut() {
            mark_glue(last, &tok, bytes);
        }
        toks.push(tok);
        gap = Gap::None;
    }
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
    let inner = || {
        class(bytes, at + 1) != SPACE
            && class(bytes, at + 1) != LINE
            && at > 0
            && class(bytes, at - 1) != SPACE
    };
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
    let short = last.len() <= 3 && (next.kind == Kind::Num || bytes.get(next.start as usize) == Some(&b'-'));
    if matches!(last.kind, Kind::Word | Kind::Num) && (glued || short && last.kind == Kind::Word) {
        last.class |= class::GLUE;
    }
}

/// The end of a word: letters, and apostrophes that have a letter on both sides.
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += 1;
        match class(bytes, at) {
            ALPHA => {}
            SIGN if bytes.get(at) == Some(&b'\'') && class(bytes, at + 1) == ALPHA => at += 1,
            _ => return at,
        }
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
