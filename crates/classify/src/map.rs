//! Agency maps: what an agency says its own call types mean, in a file that people review.
//!
//! TOML, with one table per way to name a type:
//!
//! ```toml
//! agency = "example"
//! families = ["california"]      # optional: code systems to trust where this file is silent
//!
//! [codes]
//! "52*" = "shooting"             # every code that begins so and has no entry of its own
//! "53A" = "none"
//! "68P" = "hold"                 # no category, but a person must look
//! "70R" = { category = "burglary", action = "suppress" }
//!
//! [descriptions]
//! "AUTO BOOST / STRIP" = "vehicle"
//!
//! [dispositions]
//! "NOM" = "unfounded"
//! ```
//!
//! or CSV with the columns `code,description,category` and, if wanted, `action`.

use rustc_hash::FxHashMap;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::category::Category;
use crate::text::Words;
use crate::verdict::{Action, Ended, Family};

/// What is wrong with a map, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}, line {line}: {reason}")]
pub struct MapError {
    /// The file, as the caller named it.
    pub name: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub reason: String,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The crime, or none of the eight.
    pub(crate) category: Option<Category>,
    /// The most that may happen.
    pub(crate) action: Action,
}

/// An agency's reviewed code map.
#[derive(Clone, Debug, Default)]
pub struct AgencyMap {
    /// The agency's identifier, as calls carry it.
    pub agency: String,
    pub(crate) families: Vec<Family>,
    pub(crate) codes: FxHashMap<String, Entry>,
    /// Beginnings of codes, longest first.
    pub(crate) prefixes: Vec<(String, Entry)>,
    pub(crate) descriptions: FxHashMap<String, Entry>,
    pub(crate) pairs: FxHashMap<(String, String), Entry>,
    pub(crate) dispositions: FxHashMap<String, Option<Ended>>,
}

impl AgencyMap {
    /// Reads a map; `name` is the file's name and tells the format by its ending (`.csv`, else TOML).
    ///
    /// A CSV file has no place for the agency's identifier: it is the file's name without ending.
    ///
    /// # Errors
    /// The first line that has an unknown category, action, family or key, or repeats an entry.
    pub fn parse(name: &str, text: &str) -> Result<Self, MapError> {
        let is_csv = std::path::Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        if is_csv { parse_csv(name, text) } else { Toml { name, text }.parse() }
    }

    /// How many call types the map names.
    pub fn len(&self) -> usize {
        self.codes.len() + self.prefixes.len() + self.descriptions.len() + self.pairs.len()
    }

    /// Whether the map names no call type.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the map knows types by code alone.
    pub(crate) fn is_by_code(&self) -> bool {
        let no_codes = self.codes.is_empty() && self.prefixes.is_empty() && self.pairs.is_empty();
        !no_codes || !self.families.is_empty()
    }

    /// What the map says of a type: the pair first, then the code, its beginning, then the description.
    pub(crate) fn get(&self, code: &str, description: &str) -> Option<Entry> {
        if self.is_empty() {
            return None;
        }
        let pair = (key(code), key(description));
        let by_prefix =
            || self.prefixes.iter().find(|(prefix, _)| pair.0.starts_with(prefix)).map(|(_, e)| e);
        let found = self.pairs.get(&pair).or_else(|| self.codes.get(&pair.0)).or_else(by_prefix);
        let mut entry = *found.or_else(|| self.descriptions.get(&pair.1))?;
        // The map tells this code's types apart by their descriptions, and the description is lost.
        if pair.1.is_empty() && self.pairs.keys().any(|(code, _)| *code == pair.0) {
            entry.action = entry.action.min(Action::Hold);
        }
        Some(entry)
    }

    fn insert(&mut self, code: &str, description: &str, entry: Entry) -> Result<(), String> {
        if let Some(prefix) = code.trim().strip_suffix('*') {
            return self.insert_prefix(key(prefix), entry);
        }
        let (code, description) = (key(code), key(description));
        let old = match (code.is_empty(), description.is_empty()) {
            (true, true) => return Err("expected a code or a description".to_owned()),
            (false, true) => self.codes.insert(code, entry),
            (true, false) => self.descriptions.insert(description, entry),
            (false, false) => self.pairs.insert((code, description), entry),
        };
        old.map_or(Ok(()), |_| Err("this call type is listed twice".to_owned()))
    }
}

impl AgencyMap {
    fn insert_prefix(&mut self, prefix: String, entry: Entry) -> Result<(), String> {
        if prefix.is_empty() {
            return Err("expected a code before the *".to_owned());
        }
        let at = self.prefixes.partition_point(|(known, _)| known.len() > prefix.len());
        if self.prefixes[at..].iter().any(|(known, _)| *known == prefix) {
            return Err("this call type is listed twice".to_owned());
        }
        self.prefixes.insert(at, (prefix, entry));
        Ok(())
    }
}

