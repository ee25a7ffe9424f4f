//! Invariant I2: raw data has one reader. Who can name a raw type is who depends on this crate, and the whole list of
//! them stands here.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Ingest seals, redact opens, the simulator invents, and the binary wires them.
const READERS: [&str; 4] = ["callbox", "callbox-ingest", "callbox-redact", "callbox-simulator"];

#[test]
fn only_the_named_crates_reach_the_raw_schema() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    // Optional dependencies count: a feature that nobody switches on today may be on tomorrow. Development dependencies
    // do not, because nothing that is shipped contains them.
    let needs: BTreeMap<&str, BTreeSet<&str>> = metadata
        .packages
        .iter()
        .map(|package| {
            let needs = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.as_str())
                .filter(|name| ours.contains(name));
            (package.name.as_str(), needs.collect())
        })
        .collect();
    let reaches = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(name) = open.pop() {
            open.extend(needs[name].iter().copied().filter(|need| seen.insert(*need)));
        }
        seen.contains("callbox-proto-raw")
    };
    let readers: Vec<&str> = ours.iter().copied().filter(|name| reaches(name)).collect();
    assert_eq!(readers, READERS);
}
