//! What to search for, where, and the proof that it would be found.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use aho_corasick::AhoCorasick;
use callbox_bus::manifest::{CONSUMERS, RAW, STREAMS};
use callbox_bus::{Outgoing, jetstream};
use callbox_testkit::{Nats, Postgres, wait_until};
use sqlx::{Connection as _, PgConnection};

use crate::PLANTED;

/// What must not be found.
#[derive(Default)]
pub(crate) struct Tokens {
    pub(crate) texts: BTreeSet<String>,
    positions: BTreeSet<u64>,
}

impl Tokens {
    pub(crate) fn planted() -> Self {
        Self { texts: PLANTED.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, event: &callbox_simulator::Event) {
        for planted in event.planted().iter().filter(|planted| planted.is_distinctive()) {
            self.texts.insert(planted.text.to_string());
        }
        let location = event.submission.location.as_ref();
        let degrees = location.map(|place| [place.latitude, place.longitude]).unwrap_or_default();
        self.positions
            .extend(degrees.into_iter().flatten().filter(|degrees| degrees.abs() > 1.0).map(f64::to_bits));
    }

    pub(crate) fn search(&self) -> Search {
        let binary: Vec<[u8; 8]> =
            self.positions.iter().flat_map(|bits| [bits.to_le_bytes(), bits.to_be_bytes()]).collect();
        Search {
            texts: self.texts.iter().cloned().collect(),
            insensitive: AhoCorasick::builder().ascii_case_insensitive(true).build(&self.texts).unwrap(),
            exact: AhoCorasick::new(binary).unwrap(),
        }
    }
}

/// Finds tokens in bytes: texts whatever their case, coordinates as texts and as binary numbers.
pub(crate) struct Search {
    texts: Vec<String>,
    insensitive: AhoCorasick,
    exact: AhoCorasick,
}

impl Search {
    /// The tokens in these bytes, each with what stands around it.
    pub(crate) fn hits(&self, bytes: &[u8]) -> Vec<String> {
        let texts = self.insensitive.find_iter(bytes).filter_map(|found| {
            let (start, end) = (found.start(), found.end());
            let token = &self.texts[found.pattern().as_usize()];
            // A number within a longer number is another number.
            let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            let number = token.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
            if number && (digit(start.checked_sub(1)) || digit(Some(end))) {
                return None;
            }
            let around = &bytes[start.saturating_sub(80)..bytes.len().min(end + 40)];
            Some(format!("{token}: …{}…", String::from_utf8_lossy(around)))
        });
        let positions = self.exact.find_iter(bytes).map(|_| "a position as a binary number".to_owned());
        texts.chain(positions).collect()
    }
}

/// Everything that left, by where it was found.
#[derive(Default)]
pub(crate) struct Exposed(Vec<(String, Vec<u8>)>);

impl Exposed {
    pub(crate) fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    /// Every file below a folder. Files that servers remove meanwhile are passed over.
    pub(crate) fn add_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.add_folder(&path),
                Ok(kind) if kind.is_file() => {
                    if let Ok(bytes) = fs::read(&path) {
                        self.add(path.display().to_string(), bytes);
                    }
                }
                _ => {}
            }
        }
    }

    /// Asserts that no token is in any of it.
    pub(crate) fn assert_clean(&self, search: &Search) {
        let mut found = Vec::new();
        for (place, bytes) in &self.0 {
            found.extend(search.hits(bytes).into_iter().take(3).map(|hit| format!("{place}: {hit}")));
        }
        assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
    }

    /// Asserts that these bytes were looked at: what is published stands in a place that begins so.
    pub(crate) fn assert_holds(&self, place: &Path, text: &str) {
        let place = place.display().to_string();
        let holds = |bytes: &[u8]| AhoCorasick::new([text]).unwrap().is_match(bytes);
        let found = self.0.iter().any(|(at, bytes)| at.starts_with(&place) && holds(bytes));
        assert!(found, "{text} was published and is not in {place}: the search does not reach the files");
    }
}

/// The search can fail: it finds a token in a file, in PostgreSQL's files, in the broker's files and in binary form.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_what_is_planted() {
    let mut tokens = Tokens::planted();
    tokens.positions.insert(41.853_901_f64.to_bits());
    tokens.texts.insert("41.853901".into());
    let search = tokens.search();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::write(folder.path().join("deep/scratch"), b"\x00caller=ORLA QUILLFEATHER\xFF").unwrap();

    let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
    let (nats, postgres) = (nats.unwrap(), postgres.unwrap());
    let mut connection = PgConnection::connect(&postgres.database().await).await.unwrap();
    for statement in [
        "CREATE TABLE planted (value text)",
        "INSERT INTO planted VALUES ('at 4471 Wexcombe Ave')",
        "CHECKPOINT",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let bus = jetstream::connect(jetstream::JetStreamConfig::new(nats.url())).await.unwrap();
    bus.declare(STREAMS, CONSUMERS).await.unwrap();
    let message = Outgoing {
        subject: RAW.subject("vellgrove"),
        id: "1".into(),
        headers: Vec::new(),
        payload: b"call 555-0142".to_vec().into(),
    };
    bus.publish(message).await.unwrap().await.unwrap();

    for (folder, token) in
        [(folder.path().to_owned(), PLANTED[0]), (postgres.store(), PLANTED[2]), (nats.store(), PLANTED[1])]
    {
        let found = || {
            let mut exposed = Exposed::default();
            exposed.add_folder(&folder);
            let found = exposed
                .0
                .iter()
                .any(|(_, bytes)| search.hits(bytes).iter().any(|hit| hit.starts_with(&format!("{token}:"))));
            async move { found }
        };
        // The broker writes a little after it acknowledged.
        wait_until("the token is found", Duration::from_secs(10), found).await;
    }
    assert_eq!(search.hits(&41.853_901_f64.to_le_bytes()).len(), 1);
    assert_eq!(search.hits(b"at 41.853901, ").len(), 1);
    assert_eq!(search.hits(b"at 41.8539012").len(), 0, "another number");
    assert!(search.hits(b"Orla and Wexcombe").is_empty());
}
