//! The alerts of a replay as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use callbox_proto::alert::v1::Alert;
use prost::Message as _;

use crate::alert_text;

/// Writes alerts as JSON, one a line, by the time of each revision and then by their content without the random id: the
/// same recording gives the same file apart from the ids, whatever way it went.
pub(super) fn write(path: &Path, mut alerts: Vec<Alert>) -> io::Result<()> {
    alerts.sort_by_cached_key(|alert| {
        let time = alert.sent_time.map(|time| (time.seconds, time.nanos));
        let content = Alert { id: String::new(), ..alert.clone() }.encode_to_vec();
        (time, alert.revision, content)
    });
    let mut file = BufWriter::new(File::create(path)?);
    for alert in &alerts {
        writeln!(file, "{}", alert_text::json(alert))?;
    }
    file.into_inner()?.sync_all()
}
