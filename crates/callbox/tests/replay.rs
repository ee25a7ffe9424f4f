//! A recorded feed through the pipeline: the same alerts embedded and over NATS and PostgreSQL, nothing twice, and
//! outcomes that add up.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use callbox_simulator::{Seed, Settings, Simulator, write};
use serde_json::Value;

use crate::support::{Deployment, callbox, run, shared, workspace};

/// A recording of the simulated city, with the profile that reads it.
fn simulated(folder: &Path, events: usize) -> (PathBuf, PathBuf) {
    let (feed, profile) = (folder.join("calls.ndjson"), folder.join("vellgrove.toml"));
    let mut rows = Vec::new();
    let settings = Settings { pace: 0.01, ..Settings::default() };
    for event in Simulator::new(Seed(7), settings).take(events) {
        write::row(&event, &mut rows).unwrap();
    }
    fs::write(&feed, rows).unwrap();
    fs::write(&profile, write::PROFILE).unwrap();
    (feed, profile)
}

/// What a replay printed and wrote.
struct Played {
    /// The table, by the first column.
    table: BTreeMap<String, u64>,
    alerts: Vec<Value>,
}

impl Played {
    fn count(&self, name: &str) -> u64 {
        self.table[name]
    }
}

/// Plays a feed. Further arguments say where to.
fn play(feed: &Path, profile: &Path, out: &Path, further: &[&str]) -> Played {
    let mut command = callbox();
    command.arg("replay").arg(feed).arg("--feed").arg(profile).arg("--alerts").arg(out).args(further);
    let table = run(&mut command);
    let played = Played { table: parse(&table), alerts: read(out) };
    let outcomes = [
        "published",
        "unchanged",
        "held",
        "suppressed",
        "capped",
        "too late",
        "expired",
        "rejected",
        "dead lettered",
    ];
    let sum: u64 = outcomes.iter().map(|name| played.count(name)).sum();
    assert_eq!(sum, played.count("rows read"), "the outcomes add up to the rows read:\n{table}");
    assert_eq!(sum, played.count("sum of outcomes"));
    assert_eq!(
        played.count("published"),
        played.alerts.len() as u64,
        "each published outcome is one revision"
    );
    played
}

/// The table's rows.
fn parse(table: &str) -> BTreeMap<String, u64> {
    let rows = table.lines().filter_map(|line| {
        let line = line.trim_matches(|character| character == '|' || character == ' ');
        let (name, number) = line.rsplit_once(' ')?;
        Some((name.trim().to_owned(), number.parse().ok()?))
    });
    rows.collect()
}

