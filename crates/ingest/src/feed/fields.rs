//! The plain text fields of a call, and what an agency's words mean.

use std::collections::HashMap;

use callbox_proto_raw::cad::v1::{Call, Location};

use super::cells::{Cells, Scope};
use super::document::{Node, Notes, Table};
use super::expression::Expression;
use super::moment::{Form, Moment};
use super::position::PositionField;

/// A text field of a call.
pub(super) struct TextField {
    /// Its name in profiles and reports.
    pub(super) name: &'static str,
    /// Where a call keeps it.
    pub(super) slot: fn(&mut Call) -> &mut String,
}

fn location(call: &mut Call) -> &mut Location {
    call.location.get_or_insert_default()
}

/// Every text field that a profile may map.
pub(super) const TEXT_FIELDS: [TextField; 13] = [
    TextField { name: "type_code", slot: |call| &mut call.type_code },
    TextField { name: "type_description", slot: |call| &mut call.type_description },
    TextField { name: "initial_type_code", slot: |call| &mut call.initial_type_code },
    TextField { name: "initial_type_description", slot: |call| &mut call.initial_type_description },
    TextField { name: "priority", slot: |call| &mut call.priority },
    TextField { name: "status", slot: |call| &mut call.status },
    TextField { name: "disposition_code", slot: |call| &mut call.disposition_code },
    TextField { name: "disposition_description", slot: |call| &mut call.disposition_description },
    TextField { name: "address", slot: |call| &mut location(call).address },
    TextField { name: "unit", slot: |call| &mut location(call).unit },
    TextField { name: "cross_street", slot: |call| &mut location(call).cross_street },
    TextField { name: "premises", slot: |call| &mut location(call).premises },
    TextField { name: "beat", slot: |call| &mut location(call).beat },
];

/// What an agency's own words mean, in words that the classifier understands.
#[derive(Clone, Debug, Default)]
pub(super) struct Meanings(HashMap<String, String>);

impl Meanings {
    /// Parses a table of meanings, each with the list of what the agency writes for it.
    pub(super) fn parse(table: &Table<'_, '_>, notes: &mut Notes<'_>) -> Self {
        let mut meanings = HashMap::new();
        for (meaning, _, node) in table.entries() {
            for item in node.items() {
                let Some(word) = item.text(notes) else { continue };
                if meanings.insert(word.to_lowercase(), meaning.to_owned()).is_some() {
                    notes.add(item.at, "this word has a meaning already");
                }
            }
        }
        Self(meanings)
    }

    /// What a word means, whatever its case.
    pub(super) fn of(&self, word: &str) -> Option<&str> {
        if self.0.is_empty() || word.is_empty() {
            return None;
        }
        self.0.get(&word.to_lowercase()).map(String::as_str)
    }
}

/// Where each field of a call stands.
#[derive(Clone, Debug)]
pub(super) struct CallFields {
    pub(super) source_id: Expression,
    pub(super) source_version: Option<Expression>,
    pub(super) received_time: Moment,
    pub(super) updated_time: Option<Moment>,
    /// Indices into [`TEXT_FIELDS`], each with where it comes from.
    pub(super) texts: Vec<(usize, Expression)>,
    pub(super) position: Option<PositionField>,
    pub(super) units: Option<Units>,
}

impl CallFields {
    /// Parses the table `call`.
    pub(super) fn parse(
        table: &mut Table<'_, '_>,
        forms: &[Form],
        scope: &mut Scope,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let columns = &mut scope.columns;
        let id = table.required("source_id", "the columns that name a call", notes);
        let source_id = id.and_then(|node| Expression::parse(node, "call.source_id", columns, notes));
        let version = table.optional("source_version");
        let source_version =
            version.and_then(|node| Expression::parse(node, "call.source_version", columns, notes));
        let received = table.required("received_time", "when the agency received the call", notes);
        let received_time =
            received.and_then(|node| Moment::parse(node, "call.received_time", forms, columns, notes));
        let updated = table.optional("updated_time");
        let updated_time =
            updated.and_then(|node| Moment::parse(node, "call.updated_time", forms, columns, notes));
        let mut texts = Vec::new();
        for (index, field) in TEXT_FIELDS.iter().enumerate() {
            let node = table.optional(field.name);
            let parsed = node.and_then(|node| Expression::parse(node, field.name, columns, notes));
            texts.extend(parsed.map(|expression| (index, expression)));
        }
        let position = PositionField::parse(table, columns, notes);
        let units = table.optional("units").and_then(|node| Units::parse(node, scope, notes));
        table.finish(notes);
        let (source_id, received_time) = (source_id?, received_time?);
        Some(Self { source_id, source_version, received_time, updated_time, texts, position, units })
    }
}

/// Where the units assigned stand, and what divides them.
#[derive(Clone, Debug)]
pub(super) struct Units {
    of: Expression,
    split: Option<String>,
}

impl Units {
    /// Parses an expression, or `{ of = …, split = "," }`.
    fn parse(node: Node<'_, '_>, scope: &mut Scope, notes: &mut Notes<'_>) -> Option<Self> {
        let divided = node.as_table("call.units").and_then(|mut table| {
            let split = table.optional("split")?;
            Some((table, split))
        });
        let Some((mut table, split)) = divided else {
            let of = Expression::parse(node, "call.units", &mut scope.columns, notes)?;
            return Some(Self { of, split: None });
        };
        let of = table.required("of", "where the units stand", notes);
        table.finish(notes);
        let split = split.text(notes)?.to_owned();
        let of = Expression::parse(of?, "call.units", &mut scope.columns, notes)?;
        Some(Self { of, split: Some(split) })
    }

    /// The units of a row.
    pub(super) fn value(&self, cells: &Cells<'_>) -> Vec<String> {
        let Some(text) = self.of.value(cells) else { return Vec::new() };
        match &self.split {
            Some(split) => {
                let parts = text.split(split.as_str()).map(str::trim);
                parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
            }
            None => vec![text.into_owned()],
        }
    }
}
