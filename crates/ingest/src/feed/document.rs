//! A TOML document read key by key, with every mistake noted together with its line.
//!
//! Whoever reads a table asks for the keys that it knows; the ones that nobody asked for are mistakes, and the nearest
//! known key is suggested.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One mistake in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line of the profile, from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Everything that is wrong with a profile.
#[derive(Debug, thiserror::Error)]
pub struct ProfileErrors {
    /// The profile's file.
    pub file: PathBuf,
    /// The mistakes, by line.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for ProfileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.mistakes.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in the feed profile", self.mistakes.len())?;
        self.mistakes.iter().try_for_each(|mistake| {
            write!(f, "\n  {}:{}: {}", self.file.display(), mistake.line, mistake.problem)
        })
    }
}

/// The mistakes found so far in one text.
pub(super) struct Notes<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Notes<'t> {
    /// Notes on `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, mistakes: Vec::new() }
    }

    /// Notes a mistake at a byte of the text.
    pub(super) fn add(&mut self, at: usize, problem: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.mistakes.push(Mistake { line, problem: problem.into() });
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// The mistakes, by line.
    pub(super) fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| mistake.line);
        self.mistakes
    }
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'i> {
    value: &'a DeValue<'i>,
    /// Its first byte.
    pub(super) at: usize,
}

impl<'a, 'i> Node<'a, 'i> {
    fn new(value: &'a Spanned<DeValue<'i>>) -> Self {
        Self { value: value.get_ref(), at: value.span().start }
    }

    /// The text, or a mistake.
    pub(super) fn text(self, notes: &mut Notes<'_>) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            other => self.mismatch("a text", other, notes),
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(self) -> Option<&'a str> {
        if let DeValue::String(text) = self.value { Some(text.as_ref()) } else { None }
    }

    /// The number, or a mistake.
    pub(super) fn number(self, notes: &mut Notes<'_>) -> Option<f64> {
        let digits = match self.value {
            DeValue::Float(float) => float.as_str().to_owned(),
            DeValue::Integer(integer) => integer.to_string(),
            other => return self.mismatch("a number", other, notes),
        };
        digits.parse().ok().or_else(|| {
            notes.add(self.at, "expected a decimal number");
            None
        })
    }

    /// The items, or a mistake. A single value counts as a list of one.
    pub(super) fn items(self) -> Vec<Node<'a, 'i>> {
        match self.value {
            DeValue::Array(items) => items.iter().map(Node::new).collect(),
            _ => vec![self],
        }
    }

    /// The items, if it is a list.
    pub(super) fn as_list(self) -> Option<Vec<Node<'a, 'i>>> {
        matches!(self.value, DeValue::Array(_)).then(|| self.items())
    }

    /// The texts of a list (or of a single text); others are mistakes.
    pub(super) fn texts(self, notes: &mut Notes<'_>) -> Vec<&'a str> {
        self.items().into_iter().filter_map(|item| item.text(notes)).collect()
    }

    /// The table, or a mistake.
    pub(super) fn table(self, name: impl Into<String>, notes: &mut Notes<'_>) -> Option<Table<'a, 'i>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(name, table, self.at)),
            other => self.mismatch("a table", other, notes),
        }
    }

    /// The table, if it is one.
    pub(super) fn as_table(self, name: impl Into<String>) -> Option<Table<'a, 'i>> {
        if let DeValue::Table(table) = self.value { Some(Table::new(name, table, self.at)) } else { None }
    }

    fn mismatch<T>(self, expected: &str, found: &DeValue<'_>, notes: &mut Notes<'_>) -> Option<T> {
        let found = match found {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        notes.add(self.at, format!("expected {expected}, found {found}"));
        None
    }
}

/// A table that is read key by key.
pub(super) struct Table<'a, 'i> {
    name: String,
    entries: &'a DeTable<'i>,
    /// Its first byte.
    pub(super) at: usize,
    asked: Vec<&'static str>,
}

impl<'a, 'i> Table<'a, 'i> {
    /// A table called `name` (empty for the top) that starts at byte `at`.
    pub(super) fn new(name: impl Into<String>, table: &'a DeTable<'i>, at: usize) -> Self {
        Self { name: name.into(), entries: table, at, asked: Vec::new() }
    }

    /// The key's value, if it is there.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<Node<'a, 'i>> {
        self.asked.push(key);
        self.entries.get(key).map(Node::new)
    }

    /// The key's value; absent is a mistake, `purpose` says what it is for.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        purpose: &str,
        notes: &mut Notes<'_>,
    ) -> Option<Node<'a, 'i>> {
        let node = self.optional(key);
        if node.is_none() {
            notes.add(self.at, format!("{} is missing: {purpose}", self.path(key)));
        }
        node
    }

    /// Keys and values of a table whose keys are free, with the byte at which each key starts.
    pub(super) fn entries(&self) -> Vec<(&'a str, usize, Node<'a, 'i>)> {
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'i>>)| {
            let key: &'a Spanned<std::borrow::Cow<'i, str>> = key;
            (key.get_ref().as_ref(), key.span().start, Node::new(value))
        };
        self.entries.iter().map(entry).collect()
    }

    /// Notes the keys that nobody asked for.
    pub(super) fn finish(&self, notes: &mut Notes<'_>) {
        for (key, Range { start, .. }) in self.entries.iter().map(|(key, _)| (key.get_ref(), key.span())) {
            if self.asked.iter().any(|asked| asked == key) {
                continue;
            }
            let path = self.path(key);
            let problem = match nearest(key, &self.asked) {
                Some(near) => format!("unknown key {path}; did you mean {}?", self.path(near)),
                None => format!("unknown key {path}"),
            };
            notes.add(start, problem);
        }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// The known key that comes nearest to `key`: at least six tenths of it alike, below which suggestions confuse.
pub(super) fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(key, candidate), *candidate))
        .filter(|(alike, _)| *alike >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
