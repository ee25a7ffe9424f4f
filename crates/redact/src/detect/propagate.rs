//! A name once found goes everywhere in the record.

use super::name_rules::{Style, closes, is_suppressed_after};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::hash;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};
use crate::token::{Case, Claim, Kind};

/// Claims every further mention of a found name. `names` is working memory.
pub(super) fn run(board: &mut Board<'_>, names: &mut Vec<u64>, style: Style) {
    for ty in [SpanType::Officer, SpanType::Name] {
        if !board.found.iter().any(|found| found.kind == ty) {
            continue;
        }
        collect(board, ty, names);
        if names.is_empty() {
            continue;
        }
        let mut at = board.seek(0, [Class::Mention]);
        while at < board.len() {
            if is_mention(board, at, names, style) {
                board.claim(at, at, ty, RuleId::NamePropagated, 0.85);
            }
            at = board.seek(at + 1, [Class::Mention]);
        }
    }
}

/// The words of the names that were found, sorted. Short words and ordinary ones say too little.
fn collect(board: &Board<'_>, ty: SpanType, names: &mut Vec<u64>) {
    names.clear();
    let mut at = board.seek(0, [Class::Masked]);
    while let Some(tok) = board.tok(at) {
        at = board.seek(at + 1, [Class::Masked]);
        let word = tok.kind == Kind::Word && tok.claim == Claim::Span(ty) && tok.len() >= 3;
        if word
            && !tok
                .has(flag::ROLE | flag::KIN | flag::DET | flag::PARTICLE | flag::GENERATION | flag::TOPERSON)
        {
            names.push(tok.hash);
        }
    }
    names.sort_unstable();
    names.dedup();
}

fn is_mention(board: &Board<'_>, at: usize, names: &[u64], style: Style) -> bool {
    let Some(tok) = board.tok(at) else { return false };
    if tok.kind != Kind::Word || tok.claim != Claim::Free || tok.len() < 3 {
        return false;
    }
    let mut found = names.binary_search(&tok.hash).is_ok();
    let text = board.text(at);
    if !found && text.len() > 4 && !tok.has(flag::ORD) && text.ends_with_ignore_case(b'S') {
        // WHITFIELDS: a possessive without its apostrophe.
        found = names.binary_search(&hash(&text[..text.len() - 1])).is_ok();
    }
    let family = found && names.binary_search(&tok.hash).is_err();
    if !found {
        return false;
    }
    let ambiguous = tok.has(flag::ORD | flag::CITY);
    let place = (board.has(at + 1, flag::STREET | flag::STREETISH | flag::VEH)
        || board.has(at + 1, flag::BIZ | flag::TRADE) && !board.has(at + 1, flag::VERB | flag::ROLE))
        && !board.starts_line(at + 1);
    if !ambiguous {
        return !place || family;
    }
    let verb = tok.has(flag::VERB | flag::MONTH | flag::LOCCUE | flag::VEH | flag::COLOR | flag::DIR);
    let titled = style == Style::Mixed && tok.case == Case::Title;
    !place
        && !is_suppressed_after(board, at)
        && (titled || !verb && style == Style::Flat && !tok.has(flag::STRICT) && closes(board, at + 1))
}

trait EndsWith {
    fn ends_with_ignore_case(&self, byte: u8) -> bool;
}

impl EndsWith for [u8] {
    fn ends_with_ignore_case(&self, byte: u8) -> bool {
        self.last().is_some_and(|last| last.eq_ignore_ascii_case(&byte))
    }
}
