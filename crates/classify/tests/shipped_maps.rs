//! The maps in `deploy/maps`: they can be read, and their cities come out without a wrong category.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use callbox_classify::{AgencyMap, Classifier, Input};

fn maps() -> Vec<AgencyMap> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/maps");
    let mut paths: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        AgencyMap::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"))
    };
    paths.iter().map(read).collect()
}

#[test]
fn each_file_is_named_after_its_agency() {
    let agencies: Vec<String> = maps().into_iter().map(|map| map.agency).collect();
    assert_eq!(
        agencies,
        ["apco", "baltimore", "dallas", "nashville", "san_francisco", "san_jose", "seattle"]
    );
}

#[test]
fn mapped_cities_have_no_wrong_category() {
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/labels");
    if !labels.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let maps = maps();
    let cities: Vec<String> = maps.iter().map(|map| map.agency.clone()).collect();
    let classifier = Classifier::with_maps(maps).unwrap();
    let mut alternatives = csv::Reader::from_path(labels.join("alternatives.csv")).unwrap();
    let alternatives: Vec<_> = alternatives.records().map(Result::unwrap).collect();
    let mut wrong = Vec::new();
    for city in &cities {
        let mut reader = csv::Reader::from_path(labels.join(format!("{city}.csv"))).unwrap();
        for row in reader.records().map(Result::unwrap).filter(|row| &row[3] != "doubtful") {
            let input = Input { agency: Some(city), code: &row[0], description: &row[1], ..Input::default() };
            let got = classifier.classify(&input).category_str();
            let also = alternatives
                .iter()
                .any(|a| a[0] == **city && a[1] == row[0] && a[2] == row[1] && a[3].contains(got));
            if got != &row[3] && !also {
                wrong.push(format!("{city} {}: {got}", &row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
