//! Files with bad rows, cut off, in the wrong encoding, or none at all.

use std::collections::BTreeMap;
use std::fs;

use crate::{DONE, Ended, FAILED, Folder, GOOD, HEADER, good_rows, replay, run_with};

/// Rows with one fault each, and what is said of it.
const BAD: [(&[u8], &str); 5] = [
    (
        b",2026-03-01 10:05:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,Quillfeather\n",
        "source_id: missing",
    ),
    (
        b"ZT-77810,yestereve,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,\n",
        "received_time: in none of the expected time formats",
    ),
    (b"ZT-77810,2026-03-01 10:06:00,SHOTS FIRED,1,41.5\n", "5 columns, expected 8"),
    (
        b"ZT-77810,2026-03-01 10:07:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe,Quillfeather\xFF 555-0142\n",
        "column \"Remarks\": wrong encoding; expected UTF-8",
    ),
    (
        b"ZT-77810,1971-03-01 10:08:00,SHOTS FIRED,1,41.5,-100.5,4471 Wexcombe Ave,unhurriedly\n",
        "received_time: expected a time from 1990",
    ),
];

/// The table at the end of a replay.
fn table(out: &str) -> BTreeMap<String, u64> {
    let cells = |line: &str| {
        let line = line.trim().trim_matches('|').trim();
        let (name, count) = line.rsplit_once(' ')?;
        Some((name.trim().trim_end_matches('|').trim().to_owned(), count.parse().ok()?))
    };
    out.lines().filter_map(cells).collect()
}

/// Asserts that every row that was read came to one outcome.
#[track_caller]
fn adds_up(ended: &Ended, rows: u64, rejected: u64) {
    let table = table(&ended.out);
    assert_eq!(table.get("rows read"), Some(&rows), "{}", ended.out);
    assert_eq!(table.get("sum of outcomes"), Some(&rows), "{}", ended.out);
    assert_eq!(table.get("rejected"), Some(&rejected), "{}", ended.out);
}

#[test]
fn good_rows_of_a_bad_file_come_to_their_outcomes() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let (clean, expected) = replay(&profile, &folder.write("good.csv", good_rows()));
    clean.says(DONE, &[]).is_discreet();
    adds_up(&clean, 5, 0);
    assert_eq!(expected.len(), 3, "the fixture makes three alerts: {}", clean.out);

    let mut mixed = HEADER.as_bytes().to_vec();
    for (good, (bad, _)) in GOOD.iter().zip(BAD) {
        mixed.extend_from_slice(bad);
        mixed.extend_from_slice(good.as_bytes());
    }
    let file = folder.write("mixed.csv", &mixed);
    let (ended, alerts) = replay(&profile, &file);
    ended.says(FAILED, &BAD.map(|(_, problem)| problem)).is_discreet();
    // Each message names file, line and row; the header is line 1, and bad rows stand on the even lines.
    for row in [1, 3, 5, 7, 9] {
        let place = format!("mixed.csv:{}: row {row}: ", row + 1);
        assert!(ended.err.contains(&place), "expected {place} in: {}", ended.err);
    }
    adds_up(&ended, 10, 5);
    assert_eq!(alerts, expected, "the bad rows changed what the good ones come to");

    let check = run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()]);
    check.says(FAILED, &[]).is_discreet();
    for (_, problem) in BAD {
        let problem = problem.rsplit(": ").next().unwrap();
        assert!(check.out.contains(problem), "expected «{problem}» in: {}", check.out);
    }
}

#[test]
fn truncated_files_give_what_stands_before_the_cut() {
    let folder = Folder::new();
    let record = |number: u32, kind: &str| {
        format!(
            r#"{{"Number":"T-{number}","Received":"2026-03-01 10:0{number}:00","Type":"{kind}","Lat":41.5,"Lon":-100.5,"Remarks":"Quillfeather 555-0142"}}"#
        )
    };
    let (whole, next) = (record(1, "SHOTS FIRED"), record(2, "ARMED ROBBERY"));
    let cut = &next[..next.len() - 9];
    let cases = [
        ("csv", format!("{HEADER}{}{}", GOOD[0], &GOOD[1][..30]), "3 columns, expected 8: cut off"),
        (
            "csv",
            format!("{HEADER}{}T-2,\"2026-03-01 10:20:00,4471 Wexcombe\n", GOOD[0]),
            "2 columns, expected 8: cut off",
        ),
        ("json", format!("[{whole},{cut}"), "cut off: the file ends in the middle of a record"),
        ("json", format!("[{whole},"), "cut off: the file ends in the middle of a record"),
        ("ndjson", format!("{whole}\n{cut}"), "cut off: the file ends in the middle of a record"),
    ];
    for (index, (format, content, problem)) in cases.iter().enumerate() {
        let profile = folder.profile(format);
        let (ended, alerts) = replay(&profile, &folder.write(&format!("{index}.{format}"), content));
        ended.says(FAILED, &[problem]).is_discreet();
        adds_up(&ended, 2, 1);
        assert_eq!(alerts.len(), 1, "case {index}: {}", ended.out);
    }
}

#[test]
fn files_that_cannot_be_read_at_all() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let utf16: Vec<u8> =
        b"\xFF\xFE".iter().copied().chain(good_rows().into_iter().flat_map(|byte| [byte, 0])).collect();
    let header = b"Incident,When\nZT-77810,yestereve\n".to_vec();
    let cases = [
        ("wide.csv", Some(utf16), "UTF-16"),
        ("packed.csv", Some(b"\x1F\x8B\x08Quillfeather".to_vec()), "gzip"),
        ("header.csv", Some(header), "the header has none of \"Number\""),
        ("absent.csv", None, "cannot be read"),
    ];
    for (name, content, problem) in cases {
        if let Some(content) = content {
            folder.write(name, content);
        }
        let file = folder.path(name);
        let (ended, alerts) = replay(&profile, &file);
        ended.says(FAILED, &[name, problem]).is_discreet();
        assert!(alerts.is_empty());
    }
    fs::create_dir(folder.path("empty")).unwrap();
    let (ended, _) = replay(&profile, &folder.path("empty"));
    ended.says(FAILED, &["the folder has no file of the feed's formats"]);
}

#[test]
fn a_check_of_a_file_that_cannot_be_read_fails() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let cases = [
        ("wide.csv", &b"\xFF\xFEN\0u\0"[..], "UTF-16"),
        ("packed.csv", b"\x1F\x8B\x08Quillfeather", "gzip"),
        ("header.csv", b"Incident,When\nZT-77810,yestereve\n", "the header has none of \"Number\""),
    ];
    for (name, content, problem) in cases {
        let file = folder.write(name, content);
        let check = run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()]);
        check.says(FAILED, &[]).is_discreet();
        assert!(check.out.contains(problem), "{name}: {}", check.out);
    }
}
