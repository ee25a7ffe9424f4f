//! One row's values, by column.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::columns::{ColumnId, Columns};

/// What every source writes for nothing, whatever its profile says.
const NULLS: [&str; 3] = ["", "null", "(null)"];

/// A set of columns with what stands for nothing in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The columns that are read.
    pub(super) columns: Columns,
    /// What stands for nothing in any column, in lower case.
    pub(super) nulls: Vec<String>,
}

impl Scope {
    /// The value without surrounding space, unless it stands for nothing.
    fn value<'v>(&self, column: ColumnId, value: Cow<'v, str>) -> Option<Cow<'v, str>> {
        let value = match value {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        let alike = |null: &str| null.eq_ignore_ascii_case(&value);
        let null = NULLS.into_iter().any(alike)
            || self.nulls.iter().any(|null| alike(null))
            || self.columns.is_null(column, &value);
        (!null).then_some(value)
    }
}

/// One row's values: `None` where there is none or one that stands for nothing.
pub(super) struct Cells<'r> {
    values: Vec<Option<Cow<'r, str>>>,
    /// The record itself, where it has an inner structure.
    pub(super) record: Option<&'r Value>,
}

impl<'r> Cells<'r> {
    /// A row of a table; `value` gives the text at a position of the header.
    pub(super) fn of_table<E>(
        scope: &Scope,
        places: &[Option<usize>],
        mut value: impl FnMut(usize) -> Result<Cow<'r, str>, E>,
    ) -> Result<Self, (ColumnId, E)> {
        let mut values = Vec::with_capacity(places.len());
        for (column, place) in scope.columns.ids().zip(places) {
            let text = place.map(&mut value).transpose().map_err(|error| (column, error))?;
            values.push(text.and_then(|text| scope.value(column, text)));
        }
        Ok(Self { values, record: None })
    }

    /// A record of a JSON document.
    pub(super) fn of_record(scope: &Scope, keys: &mut Keys, record: &'r Value) -> Self {
        let mut values: Vec<Option<Cow<'r, str>>> = vec![None; scope.columns.len()];
        let mut ranks = vec![u8::MAX; scope.columns.len()];
        let mut offer = |key: &str, value: &'r Value| {
            for &(column, rank) in keys.candidates(&scope.columns, key) {
                if rank < ranks[column.0] {
                    ranks[column.0] = rank;
                    values[column.0] = scalar(value).and_then(|text| scope.value(column, text));
                }
            }
        };
        members(record, &mut offer);
        for column in scope.columns.ids().filter(|column| ranks[column.0] == u8::MAX) {
            let found = scope.columns.name(column).contains('.').then(|| inner(record, scope, column));
            values[column.0] = found.flatten();
        }
        Self { values, record: Some(record) }
    }

    /// The value of a column.
    pub(super) fn get(&self, column: ColumnId) -> Option<&str> {
        self.values[column.0].as_deref()
    }
}

/// Offers every member of a record. What ArcGIS puts under `attributes` and GeoJSON under `properties` counts as the
/// record's own.
fn members<'r>(record: &'r Value, offer: &mut impl FnMut(&str, &'r Value)) {
    let Some(object) = record.as_object() else { return };
    for (key, value) in object {
        match (key.as_str(), value.as_object()) {
            ("attributes" | "properties", Some(inner)) => {
                inner.iter().for_each(|(key, value)| offer(key, value));
            }
            _ => offer(key, value),
        }
    }
}

/// The value that a dotted name leads to, such as `geometry.x` or `point.coordinates.0`.
fn inner<'r>(record: &'r Value, scope: &Scope, column: ColumnId) -> Option<Cow<'r, str>> {
    let value = follow(record, scope.columns.name(column))?;
    scope.value(column, scalar(value)?)
}

/// The value that a dotted name leads to.
pub(super) fn follow<'r>(record: &'r Value, name: &str) -> Option<&'r Value> {
    let walk = |top: &'r Value| {
        name.split('.').try_fold(top, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        })
    };
    walk(record).or_else(|| walk(record.get("attributes").or_else(|| record.get("properties"))?))
}

/// A single value as text.
fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Which columns the keys seen so far stand for. Records of one file repeat their keys, so that each is looked up once.
#[derive(Default)]
pub(super) struct Keys(HashMap<String, Vec<(ColumnId, u8)>>);

/// How many different keys are remembered: more than any feed has, few enough to hold against a hostile one.
const KEYS_MAX: usize = 4_096;

impl Keys {
    fn candidates(&mut self, columns: &Columns, key: &str) -> &[(ColumnId, u8)] {
        if !self.0.contains_key(key) {
            if self.0.len() >= KEYS_MAX {
                self.0.clear();
            }
            self.0.insert(key.to_owned(), columns.candidates(key));
        }
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}
