//! The engine: one pass from text to spans, and from spans to redacted text.

use std::sync::LazyLock;

use crate::board::{Board, Found};
use crate::class::Class;
use crate::config::{Config, ConfigError, Mode};
use crate::detect;
use crate::index::Index;
use crate::known::Known;
use crate::lexicon::{Flags, Lexicon, hash};
use crate::normal::Normal;
use crate::span::{Redaction, RuleId, Span, SpanType};
use crate::strict;
use crate::tagger;
use crate::token::{Claim, Kind, NO_SPAN, Tok, Work, tokenize};

/// Longest text that is read, in bytes; longer texts are masked whole.
const TEXT_MAX: usize = u32::MAX as usize / 2;
/// How often the detectors may look again at what they left; two rounds settle nearly every text.
const ROUNDS_MAX: usize = 6;

static BUILTIN: LazyLock<Engine> = LazyLock::new(|| Engine::checked(&Config::default()));

/// Finds and masks personal data. Build it once; it is read-only and cheap to share.
#[derive(Clone)]
pub struct Engine {
    lexicon: Lexicon,
    keep: u32,
    street_names: bool,
    listed: Vec<Vec<u64>>,
}

/// Working memory of one thread, so that reading a text allocates nothing once it has grown.
///
/// It holds the last text's structure, so it has no `Debug`.
#[derive(Default)]
pub struct Scratch {
    pub(crate) normal: Normal,
    toks: Vec<Tok>,
    work: Work,
    index: Index,
    found: Vec<Found>,
    spans: Vec<Span>,
    tagging: tagger::Work,
    pub(crate) names: Vec<u64>,
}

impl Engine {
    /// An engine with an agency's settings.
    ///
    /// # Errors
    /// [`ConfigError`] names the first setting that cannot be used.
    #[allow(clippy::needless_pass_by_value, reason = "the settings belong to the engine from here on")]
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self::checked(&config))
    }

    /// The engine with default settings, built once per process.
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    fn checked(config: &Config) -> Self {
        let words = |name: &String| {
            let mut normal = Normal::default();
            let bytes = normal.read(name);
            let parts = bytes.split(|byte| !byte.is_ascii_alphabetic() && *byte != b'\'' && *byte < 0x80);
            parts.filter(|part| !part.is_empty()).map(hash).collect::<Vec<_>>()
        };
        Self {
            lexicon: Lexicon::new(config),
            keep: config.keep_types.iter().fold(0, |bits, ty| bits | 1 << *ty as u32),
            street_names: config.mask_street_names,
            listed: config.names.iter().map(words).filter(|words| !words.is_empty()).collect(),
        }
    }

    /// The spans of a text, in order and without overlaps.
    pub fn spans<'s>(&self, text: &str, known: &Known, mode: Mode, scratch: &'s mut Scratch) -> &'s [Span] {
        scratch.spans.clear();
        if text.len() > TEXT_MAX {
            let whole = Span {
                start: 0,
                end: text.len(),
                kind: SpanType::Name,
                rule: RuleId::Unread,
                confidence: 0.0,
            };
            scratch.spans.push(whole);
            return &scratch.spans;
        }
        self.with_board(text, scratch, |board, names, tagging| {
            self.settle(board, known, mode, names, tagging);
        });
        self.collect(mode, scratch);
        &scratch.spans
    }

    /// Cuts a text, looks its words up, and hands them over.
    pub(crate) fn with_board(
        &self,
        text: &str,
        scratch: &mut Scratch,
        work: impl FnOnce(&mut Board<'_>, &mut Vec<u64>, &mut tagger::Work),
    ) {
        scratch.found.clear();
        let bytes = scratch.normal.read(text);
        let seen = tokenize(bytes, &self.lexicon, &mut scratch.toks, &mut scratch.work);
        scratch.index.build(&scratch.toks);
        let mut board = Board {
            bytes,
            toks: &mut scratch.toks,
            index: &mut scratch.index,
            found: &mut scratch.found,
            seen,
            street_names: self.street_names,
        };
        work(&mut board, &mut scratch.names, &mut scratch.tagging);
    }

    /// Runs the detectors until they find nothing more. What a round finds becomes placeholders for the next, just
    /// as if the redacted text came back: so redacting a result changes nothing.
    fn settle(
        &self,
        board: &mut Board<'_>,
        known: &Known,
        mode: Mode,
        names: &mut Vec<u64>,
        tagging: &mut tagger::Work,
    ) {
        for _ in 0..ROUNDS_MAX {
            let before = board.found.len();
            if self.keep != 0 {
                // Before a detector takes a value for something that the agency keeps.
                known.mark(board);
            }
            detect::run(board, names);
            tagger::weigh(board, before, mode, tagging);
            detect::listed(board, &self.listed);
            known.mark(board);
            if tagger::claim(board, tagging) {
                detect::mentions(board, names);
            }
            detect::unclaimed(board);
            if mode == Mode::Strict {
                strict::run(board);
            }
            if board.found.len() == before {
                return;
            }
            board.seen = fold_placeholders(board.toks);
            board.index.build(board.toks);
        }
    }

    fn collect(&self, mode: Mode, scratch: &mut Scratch) {
        scratch.found.sort_unstable_by_key(|found| (found.start, found.end));
        let keep = if mode == Mode::Strict { 0 } else { self.keep };
        for found in &scratch.found {
            if keep & 1 << found.kind as u32 != 0 {
                continue;
            }
            let (start, end) = scratch.normal.original(found.start as usize, found.end as usize);
            // Two normalised bytes may share one character of the original: "ß" is "ss".
            if scratch.spans.last().is_some_and(|last| start < last.end) {
                continue;
            }
            let Found { kind, rule, confidence, .. } = *found;
            scratch.spans.push(Span { start, end, kind, rule, confidence });
        }
    }

    /// The text with every span replaced by its placeholder. Use [`Engine::spans`] in a loop with one [`Scratch`].
    pub fn redact(&self, text: &str, known: &Known, mode: Mode) -> Redaction {
        let mut scratch = Scratch::default();
        let mut redacted = String::with_capacity(text.len() + 16);
        self.redact_into(text, known, mode, &mut scratch, &mut redacted);
        Redaction { text: redacted, spans: std::mem::take(&mut scratch.spans) }
    }

    /// Like [`Engine::redact`], into a buffer of the caller's, which is cleared first. Returns the spans.
    pub fn redact_into<'s>(
        &self,
        text: &str,
        known: &Known,
        mode: Mode,
        scratch: &'s mut Scratch,
        out: &mut String,
    ) -> &'s [Span] {
        out.clear();
        let spans = self.spans(text, known, mode, scratch);
        let mut copied = 0;
        for span in spans {
            out.push_str(text.get(copied..span.start).unwrap_or_default());
            out.push_str(self.lexicon.placeholder_of(span.kind));
            copied = span.end;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        spans
    }
}

