//! Prints a feed: `cargo run -p callbox-simulator --example feed -- FORM [EVENTS [SEED]]`.
//!
//! FORM is `rows` (a flat export), `gold` (the answers to each row) or `narratives` (labelled notes, one for each call
//! that is complete among the events).

use std::error::Error;
use std::io::{self, BufWriter, Write};

use callbox_simulator::{Seed, Settings, Simulator, write};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let form = words.next().ok_or("which form: rows, gold or narratives?")?;
    let events: usize = words.next().map_or(Ok(1000), |word| word.parse())?;
    let seed: u64 = words.next().map_or(Ok(1), |word| word.parse())?;
    let mut out = BufWriter::new(io::stdout().lock());
    for event in Simulator::new(Seed(seed), Settings { observed: true, ..Settings::default() }).take(events) {
        match form.as_str() {
            "rows" => write::row(&event, &mut out)?,
            "gold" => write::gold(&event, &mut out)?,
            "narratives" if event.gold.last => write::narrative_line(&event, &mut out)?,
            "narratives" => {}
            _ => return Err("no such form: rows, gold or narratives".into()),
        }
    }
    Ok(out.flush()?)
}
