//! Standard output, for scripts.

use std::io::Write as _;

/// Prints a line. A reader that went away ends the process quietly, as it does for other tools in a pipe.
pub(crate) fn print_line(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
