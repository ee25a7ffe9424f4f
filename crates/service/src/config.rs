//! Settings from a file and the environment, with every mistake reported at once.
//!
//! A service reads its settings one by one from a [`Reader`], which keeps count of what was asked for: whatever is
//! malformed, missing, or never asked for becomes a mistake, and [`Reader::finish`] gives all of them together. The same
//! count makes the effective configuration that `--print-config` shows, with secrets masked.
//!
//! A setting `listen.grpc` comes from the environment as `CALLBOX_LISTEN__GRPC`, which wins over the file. A secret may
//! stand in a file of its own: `keys.identity_file` names it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The prefix of environment variables.
pub const ENV_PREFIX: &str = "CALLBOX_";

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The setting, as a dotted path.
    pub key: String,
    /// What is wrong with it and what was expected.
    pub problem: String,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in the configuration", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {}: {}", mistake.key, mistake.problem))
    }
}

/// Reads settings and keeps count.
pub struct Reader {
    figment: Figment,
    data: Dict,
    mistakes: Vec<Mistake>,
    /// What was asked for, with the value in force as `--print-config` shows it.
    effective: BTreeMap<String, toml::Value>,
    base: PathBuf,
}

impl Reader {
    /// A reader over a TOML file, if one is given, and environment variables (as name and value; those without the
    /// prefix are passed over).
    pub fn new(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut figment = Figment::new();
        let mut mistakes = Vec::new();
        if let Some(path) = file {
            match std::fs::read_to_string(path) {
                // Parsed here first: the library's message about a malformed file repeats the line, which may hold a secret.
                Ok(text) => match text.parse::<toml::Table>() {
                    Ok(_) => figment = figment.merge(Toml::string(&text)),
                    Err(error) => mistakes.push(malformed(path, &text, &error)),
                },
                Err(error) => mistakes.push(Mistake {
                    key: path.display().to_string(),
                    problem: format!("cannot be read: {error}"),
                }),
            }
        }
        figment = figment.merge(Environment::new(environment));
        let data = match figment.extract::<Dict>() {
            Ok(data) => data,
            Err(errors) => {
                mistakes.extend(errors.into_iter().map(|error| Mistake {
                    key: file.map_or_else(|| "environment".into(), |path| path.display().to_string()),
                    problem: error.kind.to_string().trim().to_owned(),
                }));
                Dict::new()
            }
        };
        let base = file.and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        Self { figment, data, mistakes, effective: BTreeMap::new(), base }
    }

    /// The setting, or `None` if it is absent or wrong (which is then a mistake).
    pub fn optional<T: DeserializeOwned + Serialize>(&mut self, key: &str) -> Option<T> {
        let value = self.extract(key);
        if let Some(value) = &value {
            self.show(key, value);
        }
        value
    }

    /// The setting, or `default`.
    pub fn or<T: DeserializeOwned + Serialize>(&mut self, key: &str, default: T) -> T {
        let value = self.extract(key).unwrap_or(default);
        self.show(key, &value);
        value
    }

    /// The setting; absent is a mistake, `purpose` says what it is for.
    pub fn required<T: DeserializeOwned + Serialize>(&mut self, key: &str, purpose: &str) -> Option<T> {
        if self.figment.find_value(key).is_err() {
            self.mistake(key, format!("missing: {purpose} (or {})", variable(key)));
            self.effective.entry(key.to_owned()).or_insert_with(|| toml::Value::String(String::new()));
            return None;
        }
        self.optional(key)
    }

