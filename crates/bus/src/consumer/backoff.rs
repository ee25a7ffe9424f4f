//! Growing pauses, with jitter so that many do not come back at once.

use std::time::Duration;

use rand::RngExt as _;

/// The first pause.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause: how late a message is at most once what it waited for is back.
const LONGEST: Duration = Duration::from_secs(10);

/// The pause after the given attempt, counted from 1: doubled with each, half of it random.
pub(crate) fn pause(attempt: u64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_longest_and_stays_within_half() {
        for (attempt, full) in [(0, 100), (1, 100), (2, 200), (5, 1_600), (8, 10_000), (u64::MAX, 10_000)] {
            let full = Duration::from_millis(full);
            for _ in 0..50 {
                let pause = pause(attempt);
                assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
            }
        }
    }

    #[test]
    fn differs_from_one_to_the_next() {
        let pauses: std::collections::HashSet<_> = (0..20).map(|_| pause(9)).collect();
        assert!(pauses.len() > 1);
    }
}
