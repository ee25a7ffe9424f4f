//! Redacts invented notes as fast as it can on one core, for a profiler to look at.
#![allow(clippy::print_stdout)]

use callbox_redact::{Engine, Known, Mode, Scratch};

fn plain(line: &str) -> String {
    let mut parts = line.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(&part.split_once(':').map_or(part, |(_, rest)| rest).replacen('}', "", 1));
    }
    text
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rounds: usize = args.first().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let mode = args.get(1).and_then(|text| text.parse().ok()).unwrap_or(Mode::Balanced);
    let text = include_str!("../tests/data/notes.txt");
    // The labels of the test notes are taken out: `{NAME:DANA}` is read as `DANA`.
    let notes: Vec<String> = text.lines().filter(|line| !line.starts_with('#')).map(plain).collect();
    let engine = Engine::builtin();
    let known = Known::none();
    let mut scratch = Scratch::default();
    let mut out = String::new();
    let (mut spans, mut bytes) = (0, 0);
    for _ in 0..rounds {
        for note in &notes {
            spans += engine.redact_into(note, &known, mode, &mut scratch, &mut out).len();
            bytes += note.len();
        }
    }
    println!("{} notes, {bytes} bytes, {spans} spans", rounds * notes.len());
}