    /// A secret: the setting itself, or the content of the file that `<key>_file` names. Shown masked.
    pub fn secret(&mut self, key: &str) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        let from_file: Option<PathBuf> = self.optional(&file_key);
        let text: Option<String> = self.extract(key);
        if text.is_some() {
            self.effective.insert(key.to_owned(), toml::Value::String("********".into()));
        }
        if text.is_some() && from_file.is_some() {
            self.mistake(key, format!("given twice, here and as {file_key}"));
        }
        if let Some(text) = text {
            return Some(text.into());
        }
        let path = self.path(from_file?);
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().to_owned().into()),
            Err(error) => {
                self.mistake(&file_key, format!("{} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    /// Accepts a setting (and the file that would hold it) without reading it: a secret that is not for this process.
    pub fn ignore(&mut self, key: &str) {
        for key in [key.to_owned(), format!("{key}_file")] {
            if self.figment.find_value(&key).is_ok() {
                self.effective.insert(key, toml::Value::String("(not for this process)".into()));
            }
        }
    }

    /// A URL that may hold a password: shown without it.
    pub fn url(&mut self, key: &str) -> Option<String> {
        let text: String = self.extract(key)?;
        self.effective.insert(key.to_owned(), toml::Value::String(without_password(&text)));
        Some(text)
    }

    /// A path of the configuration: relative ones are relative to its file.
    pub fn path(&self, path: PathBuf) -> PathBuf {
        if path.is_absolute() { path } else { self.base.join(path) }
    }

    /// Notes a mistake that only the caller could see.
    pub fn mistake(&mut self, key: &str, problem: impl Into<String>) {
        self.mistakes.push(Mistake { key: key.to_owned(), problem: problem.into() });
    }

    /// Whether something is wrong with a setting, or with the file that would hold it.
    pub fn has_mistake(&self, key: &str) -> bool {
        self.mistakes.iter().any(|mistake| mistake.key == key || mistake.key == format!("{key}_file"))
    }

    /// The names directly below a table, such as the agencies of `[agencies]`.
    pub fn names(&self, table: &str) -> Vec<String> {
        match self.figment.find_value(table) {
            Ok(Value::Dict(_, dict)) => dict.into_keys().collect(),
            _ => Vec::new(),
        }
    }

    /// The effective configuration as TOML, secrets masked.
    pub fn effective(&self) -> String {
        let mut root = toml::Table::new();
        for (key, value) in &self.effective {
            insert(&mut root, key, value.clone());
        }
        toml::to_string_pretty(&root).unwrap_or_default()
    }

    /// All mistakes, the settings that nobody asked for among them.
    ///
    /// # Errors
    /// If there is any.
    pub fn finish(mut self) -> Result<(), Mistakes> {
        for key in leaves("", &self.data) {
            let known =
                self.effective.keys().any(|known| key == *known || key.starts_with(&format!("{known}.")));
            let told =
                |mistake: &Mistake| key == mistake.key || key.starts_with(&format!("{}.", mistake.key));
            if !known && !self.mistakes.iter().any(told) {
                let problem = nearest(&key, self.effective.keys()).map_or("unknown setting".into(), |near| {
                    format!("unknown setting; did you mean {near}?")
                });
                self.mistakes.push(Mistake { key, problem });
            }
        }
        if self.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(self.mistakes)) }
    }

    fn extract<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if self.figment.find_value(key).is_err() {
            self.effective.entry(key.to_owned()).or_insert_with(|| toml::Value::String(String::new()));
            return None;
        }
        match self.figment.extract_inner(key) {
            Ok(value) => Some(value),
            Err(error) => {
                // The kind names what was found and what was expected; a string that was found may be a secret.
                let problem = match error.kind {
                    figment::error::Kind::InvalidType(actual, expected)
                    | figment::error::Kind::InvalidValue(actual, expected) => {
                        format!("expected {}, found {}", plain(&expected), kind_of(&actual))
                    }
                    kind => kind.to_string(),
                };
                self.effective.entry(key.to_owned()).or_insert_with(|| toml::Value::String(String::new()));
                self.mistake(key, problem);
                None
            }
        }
    }

    fn show(&mut self, key: &str, value: &impl Serialize) {
        if let Ok(value) = toml::Value::try_from(value) {
            self.effective.insert(key.to_owned(), value);
        }
    }
}

/// What is wrong with a file that is not TOML, and where.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> Mistake {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Mistake {
        key: path.display().to_string(),
        problem: format!("line {line}: not TOML: {}", error.message()),
    }
}

/// The environment variable of a setting.
fn variable(key: &str) -> String {
    format!("{ENV_PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// What was expected, in words of a configuration file rather than of Rust.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other => other,
    }
}

/// What kind of thing was found, without the thing.
fn kind_of(actual: &figment::error::Actual) -> &'static str {
    use figment::error::Actual;
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
        Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

/// A URL without the password in it.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((credentials, host)) => {
            let user = credentials.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:********@{host}")
        }
        None => url.to_owned(),
    }
}

/// Puts a value at a dotted path.
fn insert(table: &mut toml::Table, key: &str, value: toml::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = table.entry(head).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// The dotted paths of all values below a table.
fn leaves(prefix: &str, dict: &Dict) -> Vec<String> {
    let mut keys = Vec::new();
    for (name, value) in dict {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Dict(_, inner) => keys.extend(leaves(&key, inner)),
            _ => keys.push(key),
        }
    }
    keys
}