fn read(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The alerts with each random id replaced by the place of its first occurrence, so that revisions of one alert stay
/// together and two replays can be compared.
fn without_ids(alerts: &[Value]) -> BTreeSet<String> {
    let mut by_id: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for alert in alerts {
        let mut content = alert.clone();
        content["id"] = Value::Null;
        by_id.entry(alert["id"].as_str().unwrap()).or_default().push(content);
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for revisions in by_id.values() {
        let text = serde_json::to_string(revisions).unwrap();
        *counts.entry(text).or_default() += 1;
    }
    // Two alerts may look the same: their number counts.
    counts.into_iter().map(|(text, count)| format!("{count} x {text}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_gives_the_same_alerts_embedded_and_distributed() {
    let folder = tempfile::tempdir().unwrap();
    let (feed, profile) = simulated(folder.path(), 3_000);
    let data = folder.path().join("data");
    let data = ["--data", data.to_str().unwrap()];

    let embedded = play(&feed, &profile, &folder.path().join("a.ndjson"), &data);
    assert_eq!(embedded.count("rows read"), 3_000);
    assert!(embedded.count("published") > 50, "a city of this size has alerts");

    let again = play(&feed, &profile, &folder.path().join("b.ndjson"), &data);
    assert_eq!(again.count("published"), 0, "a second run on the same data publishes nothing");
    assert_eq!(again.count("unchanged"), 3_000);

    let deployment = Deployment::start(&[&profile]).await;
    let target = deployment.replay_target();
    let target: Vec<&str> = target.iter().map(String::as_str).collect();
    let distributed = play(&feed, &profile, &folder.path().join("c.ndjson"), &target);
    assert_eq!(without_ids(&distributed.alerts), without_ids(&embedded.alerts));
    assert_eq!(distributed.table, embedded.table);
}

/// Rows come in any order: replay sorts them by the time at which the agency received each call.
#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (feed, profile) = simulated(folder.path(), 600);
    let forward = play(&feed, &profile, &folder.path().join("a.ndjson"), &[]);
    let text = fs::read_to_string(&feed).unwrap();
    // Rows of one call keep their order: among equal times the file's order counts.
    let mut rows: Vec<&str> = text.lines().collect();
    rows.sort_by_key(|row| {
        let value: Value = serde_json::from_str(row).unwrap();
        let call = value["call_number"].as_str().unwrap().to_owned();
        (call.bytes().rev().collect::<Vec<u8>>(), call)
    });
    fs::write(&feed, rows.join("\n")).unwrap();
    let shuffled = play(&feed, &profile, &folder.path().join("b.ndjson"), &[]);
    assert_eq!(without_ids(&shuffled.alerts), without_ids(&forward.alerts));
}

/// The real feeds whose rows have positions: embedded and distributed agree.
#[tokio::test(flavor = "multi_thread")]
async fn real_feeds_with_positions_agree() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let feeds = [
        ("nashville", "nashville/calls_2024_sample.csv", 20_000),
        ("seattle", "seattle/911_incident_response_2016-03.csv", 706),
    ];
    let deployment = Deployment::start(&[&workspace().join("deploy/feeds")]).await;
    let target = deployment.replay_target();
    let target: Vec<&str> = target.iter().map(String::as_str).collect();
    for (name, file, rows) in feeds {
        let feed = shared.join("data/feeds").join(file);
        let profile = workspace().join(format!("deploy/feeds/{name}.toml"));
        let embedded = play(&feed, &profile, &folder.path().join("a.ndjson"), &[]);
        assert_eq!(embedded.count("rows read"), rows, "{name}");
        assert_eq!(embedded.count("rejected"), 0, "{name}");
        assert!(embedded.count("published") > 0, "{name}");
        let distributed = play(&feed, &profile, &folder.path().join("b.ndjson"), &target);
        assert_eq!(without_ids(&distributed.alerts), without_ids(&embedded.alerts), "{name}");
    }
}

/// The real feeds whose rows have none: held by default, published for the agency's whole area where it chose so.
#[test]
fn real_feeds_without_positions_are_held_unless_the_agency_chose() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let feeds = [
        ("san_jose", "san_jose/policecalls_2022_sample5000.csv"),
        ("san_francisco", "san_francisco/calls_for_service_2018-12-31.csv"),
        ("baltimore", "baltimore/arcgis_page_2021_05_07_CFS_2021.json"),
    ];
    for (name, file) in feeds {
        let feed = shared.join("data/feeds").join(file);
        let profile = workspace().join(format!("deploy/feeds/{name}.toml"));
        let held = play(&feed, &profile, &folder.path().join("a.ndjson"), &[]);
        assert_eq!(held.count("published"), 0, "{name}");
        assert!(held.count("held") > 0, "{name}");
        let area = area_profile(&profile, folder.path());
        let published = play(&feed, &area, &folder.path().join("b.ndjson"), &[]);
        assert!(published.count("published") > 0, "{name}");
        let moved = held.count("held") - published.count("held");
        assert!(moved > 0, "{name}: what was held for want of a place alone is published");
        for alert in &published.alerts {
            assert_eq!(alert["place"]["cell"], "", "{name}");
        }
    }
}

/// The profile with `unlocated = "agency_area"`.
fn area_profile(profile: &Path, folder: &Path) -> PathBuf {
    let text = fs::read_to_string(profile).unwrap();
    let maps = workspace().join("deploy/maps").canonicalize().unwrap();
    let lines = text.lines().map(|line| match line.split(['=', ' ']).next() {
        Some("unlocated") => "unlocated = \"agency_area\"".to_owned(),
        _ => line.replace("../maps", maps.to_str().unwrap()),
    });
    let text: Vec<String> = lines.collect();
    assert!(text.iter().any(|line| line.starts_with("unlocated = \"agency_area\"")));
    let path = folder.join("area.toml");
    fs::write(&path, text.join("\n")).unwrap();
    path
}

/// Three snapshots of one layer, in which row ids drift: each call is published once.
#[test]
fn snapshots_in_turn_publish_each_call_once() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let flat = fs::read_to_string(shared.join("data/feeds/baltimore/cfs_flat_all_snapshots.csv")).unwrap();
    let (header, rows) = flat.split_once('\n').unwrap();
    let profile = area_profile(&workspace().join("deploy/feeds/baltimore.toml"), folder.path());
    let data = folder.path().join("data");
    let data = ["--data", data.to_str().unwrap()];
    let mut calls = BTreeSet::new();
    let mut first_revisions = 0;
    let mut calls_new = Vec::new();
    for snapshot in ["2021_05_07_CFS_2021", "2021_05_09_CFS_2021", "2021_05_10_CFS_2021"] {
        let rows: Vec<&str> = rows.lines().filter(|row| row.contains(snapshot)).collect();
        assert_eq!(rows.len(), 2_000, "{snapshot}");
        let feed = folder.path().join("snapshot.csv");
        fs::write(&feed, format!("{header}\n{}", rows.join("\n"))).unwrap();
        let played = play(&feed, &profile, &folder.path().join("a.ndjson"), &data);
        let firsts = played.alerts.iter().filter(|alert| alert["revision"] == 1);
        let before = calls.len();
        for alert in firsts {
            first_revisions += 1;
            calls.insert(alert["id"].as_str().unwrap().to_owned());
        }
        calls_new.push(calls.len() - before);
    }
    assert_eq!(calls.len(), first_revisions, "no alert is published twice");
    assert!(calls_new[0] > 0);
    let whole = folder.path().join("whole.csv");
    let rows: Vec<&str> = rows.lines().filter(|row| row.contains("_CFS_2021")).collect();
    fs::write(&whole, format!("{header}\n{}", rows.join("\n"))).unwrap();
    let played = play(&whole, &profile, &folder.path().join("b.ndjson"), &[]);
    let firsts = played.alerts.iter().filter(|alert| alert["revision"] == 1).count();
    assert_eq!(firsts, calls.len(), "in turn or at once, the same calls are published");
}
