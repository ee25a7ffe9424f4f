//! The eight crimes that an alert may name.

use std::fmt;
use std::str::FromStr;

/// A public-alert crime. The order is that of the published list and has no other meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Breaking into a building, attempted or done.
    Burglary,
    /// Theft of a vehicle, from a vehicle or of its parts, and breaking into one.
    Vehicle,
    /// Taking from a person by force or threat; carjacking included.
    Robbery,
    /// Gunfire with nobody known to be hit.
    ShotsFired,
    /// Somebody is hit by gunfire, or an active shooter.
    Shooting,
    /// Somebody is cut or stabbed by somebody else.
    Stabbing,
    /// Somebody is held against their will by a threat.
    Hostage,
    /// A fire that somebody set.
    Arson,
}

impl Category {
    /// Every category, in the order of the published list.
    pub const ALL: [Self; 8] = [
        Self::Burglary,
        Self::Vehicle,
        Self::Robbery,
        Self::ShotsFired,
        Self::Shooting,
        Self::Stabbing,
        Self::Hostage,
        Self::Arson,
    ];

    /// The name in files, feeds and interfaces: lower case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Burglary => "burglary",
            Self::Vehicle => "vehicle",
            Self::Robbery => "robbery",
            Self::ShotsFired => "shots_fired",
            Self::Shooting => "shooting",
            Self::Stabbing => "stabbing",
            Self::Hostage => "hostage",
            Self::Arson => "arson",
        }
    }

    /// Whether the crime is against a person: its place is published on the coarser tier.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Robbery | Self::ShotsFired | Self::Shooting | Self::Stabbing | Self::Hostage)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the eight category names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown category: expected burglary, vehicle, robbery, shots_fired, shooting, stabbing, hostage or arson"
)]
pub struct UnknownCategory;

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|c| c.as_str() == text).ok_or(UnknownCategory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(category));
        }
        assert_eq!("none".parse::<Category>(), Err(UnknownCategory));
        assert_eq!("Robbery".parse::<Category>(), Err(UnknownCategory));
    }

    #[test]
    fn person_categories_are_the_five_against_people() {
        let property: Vec<_> = Category::ALL.into_iter().filter(|c| !c.is_person()).collect();
        assert_eq!(property, [Category::Burglary, Category::Vehicle, Category::Arson]);
    }
}
