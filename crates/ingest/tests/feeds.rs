//! Feeds of an invented agency: what is read, and what is said of what cannot be read.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use callbox_ingest::feed::{CheckReport, Input, Profile, Reader, RowError, check};
use callbox_proto_raw::cad::v1::Call;
use proptest::prelude::*;

/// The parts that the profiles here share.
const HEAD: &str = r#"
agency = "simville"
name = "Simville"
nulls = ["NA"]
[time]
zone = "America/Chicago"
[bounds]
south = 41.0
west = -101.0
north = 42.0
east = -100.0
"#;

const CALL: &str = r#"
[call]
source_id = "Number"
received_time = "Received"
type_code = "Code"
type_description = ["Final Type", "Type"]
latitude = "Lat"
longitude = "Lon"
"#;

fn profile(format: &str, rest: &str) -> Profile {
    let text = format!("format = {format}\n{HEAD}{rest}");
    Profile::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn csv_profile() -> Profile {
    profile("\"csv\"", CALL)
}

/// The rows of one file.
fn read(profile: &Profile, name: &str, content: &[u8]) -> (Vec<Call>, Vec<RowError>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    rows(profile, &path)
}

fn rows(profile: &Profile, path: &Path) -> (Vec<Call>, Vec<RowError>) {
    let reader = match Reader::open(profile, &Input::from(path)) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let (mut calls, mut errors) = (Vec::new(), Vec::new());
    for row in reader {
        match row {
            Ok((_, call)) => calls.push(call),
            Err(error) => errors.push(error),
        }
    }
    (calls, errors)
}

fn checked(profile: &Profile, name: &str, content: &[u8]) -> CheckReport {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    check(profile, &Input::from(path.as_path())).unwrap()
}

/// Row, field and code of each error.
fn facts(errors: &[RowError]) -> Vec<(u64, u64, &str, &'static str)> {
    let fact = |error: &RowError| (error.at.row, error.at.line, error.problem.code());
    errors
        .iter()
        .map(|error| {
            let (row, line, code) = fact(error);
            (row, line, error.field.as_deref().unwrap_or_default(), code)
        })
        .collect()
}

#[test]
fn a_table_is_read() {
    let table = "Number,Received,Code,Type,Final Type,Lat,Lon\n\
                 1, 2026-09-30T05:03:59 ,T1,opened as,closed as,41.5,-100.5\n\
                 2,2026-09-30T05:03:59,NA,opened as,(null),,\n";
    let (calls, errors) = read(&csv_profile(), "a.csv", table.as_bytes());
    assert_eq!(errors, []);
    assert_eq!(calls[0].agency, "simville");
    assert_eq!(calls[0].received_time.unwrap().seconds, 1_790_762_639);
    assert_eq!(calls[0].type_description, "closed as");
    assert_eq!(calls[0].location.as_ref().unwrap().latitude, Some(41.5));
    assert_eq!((calls[1].type_code.as_str(), calls[1].type_description.as_str()), ("", "opened as"));
    assert!(calls[1].location.is_none() && calls[1].observed_time.is_none());
}

#[test]
fn byte_order_marks_and_drifting_headers_change_nothing() {
    let rest = format!("{CALL}[aliases]\nNumber = [\"Incident No\"]\n");
    let profile = profile("\"csv\"", &rest);
    for mark in [&b""[..], b"\xEF\xBB\xBF", b"\xC3\xAF\xC2\xBB\xC2\xBF"] {
        for header in
            ["Number,Received,Final Type", "NUMBER,received,final_type", "incident_no,Received,FinalType"]
        {
            let content = [mark, header.as_bytes(), b"\n7,2026-09-30T05:03:59,x\n"].concat();
            let (calls, errors) = read(&profile, "a.csv", &content);
            assert_eq!(errors, [], "{header}");
            assert_eq!((calls[0].source_id.as_str(), calls[0].type_description.as_str()), ("7", "x"));
        }
    }
}

#[test]
fn bad_rows_are_told_and_the_rest_goes_on() {
    let table = b"Number,Received,Code\n\
        1,2026-09-30T05:03:59,a\n\
        ,2026-09-30T05:03:59,b\n\
        3,yesterday,c\n\
        4,2026-09-30T05:03:59,d,e\n\
        5,2026-09-30T05:03:59,\xE9\n\
        6,1960-01-01T00:00:00,f\n\
        \"7\n7\",2026-09-30T05:03:59,g\n\
        8,2026-09-30T05:03:59\n\
        9,2026-09-30T05:03:59,h\n\
        10,2026-09";
    let (calls, errors) = read(&csv_profile(), "a.csv", table);
    let ids: Vec<_> = calls.iter().map(|call| call.source_id.as_str()).collect();
    assert_eq!(ids, ["1", "7\n7", "9"]);
    assert_eq!(
        facts(&errors),
        [
            (2, 3, "source_id", "missing"),
            (3, 4, "received_time", "time"),
            (4, 5, "", "columns"),
            (5, 6, "column \"Code\"", "encoding"),
            (6, 7, "received_time", "invalid"),
            (8, 10, "", "columns"),
            (10, 12, "", "columns"),
        ]
    );
    assert!(
        errors[0].to_string().ends_with("a.csv:3: row 2: source_id: missing; expected a value in \"Number\"")
    );
    assert!(errors[1].to_string().ends_with("received_time: in none of the expected time formats: iso8601"));
}

#[test]
fn a_declared_fallback_reads_what_is_not_utf_8() {
    let rest = format!("fallback_encoding = \"windows-1252\"\n{HEAD}{CALL}");
    let profile = Profile::parse(&format!("format = \"csv\"\n{rest}")).unwrap();
    let (calls, errors) = read(&profile, "a.csv", b"Number,Received,Code\n5,2026-09-30T05:03:59,\xE9\n");
    assert_eq!(errors, []);
    assert_eq!(calls[0].type_code, "é");
}

#[test]
fn files_that_are_no_feed_are_told() {
    for (name, content, code) in [
        ("a.csv", &b"Other,Columns\n1,2\n"[..], "header"),
        ("a.csv", b"", "syntax"),
        ("a.csv", b"\xFF\xFEN\0u\0", "encoding"),
        ("a.csv", b"\x1F\x8B\x08\0", "encoding"),
        ("a.csv", b"Nu\xE9mber,Received\n", "encoding"),
    ] {
        let (calls, errors) = read(&csv_profile(), name, content);
        assert_eq!(calls.len(), 0);
        assert_eq!(errors.iter().map(|error| error.problem.code()).collect::<Vec<_>>(), [code]);
    }
    let (_, errors) = rows(&csv_profile(), Path::new("/nonexistent/feed.csv"));
    assert_eq!(errors[0].problem.code(), "unreadable");
    let (_, errors) = read(&profile("[\"csv\", \"json\"]", CALL), "a.txt", b"Number");
    assert!(errors[0].to_string().contains("extension"));
}

const RECORD: &str =
    r#"{"Number": 1, "Received": 1790762639000.0, "Code": null, "place": {"at": [-100.5, 41.5]}}"#;

fn json_profile(format: &str) -> Profile {
    let call = r#"
[call]
source_id = "Number"
received_time = { of = "Received", formats = ["epoch_millis", "iso8601"] }
type_code = "Code"
latitude = "place.at.1"
longitude = "place.at.0"
"#;
    profile(format, call)
}

#[test]
fn json_is_read_as_a_list_as_arcgis_and_as_geojson() {
    for document in [
        format!("[{RECORD}, {RECORD}]"),
        format!(
            r#"{{"fields": [{{"name": "x"}}], "features": [{{"attributes": {RECORD}}}, {{"attributes": {RECORD}}}], "more": {{}}}}"#
        ),
        format!(
            r#"{{"type": "FeatureCollection", "features": [{{"properties": {RECORD}}}, {{"properties": {RECORD}}}]}}"#
        ),
    ] {
        let (calls, errors) = read(&json_profile("\"json\""), "a.json", document.as_bytes());
        assert_eq!(errors, [], "{document}");
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[0].source_id, "1");
        assert_eq!(calls[0].received_time.unwrap().seconds, 1_790_762_639);
        assert_eq!(calls[0].location.as_ref().unwrap().longitude, Some(-100.5));
    }
}

