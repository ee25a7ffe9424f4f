//! `callbox feed check`.

use std::path::Path;

use anyhow::Result;
use callbox_ingest::feed::{Input, Profile, check};

use crate::output::print_line;

/// Tells what a profile would read from a file. Returns how many rows it would reject.
///
/// # Errors
/// If the profile has mistakes, or the file cannot be read.
pub(crate) fn check_feed(profile: &Path, file: &Path, json: bool) -> Result<u64> {
    let profile = Profile::load(profile)?;
    let report = check(&profile, &Input::from(file))?;
    print_line(&if json { serde_json::to_string_pretty(&report)? } else { report.to_string() });
    Ok(report.rejected())
}