/// The known key that differs from `key` in at most a third of its letters.
fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    known
        .map(|candidate| (edits(key, candidate), candidate))
        .filter(|(edits, candidate)| edits * 3 <= candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substitute = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = substitute.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Environment variables as a source of settings.
struct Environment(Vec<(String, String)>);

impl Environment {
    fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let settings = variables
            .into_iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix(ENV_PREFIX)?;
                Some((name.replace("__", ".").to_ascii_lowercase(), value))
            })
            .collect();
        Self(settings)
    }
}

impl figment::Provider for Environment {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named("environment")
    }

    fn data(&self) -> Result<Map<figment::Profile, Dict>, figment::Error> {
        let mut figment = Figment::new();
        for (key, value) in &self.0 {
            // Parsing never fails: what is no number, list or the like is a text.
            let value: Value = value.parse().unwrap_or_else(|never: std::convert::Infallible| match never {});
            figment = figment.merge((key.as_str(), value));
        }
        figment.data()
    }
}

/// The mistakes as one text, for tests and logs.
impl Mistakes {
    /// Each mistake on a line.
    pub fn lines(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, mistake| {
            let _ = writeln!(text, "{}: {}", mistake.key, mistake.problem);
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, without_password};
    use secrecy::ExposeSecret as _;
    use std::io::Write as _;
    use std::net::SocketAddr;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = file("[listen]\ngrpc = \"127.0.0.1:1\"\n");
        let mut reader =
            Reader::new(Some(file.path()), variables(&[("CALLBOX_LISTEN__GRPC", "127.0.0.1:2")]));
        assert_eq!(reader.required::<SocketAddr>("listen.grpc", "where").unwrap().port(), 2);
        reader.finish().unwrap();
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let file =
            file("[listen]\ngrpc = \"nowhere\"\nadmni = \"127.0.0.1:1\"\n[drain]\nseconds = \"soon\"\n");
        let mut reader = Reader::new(Some(file.path()), variables(&[("CALLBOX_EXTRA", "1")]));
        let _: Option<SocketAddr> = reader.required("listen.grpc", "where to listen");
        let _: Option<SocketAddr> = reader.optional("listen.admin");
        let _: u64 = reader.or("drain.seconds", 10);
        let _: Option<String> = reader.required("bus.url", "the broker");
        let mistakes = reader.finish().unwrap_err().lines();
        for expected in [
            "listen.grpc: ",
            "listen.admni: unknown setting; did you mean listen.admin?",
            "drain.seconds: expected a whole number, 0 or more, found a text",
            "bus.url: missing: the broker (or CALLBOX_BUS__URL)",
            "extra: unknown setting",
        ] {
            assert!(mistakes.contains(expected), "{expected} not in\n{mistakes}");
        }
        assert!(!mistakes.contains("soon"), "a value may be a secret");
    }

    #[test]
    fn secrets_are_masked_and_may_stand_in_files() {
        let secret = file("from the file\n");
        let path = secret.path().to_str().unwrap();
        let mut reader = Reader::new(
            None,
            variables(&[
                ("CALLBOX_KEYS__A", "hidden"),
                ("CALLBOX_KEYS__B_FILE", path),
                ("CALLBOX_STORE__URL", "postgres://user:hidden@host/db"),
            ]),
        );
        assert_eq!(reader.secret("keys.a").unwrap().expose_secret(), "hidden");
        assert_eq!(reader.secret("keys.b").unwrap().expose_secret(), "from the file");
        assert_eq!(reader.url("store.url").unwrap(), "postgres://user:hidden@host/db");
        let shown = reader.effective();
        assert!(
            !shown.contains("hidden") && shown.contains("********") && shown.contains("postgres://user:")
        );
        reader.finish().unwrap();
    }

    #[test]
    fn a_broken_file_is_a_mistake() {
        let file = file("[listen\n");
        let mistakes = Reader::new(Some(file.path()), Vec::new()).finish().unwrap_err();
        assert_eq!(mistakes.0.len(), 1);
    }

    #[test]
    fn passwords_leave_urls() {
        assert_eq!(without_password("nats://u:p@ss@h:1"), "nats://u:********@h:1");
        assert_eq!(without_password("nats://h:1"), "nats://h:1");
    }
}
