//! Explains the verdicts of lines on standard input, each `DESCRIPTION` or, with `--narrative`, a
//! narrative; a line may begin with the expected category and ` | `, and then only wrong ones are shown.

#![allow(clippy::print_stdout, reason = "this program is for reading its output")]

use std::io::BufRead;

use callbox_classify::{Classifier, Input};

fn main() -> std::io::Result<()> {
    let narratives = std::env::args().any(|a| a == "--narrative");
    let classifier = Classifier::builtin();
    let (mut wrong, mut all) = (0, 0);
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (expected, text) = line.split_once(" | ").map_or((None, line.as_str()), |(e, t)| (Some(e), t));
        let input = if narratives {
            Input { narrative: text, ..Input::default() }
        } else {
            Input { description: text, ..Input::default() }
        };
        let (verdict, steps) = classifier.explain(&input);
        all += 1;
        if expected == Some(verdict.category_str()) {
            continue;
        }
        wrong += 1;
        let expected = expected.unwrap_or("?");
        println!("{} {} (expected {expected}): {text}", verdict.category_str(), verdict.action);
        for step in steps {
            println!("    {}: {}", step.code, step.text);
        }
    }
    println!("{wrong} of {all} shown");
    Ok(())
}
