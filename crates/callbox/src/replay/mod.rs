//! `callbox replay`: a recorded feed through the pipeline, on the feed's own clock.
//!
//! Rows come in any order, so they are all read first and then played by the time at which the agency received each
//! call; that time is the clock by which freshness is judged. A row's incident may have other rows: a state is played
//! only after the previous state of the same incident has come to its outcome, so that the alerts are the same however
//! fast, and over whatever broker, the feed is played.

mod alerts;
mod plan;
mod table;
mod target;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use callbox_ingest::feed::{Input, Profile, Reader};
use callbox_proto::domain::{AgencyId, Outcome};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::plan::{Plan, Row};
use self::target::Target;
use crate::Usage;
use crate::agencies::Agencies;
use crate::cli::Replay;
use crate::up;

/// How many rejected rows are told one by one; `callbox feed check` tells of all.
const REJECTS_SHOWN: u64 = 20;

/// Plays a recording. Returns how many rows were rejected.
///
/// # Errors
/// If profile or file cannot be read, or the pipeline cannot be reached or comes to a halt.
pub(crate) async fn replay(arguments: &Replay) -> Result<u64> {
    if arguments.speed.is_some_and(|speed| !(speed.is_finite() && speed > 0.0)) {
        return Err(Usage("--speed: expected a number above 0".into()).into());
    }
    let profile = Profile::load(&arguments.feed)?;
    let (rows, rejected) = read(&profile, &arguments.file)?;
    let accepted_rows = rows.len() as u64;
    let plan = Plan::new(rows);

    let mut agencies = Agencies::default();
    agencies.add_profile(&profile)?;
    let mut local = match &arguments.to {
        Some(_) => None,
        None => Some(up::Local::start(arguments.data.as_deref(), agencies).await?),
    };
    let mut target = match (&arguments.to, &local) {
        (Some(url), _) => Target::connect(url, arguments.notify.as_deref(), &profile.agency).await?,
        (None, Some(local)) => Target::connect(local.url(), None, &profile.agency).await?,
        (None, None) => unreachable!("a replay without a target starts one"),
    };
    let before = target.outcomes().await?;
    let played = tokio::select! {
        played = play(&mut target, plan, arguments.speed, accepted_rows) => played,
        failure = local_failure(&mut local) => Err(failure),
    };
    let refused = played?;
    let mut counts = difference(&target.outcomes().await?, &before);
    let published = counts.get(&Outcome::Published).copied().unwrap_or_default();
    let alerts = target.alerts(published).await?;
    count_repeats_once(&mut counts, target.accepted);
    if let Some(path) = &arguments.alerts {
        alerts::write(path, alerts).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if let Some(local) = local {
        local.stop().await?;
    }
    println!("{}", table::render(&profile.agency, accepted_rows + rejected, rejected + refused, &counts));
    Ok(rejected + refused)
}

/// Resolves when the pipeline of this process fails; never when it runs elsewhere.
async fn local_failure(local: &mut Option<up::Local>) -> anyhow::Error {
    match local {
        Some(local) => local.failure().await,
        None => std::future::pending().await,
    }
}

/// Reads every row; tells of those that cannot be read.
fn read(profile: &Profile, file: &Path) -> Result<(Vec<Row>, u64)> {
    let progress = spinner("reading");
    let mut rows = Vec::new();
    let mut rejected = 0;
    for row in Reader::open(profile, &Input::from(file))? {
        match row {
            Ok((number, call)) => rows.push(Row { number, call }),
            Err(error) => {
                rejected += 1;
                if rejected <= REJECTS_SHOWN {
                    progress.suspend(|| eprintln!("{error}"));
                }
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    if rejected > REJECTS_SHOWN {
        eprintln!(
            "{} more rows were rejected; `callbox feed check` tells of all kinds",
            rejected - REJECTS_SHOWN
        );
    }
    Ok((rows, rejected))
}

/// Plays wave after wave. Returns how many rows ingest refused.
async fn play(target: &mut Target, plan: Plan, speed: Option<f64>, rows: u64) -> Result<u64> {
    let progress = bar(rows);
    let mut pace = speed.map(|speed| Pace { speed, start: None });
    let mut refused = 0;
    for wave in plan {
        if let Some(pace) = &mut pace {
            pace.wait_for(&wave).await;
        }
        let number = wave.len() as u64;
        for (row, problem) in target.submit(wave).await? {
            refused += 1;
            if refused <= REJECTS_SHOWN {
                progress.suspend(|| eprintln!("{row}: {problem}"));
            }
        }
        target.settle(|waiting| progress.set_message(format!("waiting for {waiting} envelopes"))).await?;
        progress.set_message("");
        progress.inc(number);
    }
    progress.finish_and_clear();
    Ok(refused)
}

/// The feed's clock, faster.
struct Pace {
    speed: f64,
    start: Option<(i64, tokio::time::Instant)>,
}

impl Pace {
    /// Waits until the first row of a wave is due.
    async fn wait_for(&mut self, wave: &[plan::Submission]) {
        let Some(at) = wave.first().map(plan::Submission::seconds) else { return };
        let (first, start) = *self.start.get_or_insert_with(|| (at, tokio::time::Instant::now()));
        let due = Duration::try_from_secs_f64((at - first) as f64 / self.speed).unwrap_or_default();
        tokio::time::sleep_until(start + due).await;
    }
}

/// What was added to the counts.
fn difference(after: &BTreeMap<Outcome, u64>, before: &BTreeMap<Outcome, u64>) -> BTreeMap<Outcome, u64> {
    let before = |outcome| before.get(outcome).copied().unwrap_or_default();
    after.iter().map(|(outcome, count)| (*outcome, count.saturating_sub(before(outcome)))).collect()
}

/// A call whose acceptance was durable but whose answer was lost with a crash was submitted again, and the second time
/// it was found to be a repetition: it counted twice, the second time as unchanged.
fn count_repeats_once(counts: &mut BTreeMap<Outcome, u64>, accepted: u64) {
    let repeats = counts.values().sum::<u64>().saturating_sub(accepted);
    counts.entry(Outcome::Unchanged).and_modify(|count| *count = count.saturating_sub(repeats));
}

/// A sign that something is going on whose length nobody knows.
fn spinner(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {human_pos} rows, {elapsed}");
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(what)
}

/// How far a work of known length is.
fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "playing [{wide_bar}] {human_pos}/{human_len} rows, {per_sec}, {eta} left {msg}",
    );
    ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The target of an agency, for messages.
fn hint(agency: &AgencyId) -> String {
    format!("does that deployment have a feed profile of the agency {agency}?")
}
