//! How a field comes out of a row's columns.
//!
//! In a profile an expression is one of
//!
//! - a text: the column of that name;
//! - a list: the first of its expressions that gives a value;
//! - `{ text = "…" }`: that text itself;
//! - `{ template = "{Code}{Suffix}" }`: columns and text put together. Without a value in a column there is no value at
//!   all, except within `[…]`, which is left out then. `{{`, `}}`, `[[` and `]]` stand for the single character;
//! - `{ of = …, before = " - " }` and `{ of = …, after = " - " }`: the part before or after the first separator. Without
//!   a separator everything counts as after it, and nothing as before it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cells::Cells;
use super::columns::{ColumnId, Columns};
use super::document::{Node, Notes};

/// How a field comes out of a row.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Column(ColumnId),
    Text(String),
    First(Vec<Expression>),
    Template(Vec<Piece>),
    Before(Box<Expression>, String),
    After(Box<Expression>, String),
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Column(ColumnId),
    Optional(Vec<Piece>),
}

impl Expression {
    /// Parses the form above.
    pub(super) fn parse(
        node: Node<'_, '_>,
        name: &str,
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        if let Some(items) = node.as_list() {
            if items.is_empty() {
                notes.add(node.at, format!("{name}: expected at least one column"));
            }
            let items = items.into_iter().map(|item| Self::parse(item, name, columns, notes));
            return items.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Self::First);
        }
        if node.as_text().is_none() && node.as_table("").is_none() {
            notes.add(node.at, format!("{name}: expected a column, a list or a table"));
            return None;
        }
        match node.as_text() {
            Some("") => {
                notes.add(node.at, format!("{name}: expected the name of a column"));
                None
            }
            Some(column) => Some(Self::Column(columns.intern(column))),
            None => Self::parse_table(node, name, columns, notes),
        }
    }

    fn parse_table(
        node: Node<'_, '_>,
        name: &str,
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let mut table = node.table(name, notes)?;
        let text = table.optional("text");
        let template = table.optional("template");
        let of = table.optional("of");
        let before = table.optional("before");
        let after = table.optional("after");
        table.finish(notes);
        match (text, template, of, before, after) {
            (Some(text), None, None, None, None) => text.text(notes).map(|text| Self::Text(text.to_owned())),
            (None, Some(template), None, None, None) => {
                let text = template.text(notes)?;
                let pieces = parse_template(text, columns).map_err(|problem| {
                    notes.add(template.at, format!("{name}: {problem}"));
                });
                pieces.ok().map(Self::Template)
            }
            (None, None, Some(of), Some(separator), None) => {
                let of = Self::parse(of, name, columns, notes)?;
                Some(Self::Before(Box::new(of), separator.text(notes)?.to_owned()))
            }
            (None, None, Some(of), None, Some(separator)) => {
                let of = Self::parse(of, name, columns, notes)?;
                Some(Self::After(Box::new(of), separator.text(notes)?.to_owned()))
            }
            _ => {
                let forms = "text, template, of with before, or of with after";
                notes.add(node.at, format!("{name}: expected exactly one of: {forms}"));
                None
            }
        }
    }

    /// The value in a row.
    pub(super) fn value<'c>(&'c self, cells: &'c Cells<'_>) -> Option<Cow<'c, str>> {
        match self {
            Self::Column(column) => cells.get(*column).map(Cow::Borrowed),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::First(expressions) => expressions.iter().find_map(|expression| expression.value(cells)),
            Self::Template(pieces) => fill(pieces, cells).filter(|text| !text.is_empty()).map(Cow::Owned),
            Self::Before(of, separator) => {
                let value = of.value(cells)?;
                value.split_once(separator.as_str()).and_then(|(before, _)| part(before))
            }
            Self::After(of, separator) => {
                let value = of.value(cells)?;
                let after = value.split_once(separator.as_str()).map_or(&*value, |(_, after)| after);
                part(after)
            }
        }
    }

    /// Whether a value can come of it where only `present` columns exist.
    pub(super) fn possible(&self, present: &dyn Fn(ColumnId) -> bool) -> bool {
        match self {
            Self::Column(column) => present(*column),
            Self::Text(_) => true,
            Self::First(expressions) => expressions.iter().any(|expression| expression.possible(present)),
            Self::Template(pieces) => {
                pieces.iter().all(|piece| !matches!(piece, Piece::Column(column) if !present(*column)))
            }
            Self::Before(of, _) | Self::After(of, _) => of.possible(present),
        }
    }

    /// The columns that it reads.
    pub(super) fn columns(&self, into: &mut BTreeSet<ColumnId>) {
        fn pieces_columns(pieces: &[Piece], into: &mut BTreeSet<ColumnId>) {
            for piece in pieces {
                match piece {
                    Piece::Text(_) => {}
                    Piece::Column(column) => {
                        into.insert(*column);
                    }
                    Piece::Optional(inner) => pieces_columns(inner, into),
                }
            }
        }
        match self {
            Self::Column(column) => {
                into.insert(*column);
            }
            Self::Text(_) => {}
            Self::First(expressions) => expressions.iter().for_each(|expression| expression.columns(into)),
            Self::Template(pieces) => pieces_columns(pieces, into),
            Self::Before(of, _) | Self::After(of, _) => of.columns(into),
        }
    }
}

