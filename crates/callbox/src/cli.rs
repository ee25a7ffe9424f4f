//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::settings::Role;

/// Police dispatch feeds in, neighbourhood alerts out, with nobody's personal data in them.
#[derive(Parser)]
#[command(name = "callbox", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start here:\n  callbox up --demo        an invented city, everything in one process\n  callbox watch            its alerts, in a second terminal\n\nEvery setting of a configuration file can come from the environment: listen.grpc is CALLBOX_LISTEN__GRPC.\nExit codes: 0 done, 1 something failed, 2 wrong usage or configuration."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs every service in one process, with an embedded broker and store and no other server.
    #[command(
        after_help = "Examples:\n  callbox up --demo\n  callbox up --data /var/lib/callbox --config callbox.toml"
    )]
    Up(Up),
    /// Runs one service, over NATS and PostgreSQL.
    #[command(
        after_help = "Examples:\n  callbox serve redact --config /etc/callbox/callbox.toml\n  callbox serve notify --print-config"
    )]
    Serve(Serve),
    /// Applies the SQL migrations and declares streams and consumers. Repeatable; run it before the services of a release.
    #[command(after_help = "Example:\n  callbox migrate --config /etc/callbox/callbox.toml")]
    Migrate(Config),
    /// Plays a recorded feed through the pipeline on the feed's own clock, and tells what became of every row.
    #[command(
        after_help = "Examples:\n  callbox replay calls.csv --feed deploy/feeds/nashville.toml --alerts alerts.ndjson\n  callbox replay calls.csv --feed deploy/feeds/nashville.toml --to http://127.0.0.1:7101\n\nWithout --to everything runs embedded, in a temporary folder unless --data names one."
    )]
    Replay(Replay),
    /// Prints alerts as they come.
    #[command(
        after_help = "Examples:\n  callbox watch --near 36.16,-86.78 --within 3\n  callbox watch --category robbery --category shooting --json\n\nThe circle becomes cells here, before anything is sent: the point itself stays on this machine."
    )]
    Watch(Watch),
    /// Takes personal data out of dispatch text: JSONL {"id","text"} in, {"id","redacted","spans"} out.
    #[command(
        after_help = "Examples:\n  callbox redact < notes.jsonl > redacted.jsonl\n  echo '{\"id\":\"1\",\"text\":\"RP CB 555-0142\"}' | callbox redact --mode strict\n\nA line may carry \"known\": an object or list of values of the record's fields that must go from the text,\nsuch as {\"name\":\"...\",\"phone\":\"...\"}. Offsets are Unicode code points, end exclusive."
    )]
    Redact(RedactText),
    /// Classifies calls: JSONL {"id","agency"?,"code"?,"description"?,"narrative"?,"disposition"?} in, {"id","category","action","confidence","reasons"} out.
    #[command(
        after_help = "Example:\n  echo '{\"id\":\"1\",\"description\":\"SHOTS FIRED\"}' | callbox classify"
    )]
    Classify(ClassifyCalls),
    /// Feed profiles.
    #[command(subcommand)]
    Feed(Feed),
    /// Agency maps: what an agency's call types mean.
    #[command(subcommand)]
    Map(Map),
    /// Keys.
    #[command(subcommand)]
    Keys(Keys),
    /// What could not be handled: list it, send it through again, or discard it.
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// Tells whether a service on this machine is ready: exit code 0 if it is, 1 if not. For container health checks.
    Health {
        /// The service's admin port.
        #[arg(long, default_value = "127.0.0.1:7190", value_name = "ADDRESS")]
        admin: std::net::SocketAddr,
    },
    /// Prints a completion script for a shell.
    #[command(after_help = "Example:\n  callbox completions bash > /etc/bash_completion.d/callbox")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Where the configuration is.
#[derive(Args)]
pub(crate) struct Config {
    /// The configuration file (TOML). Environment variables win over it.
    #[arg(long, env = "CALLBOX_CONFIG", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// `callbox up`.
#[derive(Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub config: Config,
    /// The data folder: keys, broker, store.
    #[arg(long, value_hint = ValueHint::DirPath, default_value = ".callbox")]
    pub data: PathBuf,
    /// Plays an invented city through the pipeline.
    #[arg(long)]
    pub demo: bool,
    /// How many calls a second the demo makes.
    #[arg(long, default_value_t = 5.0, value_name = "CALLS", requires = "demo")]
    pub rate: f64,
    /// Prints the configuration in force, secrets masked, and ends.
    #[arg(long)]
    pub print_config: bool,
}

/// `callbox serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// Which service.
    pub role: Role,
    #[command(flatten)]
    pub config: Config,
    /// Prints the configuration in force, secrets masked, and ends.
    #[arg(long)]
    pub print_config: bool,
}

