//! What an agency may change: types, placeholders and its own lists.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::span::SpanType;

/// How much survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// For people who read the result: what the rules find is masked.
    #[default]
    Balanced,
    /// For the pipeline: only a reviewed vocabulary, harmless numbers and placeholders survive.
    Strict,
}

impl Mode {
    /// `balanced` or `strict`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is not a mode.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown mode, expected balanced or strict")]
pub struct UnknownMode;

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        match text {
            "balanced" => Ok(Self::Balanced),
            "strict" => Ok(Self::Strict),
            _ => Err(UnknownMode),
        }
    }
}

/// The settings of one agency.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Types that are left in the text. Strict mode ignores this: it denies by default.
    pub keep_types: Vec<SpanType>,
    /// Placeholders that replace the default `[TYPE]`. Each is 1 to 24 capital letters or underscores in square
    /// brackets, so that it is recognised when a redacted text comes back.
    pub placeholders: BTreeMap<SpanType, String>,
    /// Names that are always masked: the sheriff, a well-known resident.
    pub names: Vec<String>,
    /// Words that are never names here: local shops, districts, unit names.
    pub places: Vec<String>,
    /// Ordinary words that strict mode lets through as well.
    pub vocabulary: Vec<String>,
    /// Mask streets that stand without a house number too.
    pub mask_street_names: bool,
}

/// A setting that the engine refuses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// A placeholder that would not be recognised when the text comes back.
    #[error("placeholder for {kind} must be capital letters or underscores in square brackets, at most 24")]
    Placeholder {
        /// Name of the type whose placeholder is wrong.
        kind: &'static str,
    },
    /// An entry of a list that is not one word, or a name, of letters.
    #[error("entry {index} of {list} must be made of letters, at most {max} bytes")]
    Entry {
        /// Name of the setting.
        list: &'static str,
        /// Position in the list, from zero.
        index: usize,
        /// Longest entry in bytes.
        max: usize,
    },
}

/// Longest entry of a list, in bytes.
const ENTRY_MAX: usize = 80;
/// Longest inside of a placeholder, in bytes.
pub(crate) const PLACEHOLDER_MAX: usize = 24;

impl Config {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first placeholder or list entry that is not usable.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (kind, placeholder) in &self.placeholders {
            if !is_placeholder(placeholder) {
                return Err(ConfigError::Placeholder { kind: kind.as_str() });
            }
        }
        check_list("names", &self.names)?;
        check_list("places", &self.places)?;
        check_list("vocabulary", &self.vocabulary)
    }
}

fn is_placeholder(text: &str) -> bool {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|inside| {
        (1..=PLACEHOLDER_MAX).contains(&inside.len())
            && inside.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

fn check_list(list: &'static str, entries: &[String]) -> Result<(), ConfigError> {
    let usable = |entry: &String| {
        entry.len() <= ENTRY_MAX
            && entry.chars().any(char::is_alphabetic)
            && entry.chars().all(|c| c.is_alphabetic() || " -.'’".contains(c))
    };
    match entries.iter().position(|entry| !usable(entry)) {
        Some(index) => Err(ConfigError::Entry { list, index, max: ENTRY_MAX }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_must_be_recognisable() {
        let mut config = Config::default();
        config.placeholders.insert(SpanType::Name, "[PERSON]".into());
        assert_eq!(config.check(), Ok(()));
        config.placeholders.insert(SpanType::Phone, "xxx".into());
        assert_eq!(config.check(), Err(ConfigError::Placeholder { kind: "PHONE" }));
    }

    #[test]
    fn modes_print_and_parse() {
        for mode in [Mode::Balanced, Mode::Strict] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("loose".parse::<Mode>(), Err(UnknownMode));
    }

    #[test]
    fn lists_hold_words() {
        let config = Config { names: vec!["ok".into(), "555-0100".into()], ..Config::default() };
        assert_eq!(config.check(), Err(ConfigError::Entry { list: "names", index: 1, max: ENTRY_MAX }));
    }
}
