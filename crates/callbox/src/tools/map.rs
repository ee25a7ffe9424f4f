//! Agency maps: loading them, and `callbox map propose`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use callbox_classify::AgencyMap;
use callbox_classify::propose::{self, Sample};
use callbox_ingest::feed::{Input, Profile, Reader};

use crate::Usage;

/// The maps of these files, and of the files in these folders.
///
/// # Errors
/// If one cannot be read, or is no map: the error names file and line.
pub(crate) fn load_all(paths: &[PathBuf]) -> Result<Vec<AgencyMap>> {
    let mut maps = Vec::new();
    for path in paths {
        for file in files(path)? {
            let unreadable = |error| Usage(format!("the map {} cannot be read: {error}", file.display()));
            let text = fs::read_to_string(&file).map_err(unreadable)?;
            let map = AgencyMap::parse(&file.display().to_string(), &text);
            maps.push(map.map_err(|error| Usage(format!("{error}")))?);
        }
    }
    Ok(maps)
}

/// The file itself, or the TOML and CSV files of a folder by name.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml" || extension == "csv"))
        .collect();
    files.sort();
    Ok(files)
}

/// Prints a proposed map of the call types in a sample. Returns how many rows could not be read.
///
/// # Errors
/// If profile or sample cannot be read.
pub(crate) fn propose(feed: &Path, file: &Path) -> Result<u64> {
    let profile = Profile::load(feed)?;
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut failed = 0;
    for row in Reader::open(&profile, &Input::from(file))? {
        match row {
            Ok((_, call)) => *counts.entry((call.type_code, call.type_description)).or_default() += 1,
            Err(_) => failed += 1,
        }
    }
    let samples = counts.into_iter().map(|((code, description), count)| Sample { code, description, count });
    let proposal = propose::propose(profile.agency.as_str(), samples);
    print!("{}", proposal.to_toml());
    if failed > 0 {
        eprintln!("{failed} rows could not be read; `callbox feed check` says why");
    }
    Ok(failed)
}