#[test]
fn a_document_that_is_cut_off_gives_what_stands_before_the_cut() {
    let whole = format!("[{RECORD},\n{RECORD},\n{RECORD}]");
    let end = whole.len();
    for (cut, calls_expected, row) in
        [(end - 1, 3, 4), (end - 10, 2, 3), (end - RECORD.len() - 5, 1, 2), (1, 0, 1)]
    {
        let (calls, errors) = read(&json_profile("\"json\""), "a.json", &whole.as_bytes()[..cut]);
        assert_eq!(calls.len(), calls_expected, "{cut}");
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].at.row, errors[0].problem.code()), (row, "cut_off"), "{cut}");
    }
}

#[test]
fn json_that_is_no_feed_is_told() {
    for (document, code) in [
        (&b"{\"rows\": []}"[..], "syntax"),
        (b"12", "syntax"),
        (b"[1]", "syntax"),
        (b"[}", "syntax"),
        (b"{\"features\": {}}", "syntax"),
        (b"[\"\xE9\"]", "encoding"),
        (b"{\"features\": [", "cut_off"),
    ] {
        let (calls, errors) = read(&json_profile("\"json\""), "a.json", document);
        assert_eq!(calls.len(), 0);
        assert_eq!(
            errors.iter().map(|error| error.problem.code()).collect::<Vec<_>>(),
            [code],
            "{document:?}"
        );
    }
}