/// `callbox replay`.
#[derive(Args)]
pub(crate) struct Replay {
    /// The recording: a file, a folder of files, or - for standard input.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// The feed profile (TOML) that says how to read it.
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub feed: PathBuf,
    /// An ingest service to play to, such as http://127.0.0.1:7101. Its deployment must know the feed's agency.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub to: Option<String>,
    /// The notify service of that deployment. Default: the same URL if it answers there, else port 7104 of its host.
    #[arg(long, value_name = "URL", requires = "to")]
    pub notify: Option<String>,
    /// The data folder. What is known there is not published again.
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Where the alerts go, one JSON object a line, ordered by time.
    #[arg(long, value_name = "OUT.ndjson", value_hint = ValueHint::FilePath)]
    pub alerts: Option<PathBuf>,
    /// So many times as fast as it was recorded. Default: as fast as it goes.
    #[arg(long, value_name = "N")]
    pub speed: Option<f64>,
}

/// `callbox watch`.
#[derive(Args)]
pub(crate) struct Watch {
    /// The notify service.
    #[arg(long, default_value = "http://127.0.0.1:7100", value_name = "URL", env = "CALLBOX_NOTIFY")]
    pub from: String,
    /// The middle of your vicinity, in degrees.
    #[arg(long, value_name = "LAT,LON", requires = "within", allow_hyphen_values = true, value_parser = crate::watch::parse_point)]
    pub near: Option<callbox_proto::domain::LatLon>,
    /// How far it reaches, in miles.
    #[arg(long, value_name = "MILES", requires = "near")]
    pub within: Option<f64>,
    /// Only these categories: burglary, vehicle, robbery, shots_fired, shooting, stabbing, hostage, arson.
    #[arg(long, value_name = "CATEGORY")]
    pub category: Vec<callbox_proto::domain::Category>,
    /// Only these agencies.
    #[arg(long, value_name = "AGENCY")]
    pub agency: Vec<String>,
    /// Goes on after this token.
    #[arg(long, value_name = "TOKEN")]
    pub resume: Option<String>,
    /// One JSON object a line, with the token of each.
    #[arg(long)]
    pub json: bool,
}

/// `callbox redact`.
#[derive(Args)]
pub(crate) struct RedactText {
    /// What survives: balanced for people who read the result, strict for machines.
    #[arg(long, default_value = "balanced")]
    pub mode: callbox_redact::Mode,
    /// Values that must go from every line: a JSON object or list.
    #[arg(long, value_name = "JSON")]
    pub known: Option<String>,
}

/// `callbox classify`.
#[derive(Args)]
pub(crate) struct ClassifyCalls {
    /// Agency maps (TOML or CSV), or folders of them.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub map: Vec<PathBuf>,
    /// Adds the steps of each decision.
    #[arg(long)]
    pub explain: bool,
}

/// `callbox feed`.
#[derive(Subcommand)]
pub(crate) enum Feed {
    /// Tells what a profile would read from a file: counts, and examples of every row that it would reject.
    ///
    /// No value of any row is printed.
    #[command(after_help = "Example:\n  callbox feed check deploy/feeds/nashville.toml calls.csv")]
    Check {
        /// The feed profile (TOML).
        #[arg(value_hint = ValueHint::FilePath)]
        profile: PathBuf,
        /// The recording: a file or a folder of files.
        #[arg(value_hint = ValueHint::AnyPath)]
        file: PathBuf,
        /// The report as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `callbox map`.
#[derive(Subcommand)]
pub(crate) enum Map {
    /// Proposes a map from a sample of an agency's feed, for a person to review.
    #[command(
        after_help = "Example:\n  callbox map propose --feed deploy/feeds/nashville.toml calls.csv > nashville.map.toml"
    )]
    Propose {
        /// The feed profile (TOML).
        #[arg(long, value_hint = ValueHint::FilePath)]
        feed: PathBuf,
        /// The sample.
        #[arg(value_hint = ValueHint::AnyPath)]
        file: PathBuf,
    },
}

/// `callbox keys`.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Makes the keys that are missing in a folder, one folder below it for each service that holds any.
    #[command(
        after_help = "Give each service only its own folder:\n  ingest    redact.pub, identity.key\n  redact    redact.key, classify.pub\n  classify  classify.key\n\nThe identity key never changes: a new one makes every incident a new one."
    )]
    Generate {
        /// The folder.
        #[arg(long, value_hint = ValueHint::DirPath)]
        out: PathBuf,
        /// Lets every user of this machine read them, for containers that run as another user than the one that makes
        /// them.
        #[arg(long)]
        readable: bool,
    },
}

/// `callbox dead-letters`.
#[derive(Subcommand)]
pub(crate) enum DeadLetters {
    /// Lists them, oldest first. Nothing of their content is shown.
    List(Broker),
    /// Sends one through the pipeline again, or all of them.
    Replay {
        #[command(flatten)]
        broker: Broker,
        /// The number that the list shows; without it, all.
        number: Option<u64>,
    },
    /// Deletes one.
    Discard {
        #[command(flatten)]
        broker: Broker,
        /// The number that the list shows.
        number: u64,
    },
}

/// Which broker.
#[derive(Args)]
pub(crate) struct Broker {
    #[command(flatten)]
    pub config: Config,
    /// The data folder of a process that does not run now, instead of a NATS server.
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
}
