//! What an operator sets, and every mistake in it at once.

use std::collections::BTreeMap;

use callbox_proto::domain::{AgencyId, LatLon};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::agency::{Agencies, Agency, Label, Policy};

/// Freshness without a setting: two hours (DESIGN section 5).
pub const FRESHNESS_MINUTES: u32 = 120;
/// The longest freshness: a week. Anything older is no news to a neighbourhood.
const FRESHNESS_MINUTES_MAX: u32 = 7 * 24 * 60;
/// How long an alert is shown without a setting: a day.
pub const EXPIRES_HOURS: u32 = 24;
/// The longest that an alert is shown: thirty days.
const EXPIRES_HOURS_MAX: u32 = 30 * 24;
/// The longest name: it stands in a headline.
const NAME_CHARACTERS_MAX: usize = 80;

/// The settings of notify.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The agencies whose calls may become alerts, by slug. Records of others go to the dead letters.
    #[serde(default)]
    pub agencies: BTreeMap<String, AgencyConfig>,
}

/// One agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyConfig {
    /// Its public name, 1 to 80 characters.
    pub name: String,
    /// Its time zone, an IANA name such as `America/Chicago`.
    pub time_zone: String,
    /// The public name of its whole area, 1 to 80 characters.
    pub place_label: String,
    /// How long after its receipt a call may be accepted and still make an alert, in minutes, 1 to 10,080.
    #[serde(default = "freshness_minutes")]
    pub freshness_minutes: u32,
    /// How long an alert is shown, in hours, 1 to 720.
    #[serde(default = "expires_hours")]
    pub expires_hours: u32,
    /// Its neighbourhoods: a cell is called by the one that is nearest to its centre. Without any, by `place_label`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelConfig>,
}

/// One neighbourhood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelConfig {
    /// Its public name, 1 to 80 characters.
    pub name: String,
    /// Latitude of about its middle, -90 to 90.
    pub latitude: f64,
    /// Longitude of about its middle, -180 to 180.
    pub longitude: f64,
}

fn freshness_minutes() -> u32 {
    FRESHNESS_MINUTES
}

fn expires_hours() -> u32 {
    EXPIRES_HOURS
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The setting, as a dotted path below notify's own settings.
    pub key: String,
    /// What is wrong with it and what was expected.
    pub problem: &'static str,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("invalid settings of notify")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {}: {}", mistake.key, mistake.problem))
    }
}

impl Config {
    /// The agencies, checked.
    ///
    /// # Errors
    /// With all mistakes.
    pub fn agencies(&self) -> Result<Agencies, Mistakes> {
        let mut mistakes = Vec::new();
        let agencies: Vec<Agency> = self
            .agencies
            .iter()
            .filter_map(|(slug, agency)| {
                let mut mistake = |field: &str, problem| {
                    let dot = if field.is_empty() { "" } else { "." };
                    mistakes.push(Mistake { key: format!("agencies.{slug}{dot}{field}"), problem });
                };
                agency.parse(slug, &mut mistake)
            })
            .collect();
        if mistakes.is_empty() { Ok(agencies.into_iter().collect()) } else { Err(Mistakes(mistakes)) }
    }
}

impl AgencyConfig {
    /// The agency, or what is wrong with it.
    fn parse(&self, slug: &str, mistake: &mut impl FnMut(&str, &'static str)) -> Option<Agency> {
        let id = slug.parse::<AgencyId>();
        if let Err(invalid) = &id {
            mistake("", invalid.problem);
        }
        let time_zone = TimeZone::get(&self.time_zone);
        if time_zone.is_err() {
            mistake("time_zone", "unknown; expected an IANA name such as America/Chicago");
        }
        let texts = [("name", &self.name), ("place_label", &self.place_label)];
        for (field, text) in texts {
            check_name(field, text, mistake);
        }
        if !(1..=FRESHNESS_MINUTES_MAX).contains(&self.freshness_minutes) {
            mistake("freshness_minutes", "expected 1 to 10080");
        }
        if !(1..=EXPIRES_HOURS_MAX).contains(&self.expires_hours) {
            mistake("expires_hours", "expected 1 to 720");
        }
        for (index, label) in self.labels.iter().enumerate() {
            check_name(&format!("labels[{index}].name"), &label.name, mistake);
            let on_globe = label.latitude.abs() <= 90.0 && label.longitude.abs() <= 180.0;
            if !on_globe {
                mistake(&format!("labels[{index}]"), "expected latitude -90 to 90 and longitude -180 to 180");
            }
        }
        Some(Agency {
            id: id.ok()?,
            name: self.name.clone(),
            time_zone: time_zone.ok()?,
            place_label: self.place_label.clone(),
            labels: self.labels.iter().map(LabelConfig::parse).collect(),
            policy: Policy {
                freshness_seconds: i64::from(self.freshness_minutes) * 60,
                expires_seconds: i64::from(self.expires_hours) * 3_600,
            },
        })
    }
}

impl LabelConfig {
    fn parse(&self) -> Label {
        let centre = LatLon { latitude: self.latitude, longitude: self.longitude };
        Label { name: self.name.clone(), centre }
    }
}

/// Names are public: short, without control characters, and calm.
fn check_name(field: &str, text: &str, mistake: &mut impl FnMut(&str, &'static str)) {
    if text.trim().is_empty() || text.chars().count() > NAME_CHARACTERS_MAX {
        mistake(field, "expected 1 to 80 characters");
    }
    if text.chars().any(|character| character.is_control() || character == '!') {
        mistake(field, "expected no control characters and no exclamation marks");
    }
}

#[cfg(test)]
mod tests {
    use super::{AgencyConfig, Config, LabelConfig};

    fn good() -> AgencyConfig {
        AgencyConfig {
            name: "Springfield Police".to_owned(),
            time_zone: "America/Chicago".to_owned(),
            place_label: "Springfield".to_owned(),
            freshness_minutes: 120,
            expires_hours: 24,
            labels: vec![LabelConfig { name: "Old Mill".to_owned(), latitude: 40.0, longitude: -100.0 }],
        }
    }

    fn config(agencies: impl IntoIterator<Item = (&'static str, AgencyConfig)>) -> Config {
        Config { agencies: agencies.into_iter().map(|(slug, agency)| (slug.to_owned(), agency)).collect() }
    }

    #[test]
    fn good_settings_make_agencies() {
        let agencies = config([("springfield", good())]).agencies().unwrap();
        let agency = agencies.get(&"springfield".parse().unwrap()).unwrap();
        assert_eq!(agency.policy.freshness_seconds, 7_200);
        assert_eq!(agency.labels.len(), 1);
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let bad = AgencyConfig {
            name: String::new(),
            time_zone: "Mars/Olympus".to_owned(),
            place_label: "Run!".to_owned(),
            freshness_minutes: 0,
            expires_hours: 9_999,
            labels: vec![LabelConfig { name: "x".repeat(81), latitude: f64::NAN, longitude: 0.0 }],
        };
        let mistakes = config([("Bad One", good()), ("shelbyville", bad)]).agencies().unwrap_err();
        let keys: Vec<_> = mistakes.0.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "agencies.Bad One",
                "agencies.shelbyville.time_zone",
                "agencies.shelbyville.name",
                "agencies.shelbyville.place_label",
                "agencies.shelbyville.freshness_minutes",
                "agencies.shelbyville.expires_hours",
                "agencies.shelbyville.labels[0].name",
                "agencies.shelbyville.labels[0]",
            ]
        );
    }
}
