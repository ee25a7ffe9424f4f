//! Points in time.

use super::Invalid;

/// A point in time, in microseconds since 1970-01-01 UTC: what both stores keep without rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 1970-01-01 to 2200-01-01, so that sums of a time and a duration stay far from overflow.
const MICROSECONDS_MAX: i64 = 7_258_118_400_000_000;

impl Timestamp {
    /// A time from microseconds since 1970-01-01 UTC; `None` outside the years 1970 to 2199.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (0..=MICROSECONDS_MAX).contains(&micros).then_some(Self(micros))
    }

    /// Now, by the machine's clock.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(MICROSECONDS_MAX).min(MICROSECONDS_MAX))
    }

    /// Microseconds since 1970-01-01 UTC.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// This time and `seconds` more (or fewer), held within the range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)).clamp(0, MICROSECONDS_MAX))
    }

    /// Seconds from `earlier` to this time, rounded down; negative if this time is before it.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    /// This time, floored to a multiple of `minutes` (1 to 60) since the epoch. UTC offsets are multiples of 15
    /// minutes, so that a quarter of an hour is one in local time as well.
    #[must_use]
    pub fn floor_minutes(self, minutes: i64) -> Self {
        let step = minutes.clamp(1, 60) * 60_000_000;
        Self(self.0.div_euclid(step) * step)
    }

    /// The message form.
    pub fn to_proto(self) -> prost_types::Timestamp {
        prost_types::Timestamp {
            seconds: self.0.div_euclid(1_000_000),
            nanos: i32::try_from(self.0.rem_euclid(1_000_000) * 1_000).unwrap_or_default(),
        }
    }

    /// Parses the message form, rounding down to microseconds.
    ///
    /// # Errors
    /// If it lies outside the years 1970 to 2199 or its nanoseconds are out of range.
    pub fn parse(field: &'static str, time: &prost_types::Timestamp) -> Result<Self, Invalid> {
        let error = || Invalid::new(field, "expected a time in the years 1970 to 2199");
        if !(0..1_000_000_000).contains(&time.nanos) {
            return Err(error());
        }
        let micros = time.seconds.checked_mul(1_000_000).ok_or_else(error)?;
        Self::from_micros(micros + i64::from(time.nanos / 1_000)).ok_or_else(error)
    }

    /// Parses a required field.
    ///
    /// # Errors
    /// As [`Timestamp::parse`], and if it is absent.
    pub fn required(field: &'static str, time: Option<&prost_types::Timestamp>) -> Result<Self, Invalid> {
        Self::parse(field, time.ok_or(Invalid::new(field, "missing"))?)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_message_form_round_trips(micros in 0..=super::MICROSECONDS_MAX) {
            let time = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(Timestamp::parse("t", &time.to_proto()).unwrap(), time);
        }

        #[test]
        fn parsing_never_panics(seconds: i64, nanos: i32) {
            let _ = Timestamp::parse("t", &prost_types::Timestamp { seconds, nanos });
        }
    }

    #[test]
    fn floors_to_the_quarter_of_an_hour() {
        let time = Timestamp::from_micros(1_000_000 * (3_600 + 29 * 60 + 59)).unwrap();
        assert_eq!(time.floor_minutes(15), Timestamp::from_micros(1_000_000 * (3_600 + 15 * 60)).unwrap());
    }
}
