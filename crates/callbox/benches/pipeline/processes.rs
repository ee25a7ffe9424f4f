//! What the processes below this one have used, from `/proc`.

use std::collections::BTreeMap;
use std::fs;

/// Clock ticks a second in `/proc/<pid>/stat`: 100 on every Linux architecture that Rust targets (USER_HZ).
const TICKS: f64 = 100.0;

/// Processor seconds of every descendant of this process and of itself, by what it is.
pub(crate) fn cpu_seconds() -> BTreeMap<String, f64> {
    let processes: BTreeMap<u32, (u32, String, f64)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|id| Some((id, stat(id)?)))
        .collect();
    let me = std::process::id();
    let below = |mut id: u32| loop {
        match processes.get(&id) {
            _ if id == me => return true,
            Some((parent, ..)) if *parent != 0 => id = *parent,
            _ => return false,
        }
    };
    let mut used = BTreeMap::new();
    for (id, (_, name, seconds)) in &processes {
        if below(*id) {
            *used.entry(if *id == me { "load generator".into() } else { name.clone() }).or_default() +=
                seconds;
        }
    }
    used
}

/// Parent, name and processor seconds of a process.
fn stat(id: u32) -> Option<(u32, String, f64)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (head, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let name = head.split_once('(')?.1.to_owned();
    let line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    let words: Vec<&str> =
        line.split(|byte| *byte == 0).filter_map(|word| std::str::from_utf8(word).ok()).collect();
    let role = match words.iter().position(|word| *word == "serve") {
        Some(at) => words.get(at + 1).map_or(name.clone(), |role| format!("callbox {role}")),
        None => name,
    };
    Some((fields.get(1)?.parse().ok()?, role, ticks / TICKS))
}

/// The machine's load average.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
