//! The columns that a profile reads, and how they are found under names that drift.
//!
//! A column is found under the name that the profile gives it, else under one of its aliases, else under either with
//! letter case, spaces and punctuation left out: `Event Number`, `event_number` and `EventNumber` are one column, as
//! exports of the same table by different tools write it.

/// A column that a profile reads, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ColumnId(pub(super) usize);

/// One column.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    aliases: Vec<String>,
    nulls: Vec<String>,
}

/// Every column that a profile reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
}

/// How well a name fits a column: lower is better.
type Rank = u8;

impl Columns {
    /// The column of that name, added if it is new.
    pub(super) fn intern(&mut self, name: &str) -> ColumnId {
        if let Some(known) = self.columns.iter().position(|column| column.name == name) {
            return ColumnId(known);
        }
        self.columns.push(Column { name: name.to_owned(), aliases: Vec::new(), nulls: Vec::new() });
        ColumnId(self.columns.len() - 1)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The name that the profile gives a column.
    pub(super) fn name(&self, column: ColumnId) -> &str {
        &self.columns[column.0].name
    }

    /// Every column.
    pub(super) fn ids(&self) -> impl Iterator<Item = ColumnId> + use<> {
        (0..self.columns.len()).map(ColumnId)
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Adds other names of a column; `false` if no field reads it.
    pub(super) fn alias(&mut self, name: &str, others: &[&str]) -> bool {
        let column = self.columns.iter_mut().find(|column| column.name == name);
        column.map(|column| column.aliases.extend(others.iter().map(|&other| other.to_owned()))).is_some()
    }

    /// Adds what one column writes for nothing; `false` if no field reads it.
    pub(super) fn nulls_of(&mut self, name: &str, spellings: &[&str]) -> bool {
        let column = self.columns.iter_mut().find(|column| column.name == name);
        column.map(|column| column.nulls.extend(spellings.iter().map(|text| text.to_lowercase()))).is_some()
    }

    /// Whether that value of the column stands for nothing.
    pub(super) fn is_null(&self, column: ColumnId, value: &str) -> bool {
        let nulls = &self.columns[column.0].nulls;
        nulls.iter().any(|null| null.eq_ignore_ascii_case(value))
    }

    /// The columns that a name in a file may stand for, each with how well it fits.
    pub(super) fn candidates(&self, name: &str) -> Vec<(ColumnId, Rank)> {
        let name = name.trim();
        let folded = fold(name);
        self.ids().filter_map(|id| self.columns[id.0].rank(name, &folded).map(|rank| (id, rank))).collect()
    }

    /// For each column, where in a header it stands.
    pub(super) fn locate<'h>(&self, header: impl Iterator<Item = &'h str>) -> Vec<Option<usize>> {
        let mut found: Vec<Option<(Rank, usize)>> = vec![None; self.columns.len()];
        for (position, name) in header.enumerate() {
            for (column, rank) in self.candidates(name) {
                let best = &mut found[column.0];
                if best.is_none_or(|(known, _)| rank < known) {
                    *best = Some((rank, position));
                }
            }
        }
        found.into_iter().map(|best| best.map(|(_, position)| position)).collect()
    }
}

impl Column {
    fn rank(&self, name: &str, folded: &str) -> Option<Rank> {
        let alike = |own: &String| !folded.is_empty() && fold(own) == folded;
        if self.name == name {
            Some(0)
        } else if self.aliases.iter().any(|alias| alias == name) {
            Some(1)
        } else if alike(&self.name) {
            Some(2)
        } else if self.aliases.iter().any(alike) {
            Some(3)
        } else {
            None
        }
    }
}

/// Letters and digits only, in lower case.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn columns_are_found_under_drifting_names() {
        let mut columns = Columns::default();
        let number = columns.intern("Event Number");
        let kind = columns.intern("Kind");
        assert!(columns.alias("Kind", &["Nature Of Call"]));
        assert!(!columns.alias("Kin", &["x"]));
        for (header, expected) in [
            (["Event Number", "Kind"], [Some(0), Some(1)]),
            (["EVENT_NUMBER", "nature_of_call"], [Some(0), Some(1)]),
            ([" eventNumber ", "event number"], [Some(0), None]),
            (["event_number", "Event Number"], [Some(1), None]),
            (["Other", ""], [None, None]),
        ] {
            let found = columns.locate(header.into_iter());
            assert_eq!([found[number.0], found[kind.0]], expected, "{header:?}");
        }
    }
}