/// Turns every claimed run into one placeholder token and forgets neutral claims. Returns the flags that remain.
fn fold_placeholders(toks: &mut Vec<Tok>) -> Flags {
    let mut seen = 0;
    for tok in toks.iter_mut() {
        match tok.claim {
            Claim::Span(_) => {
                tok.kind = Kind::Placeholder;
                tok.flags = 0;
                tok.hash = 0;
                tok.classes =
                    tok.classes & (Class::Line.bit() | Class::Glued.bit()) | Class::Placeholder.bit();
            }
            Claim::Neutral => tok.claim = Claim::Free,
            Claim::Free => {}
        }
        seen |= tok.flags;
    }
    // Tokens of one span are folded together; two spans that touch stay two.
    toks.dedup_by(|tok, last| {
        let same = tok.span == last.span && tok.span != NO_SPAN;
        if same {
            last.end = tok.end;
        }
        same
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::read_notes;

    /// A class is a necessary condition and no more: who looks at every token finds the same.
    #[test]
    fn no_class_hides_a_token_from_its_detector() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
        let notes: Vec<_> = texts.flat_map(|text| read_notes(&text).unwrap()).collect();
        assert!(notes.len() > 2000, "only {} notes", notes.len());
        let engine = Engine::builtin();
        let known = Known::none();
        let (mut some, mut all) = (Scratch::default(), Scratch::default());
        all.index.visits_all = true;
        let mut differ = Vec::new();
        for (number, note) in notes.iter().enumerate() {
            let text = &note.text;
            for mode in [Mode::Balanced, Mode::Strict] {
                let some = engine.spans(text, &known, mode, &mut some);
                let all = engine.spans(text, &known, mode, &mut all);
                let ranges = |spans: &[Span]| -> Vec<_> {
                    spans.iter().map(|s| (s.start, s.end, s.kind, s.rule)).collect()
                };
                if ranges(some) != ranges(all) {
                    differ.push((number, mode, ranges(some), ranges(all)));
                }
            }
        }
        assert!(differ.is_empty(), "{differ:#?}");
    }
}
