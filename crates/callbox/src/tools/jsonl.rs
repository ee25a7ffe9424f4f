//! JSON, one object a line: a bad line is reported with its number, the rest goes on.

use std::io::{self, BufRead as _, Write as _};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest line, in bytes: a text of 1 MiB, escaped.
const LINE_BYTES_MAX: usize = 8 << 20;

/// Runs `answer` on every line of standard input and prints what it returns. Returns how many lines failed.
///
/// # Errors
/// If standard input cannot be read or standard output cannot be written.
pub(super) fn each_line<T: DeserializeOwned>(
    expected: &str,
    mut answer: impl FnMut(T) -> Result<Value, String>,
) -> io::Result<u64> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parse(&line, expected).and_then(&mut answer) {
            Ok(value) => {
                serde_json::to_writer(&mut output, &value)?;
                output.write_all(b"\n")?;
            }
            Err(problem) => {
                failed += 1;
                eprintln!("line {number}: {problem}");
            }
        }
    }
    output.flush()?;
    Ok(failed)
}

/// Parses a line. What is wrong is told by its place, never by the text.
fn parse<T: DeserializeOwned>(line: &[u8], expected: &str) -> Result<T, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("longer than {LINE_BYTES_MAX} bytes"));
    }
    if let Err(error) = std::str::from_utf8(line) {
        return Err(format!("not UTF-8 at byte {}; expected {expected}", error.valid_up_to() + 1));
    }
    let line = line.trim_ascii();
    // A list would fill the fields by their order.
    if line.starts_with(b"[") {
        return Err(format!("a JSON list; expected {expected}"));
    }
    serde_json::from_slice(line).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Syntax => "not JSON",
            serde_json::error::Category::Eof => "JSON that ends too early",
            _ => "not what was expected",
        };
        format!("{kind} at column {}; expected {expected}", error.column())
    })
}
