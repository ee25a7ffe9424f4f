//! What is published does not depend on what is personal (invariant I1).

use std::fmt::Write as _;
use std::fs;

use callbox_proto::domain::LatLon;

use crate::support::{callbox, run};

/// One history of calls in two tellings: the same types, times and cells; other people, houses, notes and positions.
fn history(telling: usize) -> String {
    let types = [
        "SHOTS FIRED",
        "ARMED ROBBERY",
        "RESIDENTIAL BURGLARY",
        "VEHICLE THEFT",
        "STABBING",
        "ARSON",
        "PERSON SHOT",
        "PARKING COMPLAINT",
        "DOMESTIC DISTURBANCE",
        "WELFARE CHECK",
    ];
    let people = [["Orla Quillfeather", "555-0142", "blue door"], ["Tobin Marsh", "555-0199", "two dogs"]];
    let [name, phone, remark] = people[telling];
    let mut rows =
        String::from("Number,Version,Received,Type,Disposition,Lat,Lon,Address,Caller,Phone,Remarks\n");
    for (index, kind) in types.iter().cycle().take(40).enumerate() {
        let at = |value: f64| value * index as f64;
        let point = LatLon { latitude: 41.2 + at(0.015), longitude: -100.9 + at(0.02) };
        let cell = callbox_place::Cell::at(point, 9).unwrap();
        // The first telling has the middle of the cell, the second another place in it.
        let shift = [0.0, 0.000_3][telling];
        let here =
            LatLon { latitude: cell.centre().latitude + shift, longitude: cell.centre().longitude + shift };
        assert_eq!(callbox_place::Cell::at(here, 9), Some(cell));
        // Every fifth call is later cancelled: its alert is taken back.
        let versions = if index % 5 == 0 { &["", "CANCELLED"][..] } else { &[""] };
        for (version, disposition) in versions.iter().enumerate() {
            let minute = index + 10 * version;
            let place =
                format!("{},{},{}{index} Wexcombe Ave", here.latitude, here.longitude, [44, 7][telling]);
            writeln!(
                rows,
                "{}{index},{version},2026-03-01 1{}:{:02}:00,{kind},{disposition},{place},{name},{phone},RP {name} {phone} {remark}",
                ["A-", "call "][telling],
                minute / 60,
                minute % 60,
            )
            .unwrap();
        }
    }
    rows
}

const HISTORY_PROFILE: &str = r#"
agency = "testburg"
name = "Testburg Police"
format = "csv"

[time]
zone = "America/Chicago"
formats = ["%Y-%m-%d %H:%M:%S"]

[bounds]
south = 41.0
west = -101.0
north = 42.0
east = -100.0

[call]
source_id = "Number"
source_version = "Version"
received_time = "Received"
type_description = "Type"
disposition_description = "Disposition"
latitude = "Lat"
longitude = "Lon"
address = "Address"

[[notes]]
text = "Remarks"

[[persons]]
role = { text = "caller" }
name = "Caller"
phones = ["Phone"]
"#;

#[test]
fn two_tellings_of_one_history_give_the_same_alerts() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("testburg.toml");
    fs::write(&profile, HISTORY_PROFILE).unwrap();
    let alerts = [0, 1].map(|telling| {
        let (feed, out) =
            (folder.path().join(format!("{telling}.csv")), folder.path().join(format!("{telling}.ndjson")));
        fs::write(&feed, history(telling)).unwrap();
        run(callbox().arg("replay").arg(&feed).arg("--feed").arg(&profile).arg("--alerts").arg(&out));
        let lines = fs::read_to_string(out).unwrap();
        let without_id = |line: &str| {
            let mut alert: serde_json::Value = serde_json::from_str(line).unwrap();
            alert["id"].take();
            alert.to_string()
        };
        lines.lines().map(without_id).collect::<Vec<_>>()
    });
    assert!(alerts[0].len() >= 20, "{} alerts", alerts[0].len());
    assert!(alerts[0].iter().any(|alert| alert.contains("ALERT_STATE_RETRACTED")));
    assert_eq!(alerts[0], alerts[1]);
}