#[test]
fn lines_are_read_one_by_one() {
    let lines =
        format!("{RECORD}\n\n{{\"Number\": }}\n{RECORD}\n\"no record\"\n{{\"Received\": \"soon\"}}\n{{\"Num");
    let (calls, errors) = read(&json_profile("\"ndjson\""), "a.ndjson", lines.as_bytes());
    assert_eq!(calls.len(), 2);
    assert_eq!(
        facts(&errors),
        [(2, 3, "", "syntax"), (4, 5, "", "syntax"), (5, 6, "source_id", "missing"), (6, 7, "", "cut_off"),]
    );
}

#[test]
fn a_folder_is_read_by_name_and_by_format() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.csv"), "Number,Received\nb,2026-09-30T05:03:59\n").unwrap();
    fs::write(folder.path().join("a.json"), "[{\"Number\": \"a\", \"Received\": \"2026-09-30T05:03:59\"}]")
        .unwrap();
    fs::write(folder.path().join("c.CSV"), "Number,Received\nc,2026-09-30T05:03:59\n").unwrap();
    fs::write(folder.path().join("notes.txt"), "no feed").unwrap();
    fs::create_dir(folder.path().join("d.csv")).unwrap();
    let (calls, errors) = rows(&profile("[\"csv\", \"json\"]", CALL), folder.path());
    assert_eq!(errors, []);
    let ids: Vec<_> = calls.iter().map(|call| call.source_id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let (_, errors) = rows(&profile("\"ndjson\"", CALL), folder.path());
    assert!(errors[0].to_string().contains("no file of the feed's formats"));
}

#[test]
fn progress_is_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "Number,Received\n1,2026-09-30T05:03:59\n").unwrap();
    let mut reader = Reader::open(&csv_profile(), &Input::from(path.as_path())).unwrap();
    assert_eq!((reader.bytes_read(), reader.bytes_total()), (0, Some(38)));
    assert_eq!(reader.by_ref().count(), 1);
    assert_eq!(reader.bytes_read(), 38);
    assert_eq!(Input::from(Path::new("-")), Input::Stdin);
}