/// A type's name without case, spacing and punctuation.
pub(crate) fn key(text: &str) -> String {
    let words = Words::new(text);
    let mut key = String::with_capacity(text.len());
    for word in words.iter() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(word.text);
    }
    key
}

fn parse_entry(category: &str, action: &str) -> Result<Entry, String> {
    let (category, most) = match category.trim() {
        "none" => (None, Action::Suppress),
        "hold" => (None, Action::Hold),
        name => {
            let category = name.parse().map_err(|_| {
                let names: Vec<_> = Category::ALL.iter().map(|c| c.as_str()).collect();
                format!("unknown category: expected {}, none or hold", names.join(", "))
            })?;
            (Some(category), Action::Publish)
        }
    };
    let action = match action.trim() {
        "" => most,
        "publish" => Action::Publish,
        "hold" => Action::Hold,
        "suppress" => Action::Suppress,
        _ => return Err("unknown action: expected publish, hold or suppress".to_owned()),
    };
    Ok(Entry { category, action: action.min(most) })
}

fn parse_csv(name: &str, text: &str) -> Result<AgencyMap, MapError> {
    let error = |line, reason: String| MapError { name: name.to_owned(), line, reason };
    let agency = std::path::Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
    let mut map = AgencyMap { agency: agency.into_owned(), ..AgencyMap::default() };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| error(1, "expected a header line".to_owned()))?.clone();
    let column = |wanted: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(wanted));
    let (Some(code), Some(description), Some(category)) =
        (column("code"), column("description"), column("category"))
    else {
        return Err(error(1, "expected the columns code, description and category".to_owned()));
    };
    let action = column("action");
    for row in reader.records() {
        let row = row.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            error(usize::try_from(line).unwrap_or_default(), "expected a line of CSV".to_owned())
        })?;
        let line = usize::try_from(row.position().map_or(0, csv::Position::line)).unwrap_or_default();
        let field = |index: Option<usize>| index.and_then(|i| row.get(i)).unwrap_or_default();
        let entry = parse_entry(field(Some(category)), field(action)).map_err(|e| error(line, e))?;
        map.insert(field(Some(code)), field(Some(description)), entry).map_err(|e| error(line, e))?;
    }
    Ok(map)
}

/// The entries of a table in the order of the file, so that of two equal ones the second is refused.
fn in_order<'a, 'b>(table: &'a DeTable<'b>) -> Vec<(&'a Spanned<DeString<'b>>, &'a Spanned<DeValue<'b>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// A TOML map being read; keeps the text to turn positions into lines.
struct Toml<'a> {
    name: &'a str,
    text: &'a str,
}

