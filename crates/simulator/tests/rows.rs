//! The flat export and the profile that reads it belong together.

use callbox_simulator::{Seed, Settings, Simulator, city, write};
use serde_json::Value;

fn lines(form: fn(&callbox_simulator::Event, &mut Vec<u8>) -> std::io::Result<()>) -> Vec<Value> {
    let mut out = Vec::new();
    for event in Simulator::new(Seed(3), Settings::default()).take(100) {
        form(&event, &mut out).expect("a vector takes everything");
    }
    out.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a line is JSON"))
        .collect()
}

#[test]
fn the_profile_names_columns_that_rows_have() {
    let profile: toml::Table = toml::from_str(write::PROFILE).unwrap();
    let row = lines(write::row).remove(0);
    let mut checked = 0;
    let mut check = |column: &toml::Value| {
        if let Some(column) = column.as_str() {
            assert!(row.get(column).is_some(), "no column {column}");
            checked += 1;
        }
    };
    profile["call"].as_table().unwrap().values().for_each(&mut check);
    for list in ["notes", "persons", "vehicles"] {
        let items =
            profile[list].as_array().unwrap().iter().flat_map(|item| item.as_table().unwrap().values());
        items
            .flat_map(|value| value.as_array().map_or_else(|| vec![value], |all| all.iter().collect()))
            .for_each(&mut check);
    }
    assert!(checked > 20);
}

#[test]
fn the_profile_and_the_city_agree() {
    let profile: toml::Table = toml::from_str(write::PROFILE).unwrap();
    let city = city();
    assert_eq!(profile["agency"].as_str(), Some(city.slug));
    assert_eq!(profile["name"].as_str(), Some(city.name));
    assert_eq!(profile["time"]["zone"].as_str(), Some(city.time_zone));
    let bound = |side: &str| profile["bounds"][side].as_float().unwrap();
    let bounds = city.bounds;
    let ours = [bounds.south, bounds.west, bounds.north, bounds.east];
    let theirs = ["south", "west", "north", "east"].map(bound);
    assert_eq!(theirs.map(f64::to_bits), ours.map(f64::to_bits));
}

#[test]
fn labelled_narratives_have_the_fields_of_hand_labelled_ones() {
    for line in lines(write::narrative_line) {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["category", "id", "sensitive", "spans", "status", "text"]);
        let length = line["text"].as_str().unwrap().chars().count() as u64;
        for span in line["spans"].as_array().unwrap() {
            assert!(span["end"].as_u64().unwrap() <= length && span["type"].is_string());
        }
    }
    assert_eq!(lines(write::gold).len(), 100);
}
