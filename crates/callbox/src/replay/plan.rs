//! In which order rows are played.

use std::collections::HashMap;

use callbox_ingest::feed::RowNumber;
use callbox_ingest::identity::StateCounter;
use callbox_proto_raw::cad::v1::Call;

/// A row that could be read.
pub(super) struct Row {
    pub number: RowNumber,
    pub call: Call,
}

/// A row on its way.
pub(super) struct Submission {
    pub number: RowNumber,
    pub request_id: String,
    pub call: Call,
}

impl Submission {
    /// The feed's clock at this row, in seconds since 1970.
    pub(super) fn seconds(&self) -> i64 {
        self.call.received_time.map(|time| time.seconds).unwrap_or_default()
    }
}

/// How many rows are looked at together: states of one incident that are further apart than this come in their order
/// anyway, because a wave settles before the next begins.
const WINDOW: usize = 4_096;

/// Waves of submissions: within a wave no incident occurs twice.
pub(super) struct Plan {
    rows: std::vec::IntoIter<Submission>,
    /// Later states of the window, by how many states of their incident came before them in it.
    waves: Vec<Vec<Submission>>,
}

impl Plan {
    /// Sorts the rows by received time, rows of one time in the file's order.
    pub(super) fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|row| row.call.received_time.map(|time| (time.seconds, time.nanos)));
        let mut states = StateCounter::new();
        let submissions: Vec<Submission> = rows
            .into_iter()
            .map(|Row { number, mut call }| {
                let request_id = states.request_id(&mut call);
                call.observed_time = call.received_time;
                Submission { number, request_id, call }
            })
            .collect();
        Self { rows: submissions.into_iter(), waves: Vec::new() }
    }

    /// Splits the next window into waves, the last one first.
    fn next_window(&mut self) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for submission in self.rows.by_ref().take(WINDOW) {
            let wave =
                seen.entry(submission.call.source_id.clone()).and_modify(|wave| *wave += 1).or_insert(0);
            if self.waves.len() <= *wave {
                self.waves.push(Vec::new());
            }
            self.waves[*wave].push(submission);
        }
        self.waves.reverse();
    }
}

impl Iterator for Plan {
    type Item = Vec<Submission>;

    fn next(&mut self) -> Option<Vec<Submission>> {
        if self.waves.is_empty() {
            self.next_window();
        }
        self.waves.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, Row};
    use callbox_ingest::feed::RowNumber;
    use callbox_proto_raw::cad::v1::Call;

    fn row(number: u64, id: &str, seconds: i64, status: &str) -> Row {
        let call = Call {
            source_id: id.into(),
            status: status.into(),
            received_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            ..Call::default()
        };
        Row { number: RowNumber { file: "calls.csv".into(), row: number, line: number + 1 }, call }
    }

    #[test]
    fn states_of_one_incident_come_one_wave_after_the_other() {
        let rows = vec![
            row(1, "b", 20, ""),
            row(2, "a", 10, "open"),
            row(3, "a", 10, "closed"),
            row(4, "a", 10, "open"),
        ];
        let waves: Vec<Vec<_>> = Plan::new(rows).collect();
        let ids: Vec<Vec<_>> =
            waves.iter().map(|wave| wave.iter().map(|s| s.call.source_id.as_str()).collect()).collect();
        assert_eq!(ids, [vec!["a", "b"], vec!["a"], vec!["a"]]);
        let requests: Vec<_> = waves.iter().map(|wave| wave[0].request_id.clone()).collect();
        assert_ne!(requests[0], requests[2], "a state that comes back is a state of its own");
    }

    #[test]
    fn the_same_row_again_is_the_same_submission() {
        let waves: Vec<_> = Plan::new(vec![row(1, "a", 10, "x"), row(2, "a", 10, "x")]).flatten().collect();
        assert_eq!(waves[0].request_id, waves[1].request_id);
    }
}
