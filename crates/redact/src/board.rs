//! What the detectors work on: the tokens of one text and the spans found so far.

use crate::class::Class;
use crate::index::Index;
use crate::lexicon::{Flags, Words};
use crate::span::{RuleId, SpanType};
use crate::token::{Claim, Gap, Kind, NO_SPAN, Tok};

/// Longest run of glued tokens that is read as one thing, so that a text without spaces takes linear time.
pub(crate) const GLUED_MAX: usize = 64;

/// A span in normalised bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: SpanType,
    pub(crate) rule: RuleId,
    pub(crate) confidence: f32,
}

/// Tokens are addressed by index; every question about an index outside the text has a harmless answer.
pub(crate) struct Board<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) toks: &'a mut Vec<Tok>,
    /// Where tokens of each class stand.
    pub(crate) index: &'a mut Index,
    pub(crate) found: &'a mut Vec<Found>,
    /// All flags of all words.
    pub(crate) seen: Flags,
    /// Whether streets without a number are masked.
    pub(crate) street_names: bool,
}

impl Board<'_> {
    pub(crate) fn len(&self) -> usize {
        self.toks.len()
    }

    /// The next token from `from` that has one of the classes, or the number of tokens.
    #[inline]
    pub(crate) fn seek<const N: usize>(&self, from: usize, classes: [Class; N]) -> usize {
        self.index.seek(from, classes).min(self.len())
    }

    pub(crate) fn tok(&self, at: usize) -> Option<&Tok> {
        self.toks.get(at)
    }

    // Every question takes any index: where no token stands, right of the text or (by an index that wrapped round) left of
    // it, the answer is that of nothing. Detectors therefore look around themselves without asking where the text ends.

    pub(crate) fn text(&self, at: usize) -> &[u8] {
        self.toks.get(at).map_or(&[], |tok| &self.bytes[tok.start as usize..tok.end as usize])
    }

    pub(crate) fn has(&self, at: usize, flags: Flags) -> bool {
        self.toks.get(at).is_some_and(|tok| tok.flags & flags != 0)
    }

    pub(crate) fn flags(&self, at: usize) -> Flags {
        self.toks.get(at).map_or(0, |tok| tok.flags)
    }

    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.toks.get(at).map(|tok| tok.kind)
    }

    pub(crate) fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
    }

    pub(crate) fn is_num(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Num)
    }

    pub(crate) fn is_free(&self, at: usize) -> bool {
        self.toks.get(at).is_some_and(Tok::is_free)
    }

    /// Whether a span of any type holds the token.
    pub(crate) fn is_masked(&self, at: usize) -> bool {
        self.toks.get(at).is_some_and(Tok::is_masked)
    }

    pub(crate) fn is_claimed(&self, at: usize, ty: SpanType) -> bool {
        self.toks.get(at).is_some_and(|tok| tok.claim == Claim::Span(ty))
    }

    /// The sign at an index, zero for anything else.
    pub(crate) fn sign(&self, at: usize) -> u8 {
        match self.toks.get(at) {
            Some(tok) if tok.kind == Kind::Sign => self.bytes[tok.start as usize],
            _ => 0,
        }
    }

    /// Whether a word is one of those that [`words`](crate::lexicon::words) made.
    #[inline]
    pub(crate) fn is_one_of(&self, at: usize, words: &Words) -> bool {
        self.toks.get(at).is_some_and(|tok| words.have(tok.hash))
    }

    /// Whether a token is glued to the one before it.
    pub(crate) fn is_glued(&self, at: usize) -> bool {
        self.toks.get(at).is_some_and(|tok| tok.gap == Gap::None) && at > 0
    }

    /// Whether a token starts a line.
    pub(crate) fn starts_line(&self, at: usize) -> bool {
        at == 0 || self.toks.get(at).is_none_or(|tok| tok.gap == Gap::Line)
    }

    /// The last token of the run of glued words and numbers that starts at `at`.
    pub(crate) fn cluster_end(&self, at: usize) -> usize {
        let mut last = at;
        while last - at < GLUED_MAX
            && self.is_glued(last + 1)
            && matches!(self.kind(last + 1), Some(Kind::Word | Kind::Num))
        {
            last += 1;
        }
        last
    }

    /// The number at an index, if it has at most nine digits.
    pub(crate) fn number(&self, at: usize) -> Option<u32> {
        let tok = self.toks.get(at).filter(|tok| tok.kind == Kind::Num && tok.len() <= 9)?;
        u32::try_from(tok.hash).ok()
    }

    /// Whether four digits at an index are a time of day, `0000` to `2359`.
    pub(crate) fn is_clock(&self, at: usize) -> bool {
        self.digits(at) == 4 && self.number(at).is_some_and(|time| time < 2400 && time % 100 < 60)
    }

    /// How many digits the number at an index has; zero for anything else.
    pub(crate) fn digits(&self, at: usize) -> usize {
        if self.is_num(at) { self.text(at).len() } else { 0 }
    }

    /// Whether one of the `reach` tokens before `at`, on the same line, has one of the flags.
    pub(crate) fn cue_before(&self, at: usize, flags: Flags, reach: usize) -> bool {
        if self.seen & flags == 0 {
            return false;
        }
        let mut i = at;
        for _ in 0..reach {
            if i == 0 || self.starts_line(i) {
                return false;
            }
            i -= 1;
            if self.has(i, flags) {
                return true;
            }
        }
        false
    }

    /// Claims the tokens from `first` to `last` as one span, unless a span holds one of them.
    pub(crate) fn claim(
        &mut self,
        first: usize,
        last: usize,
        kind: SpanType,
        rule: RuleId,
        confidence: f32,
    ) -> bool {
        if first > last || last >= self.toks.len() {
            return false;
        }
        if self.toks[first..=last].iter().any(Tok::is_masked) {
            return false;
        }
        let span = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        for tok in &mut self.toks[first..=last] {
            tok.claim = Claim::Span(kind);
            tok.span = span;
        }
        self.index.mask(first, last);
        let (start, end) = (self.toks[first].start, self.toks[last].end);
        self.found.push(Found { start, end, kind, rule, confidence });
        true
    }

    /// Claims what is still free between `first` and `last`.
    pub(crate) fn claim_free(
        &mut self,
        first: usize,
        last: usize,
        kind: SpanType,
        rule: RuleId,
        confidence: f32,
    ) {
        let mut from = first;
        for at in first..=last.min(self.len().saturating_sub(1)) {
            if self.is_masked(at) {
                if from < at {
                    self.claim(from, at - 1, kind, rule, confidence);
                }
                from = at + 1;
            }
        }
        if from <= last {
            self.claim(from, last, kind, rule, confidence);
        }
    }

    /// The rule that claimed a token; what stood in the text as a placeholder has none of its own.
    pub(crate) fn rule_of(&self, tok: &Tok) -> RuleId {
        self.found.get(tok.span as usize).map_or(RuleId::Unread, |found| found.rule)
    }

    /// Gives back the tokens of those spans from number `from` on that are not `kept`, and forgets them.
    /// `numbers` is working memory.
    pub(crate) fn forget(&mut self, from: usize, kept: &[bool], numbers: &mut Vec<u32>) {
        // What each span's number is from here on; tokens of a forgotten one are free.
        numbers.clear();
        let mut next = from;
        for (at, kept) in (from..).zip(kept) {
            numbers.push(if *kept { u32::try_from(next).unwrap_or(NO_SPAN) } else { NO_SPAN });
            if *kept {
                self.found[next] = self.found[at];
                next += 1;
            }
        }
        self.found.truncate(next);
        for at in 0..self.toks.len() {
            let tok = &mut self.toks[at];
            if let Some(number) = (tok.span as usize).checked_sub(from).and_then(|at| numbers.get(at)) {
                tok.span = *number;
                if *number == NO_SPAN {
                    tok.claim = Claim::Free;
                    self.index.unmask(at);
                }
            }
        }
    }

    /// Marks tokens as a harmless time or date.
    pub(crate) fn neutral(&mut self, first: usize, last: usize) {
        for tok in &mut self.toks[first..=last] {
            if tok.claim == Claim::Free {
                tok.claim = Claim::Neutral;
            }
        }
    }
}