impl Toml<'_> {
    fn error(&self, at: usize, reason: impl Into<String>) -> MapError {
        let line = 1 + self.text.char_indices().filter(|&(place, c)| place < at && c == '\n').count();
        MapError { name: self.name.to_owned(), line, reason: reason.into() }
    }

    fn parse(&self) -> Result<AgencyMap, MapError> {
        let document = DeTable::parse(self.text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            let duplicate = e.message().contains("duplicate");
            self.error(at, if duplicate { "this key is listed twice" } else { "expected TOML" })
        })?;
        let mut map = AgencyMap::default();
        for (field, value) in document.get_ref() {
            let at = field.span().start;
            match (field.get_ref().as_ref(), value.get_ref()) {
                ("agency", DeValue::String(agency)) => map.agency = agency.to_string(),
                ("families", DeValue::Array(families)) => {
                    for family in families {
                        map.families.push(self.family(family)?);
                    }
                }
                ("codes", DeValue::Table(table)) => self.types(&mut map, table, true)?,
                ("descriptions", DeValue::Table(table)) => self.types(&mut map, table, false)?,
                ("dispositions", DeValue::Table(table)) => self.dispositions(&mut map, table)?,
                _ => {
                    let expected = "expected agency, families, codes, descriptions or dispositions";
                    return Err(self.error(at, format!("unknown key or wrong type: {expected}")));
                }
            }
        }
        if map.agency.is_empty() {
            return Err(MapError {
                name: self.name.to_owned(),
                line: 0,
                reason: "expected agency = \"…\"".to_owned(),
            });
        }
        Ok(map)
    }

    fn family(&self, value: &Spanned<DeValue<'_>>) -> Result<Family, MapError> {
        let found = value.get_ref().as_str().and_then(|n| Family::ALL.into_iter().find(|f| f.as_str() == n));
        found.ok_or_else(|| {
            let names: Vec<_> = Family::ALL.iter().map(|f| f.as_str()).collect();
            self.error(value.span().start, format!("unknown family: expected {}", names.join(", ")))
        })
    }

    fn types(&self, map: &mut AgencyMap, table: &DeTable<'_>, by_code: bool) -> Result<(), MapError> {
        for (name, value) in in_order(table) {
            let at = name.span().start;
            let entry = match value.get_ref() {
                DeValue::String(category) => parse_entry(category, ""),
                DeValue::Table(entry) => {
                    let text =
                        |field| entry.get(field).and_then(|v| v.get_ref().as_str()).unwrap_or_default();
                    parse_entry(text("category"), text("action"))
                }
                _ => Err("expected a category, or { category, action }".to_owned()),
            };
            let entry = entry.map_err(|reason| self.error(at, reason))?;
            let name = name.get_ref().as_ref();
            let (code, description) = if by_code { (name, "") } else { ("", name) };
            map.insert(code, description, entry).map_err(|reason| self.error(at, reason))?;
        }
        Ok(())
    }

    fn dispositions(&self, map: &mut AgencyMap, table: &DeTable<'_>) -> Result<(), MapError> {
        for (name, value) in in_order(table) {
            let at = name.span().start;
            let ended = match value.get_ref().as_str() {
                Some("none") => None,
                Some(text) if Ended::ALL.iter().any(|e| e.as_str() == text) => {
                    Ended::ALL.into_iter().find(|e| e.as_str() == text)
                }
                _ => {
                    let names: Vec<_> = Ended::ALL.iter().map(|e| e.as_str()).collect();
                    return Err(
                        self.error(at, format!("unknown outcome: expected {} or none", names.join(", ")))
                    );
                }
            };
            if map.dispositions.insert(key(name.get_ref()), ended).is_some() {
                return Err(self.error(at, "this disposition is listed twice"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "agency = \"a\"\n";

    fn toml(rest: &str) -> Result<AgencyMap, MapError> {
        AgencyMap::parse("a.toml", &format!("{HEAD}{rest}"))
    }

    fn line_of(error: Result<AgencyMap, MapError>) -> (usize, String) {
        let error = error.unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn a_map_answers_by_pair_code_beginning_and_description() {
        let map = toml("[codes]\n\"52*\" = \"shooting\"\n\"52a\" = \"none\"\n[descriptions]\n\"Auto  Strip\" = \"vehicle\"\n").unwrap();
        let category = |code, description| map.get(code, description).map(|e| e.category);
        assert_eq!(category("52P", ""), Some(Some(Category::Shooting)));
        assert_eq!(category("52A", ""), Some(None));
        assert_eq!(category("", "AUTO/STRIP"), Some(Some(Category::Vehicle)));
        assert_eq!(category("53", "other"), None);
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn an_entry_can_lower_the_action_and_never_raise_it() {
        let map = toml("[codes]\nA = { category = \"arson\", action = \"hold\" }\nB = { category = \"none\", action = \"publish\" }\n").unwrap();
        assert_eq!(map.get("A", "").unwrap().action, Action::Hold);
        assert_eq!(map.get("B", "").unwrap().action, Action::Suppress);
    }

    #[test]
    fn mistakes_in_toml_are_refused_with_their_line() {
        assert_eq!(line_of(toml("[codes]\nA = \"theft\"\n")).0, 3);
        assert_eq!(
            line_of(toml("[codes]\nA = \"arson\"\n\"a\" = \"none\"\n")),
            (4, "this call type is listed twice".to_owned())
        );
        assert_eq!(line_of(toml("[codes]\nA = \"arson\"\nA = \"none\"\n")).0, 4);
        assert_eq!(line_of(toml("[codes]\n\"7*\" = \"arson\"\n\"7 *\" = \"none\"\n")).0, 4);
        assert_eq!(line_of(toml("[codes]\nA = { category = \"arson\", action = \"maybe\" }\n")).0, 3);
        assert_eq!(line_of(toml("families = [\"penal\"]\n")).0, 2);
        assert_eq!(line_of(toml("colour = 1\n")).0, 2);
        assert_eq!(line_of(toml("[dispositions]\nX = \"gone\"\n")).0, 3);
        assert_eq!(line_of(AgencyMap::parse("a.toml", "[codes]\n")).1, "expected agency = \"…\"");
    }

    #[test]
    fn a_csv_map_has_pairs_and_its_name_is_the_agency() {
        let map = AgencyMap::parse(
            "maps/metro.csv",
            "code,description,category\n9,BURG,burglary\n9,ALARM,none\n7,,robbery\n",
        )
        .unwrap();
        assert_eq!(map.agency, "metro");
        assert_eq!(map.get("9", "burg").unwrap().category, Some(Category::Burglary));
        assert_eq!(map.get("9", "alarm").unwrap().category, None);
        assert_eq!(map.get("7", "anything").unwrap().category, Some(Category::Robbery));
        assert!(map.get("9", "").is_none());
    }

    #[test]
    fn mistakes_in_csv_are_refused_with_their_line() {
        let csv = |text| line_of(AgencyMap::parse("m.csv", text)).0;
        assert_eq!(csv("code,category\n"), 1);
        assert_eq!(csv("code,description,category\n1,,arson\n2,,theft\n"), 3);
        assert_eq!(csv("code,description,category\n1,,arson\n1,,none\n"), 3);
        assert_eq!(csv("code,description,category\n,,none\n"), 2);
    }
}
