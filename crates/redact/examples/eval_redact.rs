//! Scores every labelled set that stands beside the project, and prints a table per set and mode.
//!
//! With `--file FILE` it scores a set of one's own; with `--predict` it prints the predictions for it instead, in the
//! form of the reference scorer. With `--errors SET` it lists what was missed and what was wrongly taken in that set; that output quotes the set.
//! With `--text` it redacts standard input, line by line, and prints spans.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use callbox_redact::eval::{Example, evaluate, read_set};
use callbox_redact::{Engine, Known, Mode, Scratch, code_point_offsets};

const SETS: [&str; 5] = [
    "narratives/cad_narratives_dev.jsonl",
    "pii/phone_matcher_us.jsonl",
    "pii/usaddress_labeled.jsonl",
    "pii/presidio_generated_small.jsonl",
    "pii/wnut17_dev.jsonl",
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let engine = Engine::builtin();
    if args.iter().any(|arg| arg == "--text") {
        lines(&engine, if args.iter().any(|arg| arg == "--strict") { Mode::Strict } else { Mode::Balanced });
        return ExitCode::SUCCESS;
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut found = false;
    if let Some(file) = args.iter().position(|arg| arg == "--file").and_then(|at| args.get(at + 1)) {
        let Some(examples) = load(&PathBuf::from(file)) else { return ExitCode::FAILURE };
        if args.iter().any(|arg| arg == "--predict") {
            predictions(&engine, &examples);
            return ExitCode::SUCCESS;
        }
        let strict = args.iter().any(|arg| arg == "--strict");
        errors(&engine, &examples, if strict { Mode::Strict } else { Mode::Balanced });
        println!("{}", evaluate(&engine, &examples, Mode::Balanced));
        println!("{}", evaluate(&engine, &examples, Mode::Strict));
        return ExitCode::SUCCESS;
    }
    for set in SETS {
        let Some(examples) = load(&data.join(set)) else { continue };
        found = true;
        if let Some(at) = args.iter().position(|arg| arg == "--errors") {
            if args.get(at + 1).is_some_and(|name| set.contains(name.as_str())) {
                errors(
                    &engine,
                    &examples,
                    if args.iter().any(|arg| arg == "--strict") { Mode::Strict } else { Mode::Balanced },
                );
            }
            continue;
        }
        let modes = if set.starts_with("narratives") {
            &[Mode::Balanced, Mode::Strict][..]
        } else {
            &[Mode::Balanced]
        };
        for &mode in modes {
            println!("== {set}, {mode}\n{}\n", evaluate(&engine, &examples, mode));
        }
    }
    if found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn load(path: &PathBuf) -> Option<Vec<Example>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("skipped: {} ({error})", path.display());
            return None;
        }
    };
    match read_set(&text) {
        Ok(examples) => Some(examples),
        Err((line, error)) => {
            eprintln!("skipped: {} line {line}: {error}", path.display());
            None
        }
    }
}

fn errors(engine: &Engine, examples: &[Example], mode: Mode) {
    let mut scratch = Scratch::default();
    for example in examples {
        let spans = engine.spans(&example.text, &Known::none(), mode, &mut scratch);
        let offsets = code_point_offsets(&example.text, spans);
        let chars: Vec<char> = example.text.chars().collect();
        let cut = |start: usize, end: usize| chars[start..end].iter().collect::<String>();
        let around = |start: usize, end: usize| {
            cut(start.saturating_sub(25), (end + 15).min(chars.len())).replace('\n', " | ")
        };
        for gold in example.spans.iter().filter(|gold| !gold.optional) {
            let left = (gold.start..gold.end)
                .any(|at| chars[at].is_alphanumeric() && !offsets.iter().any(|&(s, e)| (s..e).contains(&at)));
            let same = spans
                .iter()
                .zip(&offsets)
                .any(|(span, &(s, e))| span.kind.as_str() == gold.kind && s < gold.end && e > gold.start);
            if left || !same {
                println!(
                    "{} {} {} {:?} in {:?}",
                    example.id,
                    if left { "LEAK" } else { "type" },
                    gold.kind,
                    cut(gold.start, gold.end),
                    around(gold.start, gold.end)
                );
            }
        }
        for (span, &(s, e)) in spans.iter().zip(&offsets) {
            let touches = example
                .spans
                .iter()
                .any(|gold| gold.kind == span.kind.as_str() && s < gold.end && e > gold.start);
            if !touches && mode == Mode::Balanced {
                println!(
                    "{} FALSE {} {} {:?} in {:?}",
                    example.id,
                    span.kind.as_str(),
                    span.rule.as_str(),
                    cut(s, e),
                    around(s, e)
                );
            }
        }
    }
}

/// One line of JSON per text, for the reference scorer.
fn predictions(engine: &Engine, examples: &[Example]) {
    let mut scratch = Scratch::default();
    for example in examples {
        let spans = engine.spans(&example.text, &Known::none(), Mode::Balanced, &mut scratch);
        let offsets = code_point_offsets(&example.text, spans);
        let spans: Vec<_> = spans
            .iter()
            .zip(offsets)
            .map(|(span, (start, end))| serde_json::json!({"start": start, "end": end, "type": span.kind}))
            .collect();
        println!("{}", serde_json::json!({"id": example.id, "spans": spans}));
    }
}

fn lines(engine: &Engine, mode: Mode) {
    let mut scratch = Scratch::default();
    let mut out = String::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let spans = engine.redact_into(&line, &Known::none(), mode, &mut scratch, &mut out).to_vec();
        println!("{out}");
        for span in spans {
            println!(
                "    {:8} {:18} {:?}",
                span.kind.as_str(),
                span.rule.as_str(),
                &line[span.start..span.end]
            );
        }
    }
}
