//! The profiles that ship, on recorded feeds of their cities. The recordings do not belong to the project: without them
//! these tests say so and pass.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed test")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the counts, and why a test is skipped")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use callbox_ingest::feed::{CheckReport, Input, Profile, Reader, check};
use callbox_proto_raw::cad::v1::Call;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn profile(name: &str) -> Profile {
    let path = root().join("deploy/feeds").join(name);
    Profile::load(&path).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The recordings' folder, if it is there.
fn recordings() -> Option<PathBuf> {
    let path = root().join("../shared/data/feeds");
    if !path.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return None;
    }
    Some(path)
}

fn counts(profile_name: &str, feed: &str) -> Option<CheckReport> {
    let input = Input::Path(recordings()?.join(feed));
    let report = check(&profile(profile_name), &input).unwrap();
    println!("{report}");
    Some(report)
}

fn calls(profile_name: &str, feed: &str) -> Option<Vec<Call>> {
    let input = Input::Path(recordings()?.join(feed));
    let reader = Reader::open(&profile(profile_name), &input).unwrap();
    Some(reader.map(|row| row.unwrap_or_else(|error| panic!("{error}")).1).collect())
}

/// Code and words of the label files, without counts and labels.
fn labelled(city: &str) -> Option<HashSet<(String, String)>> {
    let path = recordings()?.join("../labels").join(city);
    let mut reader = csv::Reader::from_path(path).unwrap();
    Some(reader.records().map(|row| row.unwrap()).map(|row| (row[0].to_owned(), row[1].to_owned())).collect())
}

#[test]
fn every_profile_that_ships_loads() {
    for entry in std::fs::read_dir(root().join("deploy/feeds")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let profile = profile(&name);
        assert_eq!(name, format!("{}.toml", profile.agency.as_str().replace('-', "_")));
    }
}

#[test]
fn nashville() {
    let Some(report) = counts("nashville.toml", "nashville/calls_2024_sample.csv") else { return };
    assert_eq!((report.rows, report.accepted, report.calls), (20_000, 20_000, 20_000));
    assert_eq!(report.located, 13_516);
    assert_eq!(report.unlocated["missing"], 6_484);
    assert_eq!(report.received_first.as_deref(), Some("2024-01-01T06:06:09Z"));
    assert_eq!(report.received_last.as_deref(), Some("2024-08-06T04:56:10Z"));
    assert_eq!(report.dispositions["absent"], 148);
    assert_eq!(report.dispositions["unknown"], 3);
}

#[test]
fn nashvilles_types_are_the_ones_that_were_labelled() {
    let (Some(calls), Some(labelled)) =
        (calls("nashville.toml", "nashville/calls_2024_sample.csv"), labelled("nashville.csv"))
    else {
        return;
    };
    let unlabelled = calls
        .iter()
        .filter(|call| !labelled.contains(&(call.type_code.clone(), call.type_description.clone())));
    assert_eq!(unlabelled.count(), 0);
}

#[test]
fn san_jose() {
    let Some(report) = counts("san_jose.toml", "san_jose") else { return };
    assert_eq!((report.rows, report.accepted), (15_000, 15_000));
    assert_eq!(report.calls, 14_994, "six call numbers have two states");
    assert_eq!(report.unlocated["missing"], 15_000);
    assert_eq!(report.empty["updated_time"], 0);
    assert_eq!(report.dispositions["mapped"], 15_000);
}

#[test]
fn san_joses_two_states_of_a_call_differ_in_their_update_time() {
    let Some(calls) = calls("san_jose.toml", "san_jose") else { return };
    let mut seen = HashSet::new();
    for call in &calls {
        let updated = call.updated_time.unwrap();
        assert!(seen.insert((&call.source_id, updated.seconds)));
    }
}

#[test]
fn seattle() {
    let Some(report) = counts("seattle.toml", "seattle") else { return };
    assert_eq!((report.rows, report.accepted, report.calls), (706, 706, 706));
    assert_eq!(report.located, 706);
    let calls = calls("seattle.toml", "seattle").unwrap();
    let changed = calls.iter().filter(|call| call.type_description != call.initial_type_description);
    assert!(changed.count() > 100, "the type that a call was cleared as is not always the first one");
    let labelled = labelled("seattle.csv").unwrap();
    let known = |call: &&Call| labelled.contains(&(call.type_code.clone(), call.type_description.clone()));
    assert_eq!(calls.iter().filter(known).count(), 706);
}

#[test]
fn san_francisco() {
    let Some(report) = counts("san_francisco.toml", "san_francisco/calls_for_service_2018-12-31.csv") else {
        return;
    };
    assert_eq!((report.rows, report.accepted, report.calls), (700, 700, 700));
    assert_eq!(report.unlocated["missing"], 700);
    assert_eq!(report.dispositions["absent"], 148, "written as Not recorded");
    assert_eq!(report.dispositions["mapped"], 552);
    let excerpt = counts("san_francisco.toml", "san_francisco/calls_2018-12_raw_excerpt.json").unwrap();
    assert_eq!((excerpt.rows, excerpt.accepted), (50, 50));
}

#[test]
fn san_franciscos_real_time_layout() {
    let Some(report) = counts("san_francisco.toml", "live_shapes/sf_gnap-fj3t_soda.json") else { return };
    assert_eq!((report.rows, report.accepted), (6, 6));
    assert!(report.located >= 3, "the crossing is the place");
}

#[test]
fn baltimore() {
    let Some(report) = counts("baltimore.toml", "baltimore/cfs_flat_all_snapshots.csv") else { return };
    assert_eq!((report.rows, report.accepted, report.calls), (12_000, 12_000, 8_020));
}

#[test]
fn baltimores_pages_tell_the_same_as_its_flat_file() {
    let Some(pages) = calls("baltimore.toml", "baltimore/arcgis_page_2021_05_10_CFS_2021.json") else {
        return;
    };
    let flat = calls("baltimore.toml", "baltimore/cfs_flat_all_snapshots.csv").unwrap();
    assert_eq!(pages.len(), 2_000);
    for call in &pages {
        assert!(flat.iter().any(|other| other == call), "a call of the page is not in the flat file");
    }
}