/// Notes, people and vehicles, from columns and from lists within records. All of them are invented.
const PEOPLE: &str = r#"
[call]
source_id = "id"
received_time = "at"
status = "state"
units = { of = "units", split = "," }

[meanings.status]
closed = ["C", "CLR"]

[[notes]]
each = "remarks"
written_time = "time"
author = "by"
text = "text"

[[notes]]
text = "summary"

[[persons]]
role = { text = "caller" }
name = { template = "{caller.first} {caller.last}" }
phones = ["caller.phone", "caller.cell"]

[[persons]]
each = "people"
role = "role"
name = "name"
birth_date = "dob"
emails = ["mail"]
document_numbers = ["license"]
medical = "medical"
address = "home"

[[vehicles]]
each = "cars"
plate = "plate"
vin = "vin"
description = { template = "{year} {make}" }
"#;

#[test]
fn notes_people_and_vehicles_are_mapped() {
    let record = r#"{"id": "S-1", "at": "2026-09-30T05:03:59", "state": "clr", "units": "12A, ,14",
        "caller": {"first": "Ottilie", "last": "Brandvoll", "phone": "555-0142", "cell": ""},
        "summary": "asks for an officer",
        "remarks": [{"time": "2026-09-30T05:06:00", "by": "D4", "text": "second"}, {"time": "2026-09-30T05:05:00", "text": "first"}, {"text": ""}],
        "people": [{"role": "witness", "name": "Ambrose Quillfeather", "dob": "1/2/1970", "mail": "aq@example.com", "license": "X000", "medical": "asthma", "home": "1 Elsewhere Ln"}, {"role": "victim"}],
        "cars": [{"plate": "SIM 001", "year": 2019, "make": "Gray"}, {}]}"#
        .replace('\n', " ");
    let (calls, errors) = read(&profile("\"ndjson\"", PEOPLE), "a.ndjson", record.as_bytes());
    assert_eq!(errors, []);
    let call = &calls[0];
    assert_eq!(call.status, "closed");
    assert_eq!(call.units, ["12A", "14"]);
    let notes: Vec<_> = call.notes.iter().map(|note| (note.text.as_str(), note.author.as_str())).collect();
    assert_eq!(
        notes,
        [("second", "D4"), ("first", ""), ("asks for an officer", "")],
        "one has no time: the order stays"
    );
    assert_eq!(call.persons.len(), 2, "a role alone makes nobody");
    assert_eq!(
        (call.persons[0].role.as_str(), call.persons[0].name.as_str()),
        ("caller", "Ottilie Brandvoll")
    );
    assert_eq!(call.persons[0].phones, ["555-0142"]);
    assert_eq!(call.persons[1].medical, "asthma");
    assert_eq!(call.vehicles.len(), 1);
    assert_eq!(call.vehicles[0].description, "2019 Gray");
}

#[test]
fn no_value_of_a_row_is_ever_told() {
    let tokens = ["ZQXNAME", "ZQXPHONE", "ZQXTIME", "ZQXPLACE"];
    let table = "Number,Received,Code,Lat,Lon\nZQXNAME,ZQXTIME,ZQXPHONE,ZQXPLACE,1\nZQXNAME,ZQXTIME\n,2026-09-30T05:03:59,ZQXPHONE,,\n"
        .to_owned()
        + &format!("{},2026-09-30T05:03:59,ZQXPHONE,ZQXPLACE,2\n", "ZQXNAME".repeat(40))
        + "ZQXNAME,2026-09-30T05:03:59,ZQXPHONE,ZQXPLACE,2\n";
    let profile = csv_profile();
    let (calls, errors) = read(&profile, "a.csv", table.as_bytes());
    let report = checked(&profile, "a.csv", table.as_bytes());
    assert_eq!((calls.len(), errors.len()), (1, 4));
    assert_eq!(
        (report.rows, report.accepted, report.rejected(), report.unlocated["not_a_number"]),
        (5, 1, 4, 1)
    );
    let lines =
        "{\"Number\": \"ZQXNAME\", \"Received\": \"ZQXTIME\"}\n{\"ZQXNAME\": ZQXPHONE}\n\"ZQXNAME\"\n";
    let (_, more) = read(&json_profile("\"ndjson\""), "a.ndjson", lines.as_bytes());
    let (_, document) = read(&json_profile("\"json\""), "a.json", b"[{\"Number\": ZQXNAME}]");
    let mut told = format!("{report}{report:?}{}", serde_json::to_string(&report).unwrap());
    for error in errors.iter().chain(&more).chain(&document) {
        write!(told, "{error}{error:?}").unwrap();
    }
    for token in tokens {
        assert!(!told.contains(token), "{told}");
    }
}

