//! Notes, written sentence by sentence, with the place of every personal string in them.

use std::sync::Arc;

use crate::dice::Dice;
use crate::gold::{Span, SpanKind};
use crate::identifiers::digits;
use crate::kinds::Common;
use crate::people::{Cast, Role};
use crate::phrasebook::{Piece, Template, Voice};
use crate::slots;

/// How the sentences of a note are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One after the other.
    Running,
    /// Each on a line with the time and the operator.
    Logged,
    /// Fields first, then the sentences.
    Keyed,
}

/// How one call taker writes.
#[derive(Clone, Copy)]
pub(crate) struct Hand {
    pub(crate) voice: Voice,
    pub(crate) layout: Layout,
    /// The operator's number, 6000 to 6099.
    pub(crate) operator: u32,
}

impl Hand {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        const VOICES: [u32; 5] = [25, 25, 20, 15, 15];
        const LAYOUTS: [u32; 3] = [70, 18, 12];
        Self {
            voice: Voice::ALL[dice.weighted(&VOICES)],
            layout: [Layout::Running, Layout::Logged, Layout::Keyed][dice.weighted(&LAYOUTS)],
            operator: dice.between(6000, 6099),
        }
    }
}

/// A note in the making.
pub(crate) struct Writer<'d> {
    dice: &'d mut Dice,
    hand: Hand,
    text: String,
    /// The length of `text` in code points.
    length: u32,
    spans: Vec<Span>,
    /// Local seconds of the day.
    clock: u32,
    /// Whom the present sentence named last.
    pub(crate) speaking_of: Role,
    pub(crate) vehicle_mentioned: bool,
}

impl<'d> Writer<'d> {
    pub(crate) fn new(dice: &'d mut Dice, hand: Hand, clock: u32) -> Self {
        let (text, spans) = (String::with_capacity(512), Vec::with_capacity(16));
        Self {
            dice,
            hand,
            text,
            length: 0,
            spans,
            clock,
            speaking_of: Role::Caller,
            vehicle_mentioned: false,
        }
    }

    /// The fields of a keyed note; nothing in the other layouts.
    pub(crate) fn keys(&mut self, common: &Common, cast: &mut Cast) {
        if self.hand.layout != Layout::Keyed {
            return;
        }
        for key in &common.keys {
            if self.dice.chance(600) {
                self.pieces(key, cast);
                self.words(" | ");
            }
        }
        self.words(if self.hand.voice == Voice::Lower { "remarks: " } else { "REMARKS: " });
    }

    /// One sentence of a list.
    pub(crate) fn sentence(&mut self, list: &[Template], cast: &mut Cast) {
        let template = self.dice.choose(list);
        match self.hand.layout {
            Layout::Logged => self.log_head(),
            Layout::Running | Layout::Keyed if self.length > 0 && !self.text.ends_with(' ') => {
                self.words(" ");
            }
            Layout::Running | Layout::Keyed => {}
        }
        self.pieces(template, cast);
    }

    /// The same, `permille` times in a thousand.
    pub(crate) fn sentence_sometimes(&mut self, permille: u32, list: &[Template], cast: &mut Cast) {
        if !list.is_empty() && self.dice.chance(permille) {
            self.sentence(list, cast);
        }
    }

    fn log_head(&mut self) {
        if self.length > 0 {
            self.words("\n");
        }
        self.clock = (self.clock + self.dice.between(1, 6)) % 86_400;
        let (clock, operator) = (self.clock, self.hand.operator);
        let time = crate::people::written(10, |out| {
            for (index, part) in [clock / 3600, clock / 60 % 60, clock % 60].into_iter().enumerate() {
                out.push_str(if index > 0 { ":" } else { "" });
                digits(out, part, 2);
            }
        });
        self.words(&time);
        if operator % 2 == 0 {
            self.words(" [OPR ");
            self.mark(SpanKind::Officer, |out, _| digits(out, operator, 4));
            self.words("] ");
        } else {
            self.words(" ");
            self.mark(SpanKind::Officer, |out, _| {
                out.push_str("DISP");
                digits(out, operator % 100, 2);
            });
            self.words(" ");
        }
    }

    fn pieces(&mut self, template: &Template, cast: &mut Cast) {
        self.speaking_of = Role::Caller;
        self.vehicle_mentioned = false;
        for piece in template.pieces(self.hand.voice) {
            match piece {
                Piece::Words(words) => self.words(words),
                Piece::Slot(slot) => slots::fill(*slot, self, cast),
            }
        }
    }

    /// Text as it is.
    fn words(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += code_points(text);
    }

    /// Text in this hand's case.
    pub(crate) fn plain(&mut self, text: &str) {
        let from = self.text.len();
        self.text.push_str(text);
        self.recase(from);
    }

    /// One of some texts, in this hand's case.
    pub(crate) fn plain_of(&mut self, texts: &[&str]) {
        let text = self.dice.pick(texts);
        self.plain(text);
    }

    /// A number below `end`, for a choice between layouts.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.dice.below(end)
    }

    /// A personal string in this hand's case, as `write` writes it.
    pub(crate) fn mark(&mut self, kind: SpanKind, write: impl FnOnce(&mut String, &mut Dice)) {
        self.mark_as(kind, false, write);
    }

    /// The same, of one that identifies nobody.
    pub(crate) fn mark_optional(&mut self, kind: SpanKind, write: impl FnOnce(&mut String, &mut Dice)) {
        self.mark_as(kind, true, write);
    }

    fn mark_as(&mut self, kind: SpanKind, optional: bool, write: impl FnOnce(&mut String, &mut Dice)) {
        let (from, start) = (self.text.len(), self.length);
        write(&mut self.text, self.dice);
        self.recase(from);
        self.spans.push(Span { start, end: self.length, kind, optional });
    }

    /// Puts what was written since `from` into this hand's case, and counts it.
    fn recase(&mut self, from: usize) {
        if self.hand.voice.is_upper() || self.hand.voice == Voice::Lower {
            self.change_case(from);
        }
        self.length += code_points(&self.text[from..]);
    }

    fn change_case(&mut self, from: usize) {
        let upper = self.hand.voice.is_upper();
        let tail = &mut self.text[from..];
        if tail.is_ascii() {
            if upper {
                tail.make_ascii_uppercase();
            } else {
                tail.make_ascii_lowercase();
            }
            return;
        }
        let changed = if upper { tail.to_uppercase() } else { tail.to_lowercase() };
        self.text.truncate(from);
        self.text.push_str(&changed);
    }

    /// The note and its spans.
    pub(crate) fn finish(mut self) -> (String, Arc<[Span]>) {
        // It waits for its time among thousands of others.
        self.text.shrink_to_fit();
        (self.text, self.spans.into())
    }
}

fn code_points(text: &str) -> u32 {
    let count = if text.is_ascii() { text.len() } else { text.chars().count() };
    u32::try_from(count).unwrap_or(u32::MAX)
}
