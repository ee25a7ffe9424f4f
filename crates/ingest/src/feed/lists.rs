//! Notes, persons and vehicles: what a record has any number of.
//!
//! An entry of `[[notes]]`, `[[persons]]` or `[[vehicles]]` gives one item from the row's own columns. With `each`, the
//! name of a list in a JSON record, it gives one item for each element of that list, and its columns are the element's.

use callbox_proto_raw::cad::v1::{Note, Person, Vehicle};

use super::cells::{Cells, Keys, Scope, follow};
use super::columns::Columns;
use super::document::{Node, Notes, Table};
use super::expression::Expression;
use super::mapping::{Flaw, moment};
use super::moment::{Clock, Form, Moment};

/// One entry: where its items come from and how each is made.
#[derive(Clone, Debug)]
pub(super) struct Entry<T> {
    each: Option<Each>,
    item: T,
}

/// A list within a record.
#[derive(Clone, Debug)]
struct Each {
    path: String,
    scope: Scope,
}

/// How an item is made from cells.
pub(super) trait Item: Sized {
    /// What it makes.
    type Made;

    /// Parses its keys.
    fn parse(
        table: &mut Table<'_, '_>,
        forms: &[Form],
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self>;

    /// The item, if the cells hold anything of it.
    ///
    /// # Errors
    /// If its time is in none of the expected formats.
    fn make(&self, cells: &Cells<'_>, clock: &Clock) -> Result<Option<Self::Made>, Flaw>;
}

impl<T: Item> Entry<T> {
    /// Parses the entries of a list.
    pub(super) fn parse_all(
        node: Option<Node<'_, '_>>,
        name: &str,
        forms: &[Form],
        scope: &mut Scope,
        notes: &mut Notes<'_>,
    ) -> Vec<Self> {
        let items = node.map(Node::items).unwrap_or_default();
        let parse = |item: Node<'_, '_>| Self::parse(&mut item.table(name, notes)?, forms, scope, notes);
        items.into_iter().filter_map(parse).collect()
    }

    fn parse(
        table: &mut Table<'_, '_>,
        forms: &[Form],
        scope: &mut Scope,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let each = table.optional("each").and_then(|node| node.text(notes));
        let entry = if let Some(path) = each {
            let mut own = Scope { columns: Columns::default(), nulls: scope.nulls.clone() };
            let item = T::parse(table, forms, &mut own.columns, notes);
            item.map(|item| Self { each: Some(Each { path: path.to_owned(), scope: own }), item })
        } else {
            T::parse(table, forms, &mut scope.columns, notes).map(|item| Self { each: None, item })
        };
        table.finish(notes);
        entry
    }

    /// Adds the items of a row.
    ///
    /// # Errors
    /// If a time is in none of the expected formats.
    pub(super) fn make(&self, cells: &Cells<'_>, clock: &Clock, into: &mut Vec<T::Made>) -> Result<(), Flaw> {
        let Some(each) = &self.each else {
            into.extend(self.item.make(cells, clock)?);
            return Ok(());
        };
        let list =
            cells.record.and_then(|record| follow(record, &each.path)).and_then(|list| list.as_array());
        let mut keys = Keys::default();
        for element in list.into_iter().flatten() {
            let cells = Cells::of_record(&each.scope, &mut keys, element);
            into.extend(self.item.make(&cells, clock)?);
        }
        Ok(())
    }
}

/// The value of an expression as text of its own.
fn text(expression: Option<&Expression>, cells: &Cells<'_>) -> String {
    expression.and_then(|expression| expression.value(cells)).map(Into::into).unwrap_or_default()
}

/// The values of several expressions.
fn texts(expressions: &[Expression], cells: &Cells<'_>) -> Vec<String> {
    expressions.iter().filter_map(|expression| expression.value(cells)).map(Into::into).collect()
}

fn one(
    table: &mut Table<'_, '_>,
    key: &'static str,
    columns: &mut Columns,
    notes: &mut Notes<'_>,
) -> Option<Expression> {
    table.optional(key).and_then(|node| Expression::parse(node, key, columns, notes))
}

fn many(
    table: &mut Table<'_, '_>,
    key: &'static str,
    columns: &mut Columns,
    notes: &mut Notes<'_>,
) -> Vec<Expression> {
    let items = table.optional(key).map(Node::items).unwrap_or_default();
    items.into_iter().filter_map(|node| Expression::parse(node, key, columns, notes)).collect()
}

/// How a note is made.
#[derive(Clone, Debug)]
pub(super) struct NoteItem {
    written_time: Option<Moment>,
    author: Option<Expression>,
    text: Expression,
}

impl Item for NoteItem {
    type Made = Note;

    fn parse(
        table: &mut Table<'_, '_>,
        forms: &[Form],
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let time = table.optional("written_time");
        let written_time = time.and_then(|node| Moment::parse(node, "written_time", forms, columns, notes));
        let author = one(table, "author", columns, notes);
        let text = table.required("text", "where the note's text stands", notes);
        let text = text.and_then(|node| Expression::parse(node, "text", columns, notes));
        Some(Self { written_time, author, text: text? })
    }

    fn make(&self, cells: &Cells<'_>, clock: &Clock) -> Result<Option<Note>, Flaw> {
        let Some(text) = self.text.value(cells) else { return Ok(None) };
        let written_time = match &self.written_time {
            Some(time) => moment("notes.written_time", time, cells, clock)?,
            None => None,
        };
        Ok(Some(Note { written_time, author: self::text(self.author.as_ref(), cells), text: text.into() }))
    }
}

/// How a person is made.
#[derive(Clone, Debug)]
pub(super) struct PersonItem {
    role: Option<Expression>,
    name: Option<Expression>,
    phones: Vec<Expression>,
    address: Option<Expression>,
    birth_date: Option<Expression>,
    emails: Vec<Expression>,
    document_numbers: Vec<Expression>,
    medical: Option<Expression>,
}

impl Item for PersonItem {
    type Made = Person;

    fn parse(
        table: &mut Table<'_, '_>,
        _: &[Form],
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        Some(Self {
            role: one(table, "role", columns, notes),
            name: one(table, "name", columns, notes),
            phones: many(table, "phones", columns, notes),
            address: one(table, "address", columns, notes),
            birth_date: one(table, "birth_date", columns, notes),
            emails: many(table, "emails", columns, notes),
            document_numbers: many(table, "document_numbers", columns, notes),
            medical: one(table, "medical", columns, notes),
        })
    }

    fn make(&self, cells: &Cells<'_>, _: &Clock) -> Result<Option<Person>, Flaw> {
        let mut person = Person {
            role: String::new(),
            name: text(self.name.as_ref(), cells),
            phones: texts(&self.phones, cells),
            address: text(self.address.as_ref(), cells),
            birth_date: text(self.birth_date.as_ref(), cells),
            emails: texts(&self.emails, cells),
            document_numbers: texts(&self.document_numbers, cells),
            medical: text(self.medical.as_ref(), cells),
        };
        // A role alone, which is often the profile's own word, makes nobody.
        if person == Person::default() {
            return Ok(None);
        }
        person.role = text(self.role.as_ref(), cells);
        Ok(Some(person))
    }
}

/// How a vehicle is made.
#[derive(Clone, Debug)]
pub(super) struct VehicleItem {
    plate: Option<Expression>,
    vin: Option<Expression>,
    description: Option<Expression>,
}

impl Item for VehicleItem {
    type Made = Vehicle;

    fn parse(
        table: &mut Table<'_, '_>,
        _: &[Form],
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        Some(Self {
            plate: one(table, "plate", columns, notes),
            vin: one(table, "vin", columns, notes),
            description: one(table, "description", columns, notes),
        })
    }

    fn make(&self, cells: &Cells<'_>, _: &Clock) -> Result<Option<Vehicle>, Flaw> {
        let vehicle = Vehicle {
            plate: text(self.plate.as_ref(), cells),
            vin: text(self.vin.as_ref(), cells),
            description: text(self.description.as_ref(), cells),
        };
        Ok((vehicle != Vehicle::default()).then_some(vehicle))
    }
}