#[test]
fn a_check_counts_everything() {
    let rest = format!(
        "{CALL}disposition_code = \"Dispo\"\ndisposition_description = \"Dispo Words\"\n[meanings.disposition]\ncancelled = [\"X\"]\n"
    );
    let table = "Number,Received,Code,Lat,Lon,Dispo,Dispo Words\n\
        1,2026-09-30T05:03:59,A,41.5,-100.5,X,\n\
        1,2026-09-30T06:03:59,A,0,0,x,by caller\n\
        2,2026-09-29T05:03:59,B,-100.5,41.5,,\n\
        3,2026-09-29T05:03:59,B,,,Q,\n\
        4,2026-09-29T05:03:59,B,45.5,-100.5,Q,in words\n\
        5,x,,,,,\n6,x,,,,,\n7,x,,,,,\n8,x,,,,,\n";
    let report = checked(&profile("\"csv\"", &rest), "a.csv", table.as_bytes());
    assert_eq!(
        (report.rows, report.accepted, report.calls, report.call_types, report.located),
        (9, 5, 4, 2, 1)
    );
    let unlocated: Vec<_> = report.unlocated.iter().map(|(why, rows)| (*why, *rows)).collect();
    assert_eq!(
        unlocated,
        [("missing", 1), ("out_of_range", 1), ("outside_jurisdiction", 1), ("placeholder", 1)]
    );
    let dispositions: Vec<_> = report.dispositions.iter().map(|(what, rows)| (*what, *rows)).collect();
    assert_eq!(dispositions, [("absent", 1), ("as_written", 1), ("mapped", 2), ("unknown", 1)]);
    assert_eq!(report.empty["type_description"], 5);
    assert_eq!(report.received_first.as_deref(), Some("2026-09-29T10:03:59Z"));
    assert_eq!(report.received_last.as_deref(), Some("2026-09-30T11:03:59Z"));
    assert_eq!((report.rejects[0].rows, report.rejects[0].examples.len()), (4, 3));
    assert!(!report.is_clean());
    let shown = report.to_string();
    assert!(shown.contains("rejected 4: received_time: in none of the expected time formats"), "{shown}");
    assert!(shown.contains("a.csv:7: row 6"), "{shown}");
}

proptest! {
    #[test]
    fn no_bytes_break_a_reader(content in prop::collection::vec(any::<u8>(), 0..400)) {
        for (format, name) in [("\"csv\"", "a.csv"), ("\"json\"", "a.json"), ("\"ndjson\"", "a.ndjson")] {
            let _ = read(&json_profile(format), name, &content);
        }
    }

    #[test]
    fn a_cut_never_changes_what_stands_before_it(cut in 0_usize..200) {
        let table = b"Number,Received\n1,2026-09-30T05:03:59\n2,2026-09-30T05:03:59\n3,2026-09-30T05:03:59\n";
        let (whole, _) = read(&csv_profile(), "a.csv", table);
        let (calls, _) = read(&csv_profile(), "a.csv", &table[..cut.min(table.len())]);
        // All but the row that is cut, which may be shorter and still a row.
        let full = calls.len().saturating_sub(1);
        prop_assert!(calls[..full] == whole[..full]);
    }
}
