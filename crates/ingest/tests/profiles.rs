//! Feed profiles with mistakes in them.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::fs;

use callbox_ingest::feed::Profile;
use proptest::prelude::*;

const GOOD: &str = r#"agency = "simville"
name = "Simville"
format = "csv"
code_map = "../maps/simville.toml"
[time]
zone = "America/Chicago"
[call]
source_id = "Number"
received_time = "Received"
"#;

#[test]
fn a_broken_profile_tells_every_mistake_with_its_line() {
    let text = r#"agency = "Simville"
name = 7
format = "xml"
unlocated = "shrug"
nullz = ["x"]
[time]
zone = "Mars/Olympus"
formats = ["%!", "soonish"]
[bounds]
south = 42.0
west = -101.0
north = 41.0
east = -100.0
[call]
source_id = ""
recieved_time = "Received"
type_code = { template = "{Code" }
latitude = "Lat"
[aliases]
"Codee" = ["x"]
"#;
    let mistakes = Profile::parse(text).unwrap_err();
    let found: Vec<_> = mistakes.iter().map(|mistake| (mistake.line, mistake.problem.as_str())).collect();
    for (line, part) in [
        (1, "expected 1 to 63 characters a-z"),
        (2, "expected a text, found a number"),
        (3, "unknown format"),
        (4, "unlocated"),
        (5, "unknown key nullz; did you mean nulls?"),
        (7, "unknown time zone"),
        (8, "not a strptime pattern"),
        (8, "unknown time format"),
        (9, "south below north"),
        (14, "call.received_time is missing"),
        (15, "expected the name of a column"),
        (16, "unknown key call.recieved_time; did you mean call.received_time?"),
        (17, "not closed"),
        (18, "latitude and longitude"),
        (20, "no field reads a column \"Codee\""),
    ] {
        assert!(
            found.iter().any(|(at, problem)| *at == line && problem.contains(part)),
            "{line} {part} in {found:#?}"
        );
    }
    assert_eq!(found.len(), 15, "{found:#?}");
}

#[test]
fn a_profile_that_is_no_toml_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.toml");
    fs::write(&path, "agency = \"simville\"\nname = = 1\n").unwrap();
    let errors = Profile::load(&path).unwrap_err();
    assert_eq!(errors.mistakes[0].line, 2);
    assert!(errors.to_string().contains("broken.toml:2: "));
    assert!(
        Profile::load(&folder.path().join("absent.toml")).unwrap_err().to_string().contains("cannot be read")
    );
}

#[test]
fn a_code_map_stands_beside_its_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simville.toml");
    fs::write(&path, GOOD).unwrap();
    let profile = Profile::load(&path).unwrap();
    assert_eq!(profile.code_map.unwrap(), folder.path().join("../maps/simville.toml"));
}

proptest! {
    #[test]
    fn no_text_breaks_a_profile(text in "[a-z\\[\\]{}\"=., \n]{0,200}") {
        let _ = Profile::parse(&text);
    }

    #[test]
    fn a_cut_profile_is_read_or_refused(cut in 0..GOOD.len()) {
        let _ = Profile::parse(&GOOD[..cut]);
    }
}
