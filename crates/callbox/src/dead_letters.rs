//! `callbox dead-letters`.

use anyhow::{Context as _, Result, bail};
use callbox_bus::{Bus, dead_letters};
use comfy_table::{Table, presets};
use secrecy::ExposeSecret as _;

use crate::agencies::Agencies;
use crate::cli::{Broker, DeadLetters};
use crate::output::print_line;
use crate::process::{connect_jetstream, open_embedded};
use crate::settings::{BusSettings, Preset, Settings};

/// How many are read at once.
const PAGE: usize = 256;

/// Lists, replays or discards.
///
/// # Errors
/// If the broker cannot be reached, or there is no such dead letter.
pub(crate) async fn run(command: &DeadLetters) -> Result<()> {
    let (DeadLetters::List(broker)
    | DeadLetters::Replay { broker, .. }
    | DeadLetters::Discard { broker, .. }) = command;
    let bus = open(broker).await?;
    let result = match command {
        DeadLetters::List(_) => list(&bus).await,
        DeadLetters::Replay { number: Some(number), .. } => replay(&bus, *number).await,
        DeadLetters::Replay { number: None, .. } => replay_all(&bus).await,
        DeadLetters::Discard { number, .. } => discard(&bus, *number).await,
    };
    bus.close().await;
    result
}

async fn open(broker: &Broker) -> Result<Bus> {
    if let Some(data) = &broker.data {
        if !data.is_dir() {
            bail!("there is no data folder {}", data.display());
        }
        return open_embedded(data).await;
    }
    let preset = Preset {
        roles: &[],
        file: broker.config.config.as_deref(),
        data: None,
        agencies: Agencies::default(),
    };
    let (settings, _) =
        Settings::read(preset, std::env::vars().filter(|(name, _)| name != "CALLBOX_CONFIG"))?;
    match settings.bus {
        BusSettings::JetStream { url } => connect_jetstream(url.expose_secret(), "operator").await,
        BusSettings::Embedded { directory } => open_embedded(&directory).await,
    }
}

async fn list(bus: &Bus) -> Result<()> {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(vec!["number", "stage", "reason", "stream", "subject", "records"]);
    let mut after = Some(0);
    let mut any = false;
    while let Some(start) = after {
        let listing = dead_letters::list(bus, start, PAGE).await?;
        for entry in listing.entries {
            any = true;
            let failure = entry.letter.failure.unwrap_or_default();
            let records = match entry.letter.records.len() {
                0 => "all".to_owned(),
                number => number.to_string(),
            };
            let number = entry.sequence.to_string();
            table.add_row([
                number,
                failure.stage,
                failure.reason,
                entry.letter.stream,
                entry.letter.subject,
                records,
            ]);
        }
        after = listing.next;
    }
    print_line(&if any { table.to_string() } else { "there are no dead letters".to_owned() });
    Ok(())
}

async fn replay(bus: &Bus, number: u64) -> Result<()> {
    dead_letters::replay(bus, number).await?;
    print_line(&format!("dead letter {number} goes through the pipeline again"));
    Ok(())
}

/// Replays all that are there now, not what comes back meanwhile.
async fn replay_all(bus: &Bus) -> Result<()> {
    let mut numbers = Vec::new();
    let mut after = Some(0);
    while let Some(start) = after {
        let listing = dead_letters::list(bus, start, PAGE).await?;
        numbers.extend(listing.entries.iter().map(|entry| entry.sequence));
        after = listing.next;
    }
    for number in &numbers {
        dead_letters::replay(bus, *number).await.with_context(|| format!("dead letter {number}"))?;
    }
    print_line(&format!("{} dead letters go through the pipeline again", numbers.len()));
    Ok(())
}

async fn discard(bus: &Bus, number: u64) -> Result<()> {
    if !dead_letters::discard(bus, number).await? {
        bail!("there is no dead letter {number}");
    }
    print_line(&format!("dead letter {number} is gone"));
    Ok(())
}
