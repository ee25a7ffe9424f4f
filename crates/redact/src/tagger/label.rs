//! The labels: outside, and the first and further items of each open type.

use crate::span::{RuleId, SpanType};

/// The types that depend on the words around them. Those of fixed form are settled before.
pub(crate) const OPEN: [SpanType; 7] = [
    SpanType::Name,
    SpanType::Address,
    SpanType::Officer,
    SpanType::Age,
    SpanType::Account,
    SpanType::Plate,
    SpanType::Medical,
];

/// How many labels there are.
pub(crate) const LABELS: usize = 1 + 2 * OPEN.len();
/// Outside of every span.
pub(crate) const OUTSIDE: usize = 0;

/// Whether the tagger has a say in what a rule found: not in a record that is one address, which no note is like, nor in streets, which
/// only an agency's own wish masks.
pub(crate) fn is_open(rule: RuleId, kind: SpanType) -> bool {
    !matches!(rule, RuleId::AddressLine | RuleId::AddressNamed) && OPEN.contains(&kind)
}

/// The label of a span's first item, or of a further one.
pub(crate) fn label(kind: SpanType, is_first: bool) -> Option<usize> {
    let number = OPEN.iter().position(|open| *open == kind)?;
    Some(1 + number + if is_first { 0 } else { OPEN.len() })
}

/// The type of a label, and whether it begins a span; nothing for [`OUTSIDE`].
pub(crate) fn meaning(label: usize) -> Option<(SpanType, bool)> {
    let number = label.checked_sub(1)?;
    Some((OPEN[number % OPEN.len()], number < OPEN.len()))
}

/// Whether one label may follow another: a further item only its like.
pub(crate) fn may_follow(label: usize, last: usize) -> bool {
    match meaning(label) {
        Some((kind, false)) => meaning(last).is_some_and(|(of_last, _)| of_last == kind),
        _ => true,
    }
}

/// The name of a label in the file of weights: `O`, `B-NAME`, `I-NAME`.
pub(crate) fn name(label: usize) -> String {
    meaning(label).map_or_else(
        || "O".to_owned(),
        |(kind, is_first)| format!("{}-{}", if is_first { 'B' } else { 'I' }, kind.as_str()),
    )
}
