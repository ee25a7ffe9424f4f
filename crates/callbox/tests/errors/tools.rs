//! Bad lines of the tools that read JSONL, and wrong arguments.

use crate::support::callbox;
use crate::{DONE, FAILED, Folder, USAGE, good_rows, run, run_with};

/// A line that every tool takes.
const LINE: &str = r#"{"id":"1","text":"RP Orla Quillfeather 555-0142","description":"SHOTS FIRED"}"#;

/// Lines with one fault each.
const BAD_LINES: [&[u8]; 4] = [
    br"Quillfeather 555-0142",
    b"{\"id\":\"2\",\"text\":\"Quillfeather\xFF 555-0142\"}",
    br#"{"id":"3","text":["555-0142"],"description":{"x":"Quillfeather"}}"#,
    br#"{"text":"555-0142","description":"ZT-77810"}"#,
];

/// The tools, and what each says that it expects.
const TOOLS: [(&str, &str); 2] = [("redact", "\"text\":\"…\""), ("classify", "\"description\"?")];

#[test]
fn bad_lines_of_the_tools_are_told_by_number_and_the_rest_goes_on() {
    let mut lines = vec![LINE.as_bytes()];
    lines.extend(BAD_LINES);
    // An empty line is no fault, and the last one needs no newline.
    lines.extend([&b""[..], br#"{"id":"7","text":"at 4471 Wexcombe Ave","description":"ARMED ROBBERY"}"#]);
    for (tool, expected) in TOOLS {
        let ended = run(callbox().arg(tool), &lines.join(&b'\n'));
        let problems = ["line 2: not JSON at column 1", "line 3: not UTF-8 at byte", "line 4: ", "line 5: "];
        ended.says(FAILED, &problems).says(FAILED, &[expected]).is_discreet();
        assert_eq!(ended.err.lines().count(), 4, "{}", ended.err);
        let ids: Vec<serde_json::Value> = ended
            .out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].take())
            .collect();
        assert_eq!(ids, ["1", "7"], "{tool}");
        run(callbox().arg(tool), format!("{LINE}\n{LINE}\n").as_bytes()).says(DONE, &[]);
        run(callbox().arg(tool), b"").says(DONE, &[]);
    }
    let known = b"{\"id\":1,\"text\":\"x\",\"known\":{\"name\":5550142}}\n";
    run(callbox().arg("redact"), known).says(FAILED, &["line 1: known: expected an object or list of texts"]);
}

#[test]
fn a_list_is_not_taken_for_a_line() {
    for (tool, expected) in TOOLS {
        let ended = run(callbox().arg(tool), b"[\"ZT-77810\",\"4471 Wexcombe\"]\n");
        ended.says(FAILED, &["line 1: ", expected]).is_discreet();
        assert_eq!(ended.out, "");
    }
}

#[test]
fn a_line_that_is_cut_off_is_called_so() {
    for (tool, _) in TOOLS {
        let input = format!("{}\n{LINE}\n", &LINE[..40]);
        let ended = run(callbox().arg(tool), input.as_bytes());
        ended.says(FAILED, &["line 1: JSON that ends too early"]).is_discreet();
        assert_eq!(ended.out.lines().count(), 1);
    }
}

#[test]
fn wrong_arguments() {
    run_with(["redact", "--mode", "loud"]).says(USAGE, &["--mode"]);
    run_with(["serve", "everything"]).says(USAGE, &["ingest, redact, classify, notify"]);
    run_with(["watch", "--near", "36.16,-86.78"]).says(USAGE, &["--within"]);
    run_with(["watch", "--near", "nowhere", "--within", "1"]).says(USAGE, &["36.16,-86.78"]);
    run_with(["watch", "--category", "jaywalking"]).says(USAGE, &["--category"]);
    run_with(["dance"]).says(USAGE, &["dance"]);
}

#[test]
fn wrong_values_of_arguments_are_wrong_usage_too() {
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let file = folder.write("good.csv", good_rows());
    let known = run_with(["redact", "--known", "Quillfeather"]);
    known.says(USAGE, &["--known", "expected a JSON object or list"]);
    run_with(["watch", "--near", "36.16,-86.78", "--within=-1"]).says(USAGE, &["--within"]);
    let mut speed = callbox();
    speed.arg("replay").arg(file).arg("--feed").arg(profile).args(["--speed", "0"]);
    run(&mut speed, b"").says(USAGE, &["--speed", "expected a number above 0"]);
    run_with(["classify", "--map", "no-such-map.toml"]).says(USAGE, &["no-such-map.toml", "cannot be read"]);
}
