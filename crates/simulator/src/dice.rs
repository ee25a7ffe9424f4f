//! Randomness that is the same everywhere: ChaCha8 and whole-number arithmetic only.
//!
//! `rand`'s own distributions may change their output between releases, and logarithms differ between platforms in
//! their last bit, so neither is used.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one call: what they show depends on the seed and the call's number alone.
    pub(crate) fn of_call(seed: u64, call: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&call.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number below `end`; 0 if `end` is 0. The bias of the multiplication is below 2⁻¹⁶ for every range used here.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(end);
        u32::try_from(product >> 32).unwrap_or_default()
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// Whether something happens that happens `permille` times in a thousand.
    pub(crate) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of some things, each as likely as the other. The slice must not be empty.
    pub(crate) fn choose<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let count = u32::try_from(things.len()).unwrap_or(u32::MAX);
        &things[self.below(count) as usize]
    }

    /// The same, as a value.
    pub(crate) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        *self.choose(things)
    }

    /// The index of one of some weights; the last one if all are 0.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, &weight) in weights.iter().enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }

    /// A factor in thousandths with mean 1000, distributed like the gaps of independent arrivals: the sixteen
    /// mid-quantiles of the exponential distribution, -ln(1 - (i + 1/2) / 16), scaled to that mean.
    pub(crate) fn gap_factor(&mut self) -> u64 {
        const QUANTILES: [u64; 16] =
            [32, 101, 174, 252, 337, 430, 533, 646, 774, 921, 1091, 1296, 1553, 1897, 2419, 3542];
        self.pick(&QUANTILES)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stay_in_their_ranges() {
        let mut dice = Dice::of_call(1, 2);
        for _ in 0..10_000 {
            assert!(dice.below(7) < 7);
            assert!((3..=5).contains(&dice.between(3, 5)));
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.weighted(&[0, 0, 0]), 2);
        assert_eq!(dice.weighted(&[0, 4, 0]), 1);
    }

    #[test]
    fn gaps_have_the_mean_that_is_promised() {
        let mut dice = Dice::of_call(1, 2);
        let sum: u64 = (0..100_000).map(|_| dice.gap_factor()).sum();
        assert!((98_000_000..=102_000_000).contains(&sum), "mean of {} thousandths", sum / 100_000);
    }
}
