//! What the simulator is asked for.

use std::time::Duration;

use jiff::Timestamp;

/// Where all randomness comes from: equal seeds with equal settings give equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// How the feed is to be. [`Settings::default`] is a small city's feed in real time.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The agency's slug in every call. Default: the city's own.
    pub agency: String,
    /// The clock at offset zero. Part of every call number, so that feeds of different starts never collide.
    /// Default: 2026-06-01T12:00:00Z.
    pub start: Timestamp,
    /// The mean time between two events in the long run, at least one microsecond. Default: one second.
    ///
    /// The first minutes are slower, because later states only come as calls grow older.
    pub gap: Duration,
    /// Stretches the time between the states of one call, which at 1.0 is 20 seconds to 10 minutes. Everything open is
    /// held in memory, about 8 KiB a call: for 10,000 events a second take 0.01. Default: 1.0.
    pub pace: f64,
    /// What happens how often.
    pub shares: Shares,
    /// How bad the feed is.
    pub trouble: Trouble,
    /// Whether calls carry `observed_time`, the feed's own clock. Default: no, so that the receiver's clock counts.
    pub observed: bool,
    /// The number of the first call: a feed goes on where an earlier one of the same start ended. Default: 0.
    pub first_call: u64,
}

impl Settings {
    /// The default with this many events a second; zero counts as one.
    #[must_use]
    pub fn per_second(events: u32) -> Self {
        Self { gap: Duration::from_secs(1) / events.max(1), ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            agency: crate::city().slug.to_owned(),
            start: Timestamp::constant(1_780_315_200, 0),
            gap: Duration::from_secs(1),
            pace: 1.0,
            shares: Shares::default(),
            trouble: Trouble::default(),
            observed: false,
            first_call: 0,
        }
    }
}

/// Relative weights of the groups of calls. The default makes about one call in fifteen publishable; real feeds
/// measured 2 to 14 in a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Calls of the eight public categories.
    pub public: u32,
    /// Calls of the classes that are never published, some with a category's words in them.
    pub never: u32,
    /// Calls that look like a category and are none: fireworks, alarms, recovered vehicles.
    pub trap: u32,
    /// The mass of other calls.
    pub plain: u32,
}

impl Default for Shares {
    fn default() -> Self {
        Self { public: 8, never: 24, trap: 13, plain: 55 }
    }
}

/// What goes wrong in a feed, each in calls per thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Opened under another type than the right one, where the kind of call knows such a type.
    pub retyped: u32,
    /// Type changed to another and back: A→B→A.
    pub reverted: u32,
    /// One state arrives after the next one. Only in calls whose source orders its states.
    pub late: u32,
    /// One state arrives a second time, byte for byte.
    pub repeated: u32,
    /// Closed, then active again.
    pub reopened: u32,
    /// Corrected to another address while open.
    pub moved: u32,
    /// Without a usable position: none, zero, minus one, swapped.
    pub unplaced: u32,
    /// First seen 3 to 48 hours after it was received.
    pub cold: u32,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            retyped: 250,
            reverted: 12,
            late: 20,
            repeated: 30,
            reopened: 6,
            moved: 15,
            unplaced: 60,
            cold: 20,
        }
    }
}

impl Trouble {
    /// A feed without any.
    pub const NONE: Self =
        Self { retyped: 0, reverted: 0, late: 0, repeated: 0, reopened: 0, moved: 0, unplaced: 0, cold: 0 };
}
