//! The table at the end of a replay.

use std::collections::BTreeMap;

use callbox_proto::domain::{AgencyId, Outcome};
use comfy_table::{CellAlignment, Table, presets};

/// What became of every row. `rejected` are the rows that never were accepted; they count with those that were found to
/// be invalid later.
pub(super) fn render(agency: &AgencyId, rows: u64, rejected: u64, counts: &BTreeMap<Outcome, u64>) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED).set_header(vec![agency.as_str(), "rows"]);
    let mut sum = 0;
    for outcome in Outcome::ALL {
        let mut count = counts.get(&outcome).copied().unwrap_or_default();
        if outcome == Outcome::Rejected {
            count += rejected;
        }
        sum += count;
        table.add_row(vec![outcome.as_str().replace('_', " "), count.to_string()]);
    }
    table.add_row(vec!["sum of outcomes".into(), sum.to_string()]);
    table.add_row(vec!["rows read".into(), rows.to_string()]);
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::render;
    use callbox_proto::domain::Outcome;

    #[test]
    fn rows_that_were_never_accepted_count_as_rejected() {
        let counts = [(Outcome::Published, 3), (Outcome::Rejected, 1)].into();
        let table = render(&"simville".parse().unwrap(), 6, 2, &counts);
        let line = |name: &str| table.lines().find(|line| line.contains(name)).unwrap().to_owned();
        assert!(line("rejected").contains('3'));
        assert!(line("sum of outcomes").contains('6'));
    }
}