fn part(text: &str) -> Option<Cow<'static, str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| Cow::Owned(text.to_owned()))
}

fn fill(pieces: &[Piece], cells: &Cells<'_>) -> Option<String> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Column(column) => text.push_str(cells.get(*column)?),
            Piece::Optional(inner) => text.push_str(&fill(inner, cells).unwrap_or_default()),
        }
    }
    Some(text)
}

/// Parses a template.
fn parse_template(template: &str, columns: &mut Columns) -> Result<Vec<Piece>, &'static str> {
    let mut rest = template;
    let pieces = parse_pieces(&mut rest, columns, false)?;
    if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
        return Err("the template has no column; expected {Column}");
    }
    Ok(pieces)
}

/// Parses pieces up to the end, or up to the `]` that closes an optional part.
fn parse_pieces(rest: &mut &str, columns: &mut Columns, optional: bool) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    while let Some(first) = rest.chars().next() {
        let tail = &rest[first.len_utf8()..];
        let doubled = tail.starts_with(first) && "{}[]".contains(first);
        if doubled || !"{}[]".contains(first) {
            literal.push(first);
            *rest = if doubled { &tail[first.len_utf8()..] } else { tail };
            continue;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        *rest = tail;
        match first {
            '{' => {
                let (name, tail) = rest.split_once('}').ok_or("a { in the template is not closed")?;
                if name.is_empty() {
                    return Err("{} in the template names no column");
                }
                pieces.push(Piece::Column(columns.intern(name)));
                *rest = tail;
            }
            '[' if optional => return Err("an optional part of the template holds another one"),
            '[' => pieces.push(Piece::Optional(parse_pieces(rest, columns, true)?)),
            ']' if optional => return Ok(pieces),
            _ => return Err("a } or ] in the template closes nothing"),
        }
    }
    if optional {
        return Err("a [ in the template is not closed");
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::{Piece, parse_template};
    use crate::feed::columns::Columns;

    #[test]
    fn templates_parse() {
        let mut columns = Columns::default();
        let (a, b) = (columns.intern("A"), columns.intern("B C"));
        let text = |text: &str| Piece::Text(text.to_owned());
        let parsed = parse_template("{A}[ - {B C}] {{x}} [[y]]", &mut columns).unwrap();
        let expected =
            vec![Piece::Column(a), Piece::Optional(vec![text(" - "), Piece::Column(b)]), text(" {x} [y]")];
        assert_eq!(parsed, expected);
    }

    #[test]
    fn broken_templates_are_refused() {
        for broken in ["", "x", "{A", "{}", "[{A}", "{A}]", "}{A}", "[[{A}]", "[{A}[{B}]]", "[a"] {
            assert!(parse_template(broken, &mut Columns::default()).is_err(), "{broken}");
        }
    }
}
