//! A table from keys to numbers that many keys can be asked of side by side.

/// A mark of the key, never zero, and its number.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slot {
    mark: u32,
    number: u32,
}

/// An open-addressing table. Two keys may share a mark; that one is taken for another has a chance of one in a billion.
pub(crate) struct Table {
    slots: Vec<Slot>,
}

impl Table {
    /// A table of the keys, each with its place in their order, from one.
    pub(crate) fn new(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let mut slots = vec![Slot::default(); (2 * keys.len() + 1).next_power_of_two()];
        for (key, number) in keys.zip(1..) {
            let mut at = place(key) & (slots.len() - 1);
            while slots[at].mark != 0 {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = Slot { mark: mark(key), number };
        }
        Self { slots }
    }

    /// The first slot in which a key may stand. Asking for those of all items before any is looked at lets the processor fetch
    /// them side by side.
    #[inline]
    pub(crate) fn first(&self, key: u64) -> Slot {
        self.slots[place(key) & (self.slots.len() - 1)]
    }

    /// The number of a key whose first slot this is; zero if it has none.
    #[inline]
    pub(crate) fn number(&self, key: u64, first: Slot) -> usize {
        let mark = mark(key);
        let (mut at, mut slot) = (place(key), first);
        while slot.mark != mark && slot.mark != 0 {
            at += 1;
            slot = self.slots[at & (self.slots.len() - 1)];
        }
        slot.number as usize
    }
}

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

#[allow(clippy::cast_possible_truncation, reason = "the upper bits are taken")]
fn place(key: u64) -> usize {
    (key.wrapping_mul(ODD) >> 32) as usize
}

#[allow(clippy::cast_possible_truncation, reason = "the lower bits are taken, which `place` takes less of")]
fn mark(key: u64) -> u32 {
    (key.wrapping_mul(ODD) ^ key >> 32) as u32 | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_number_and_others_none() {
        let keys: Vec<u64> = (0..3000).map(|key| key * key * 977).collect();
        let table = Table::new(keys.iter().copied());
        let number = |key| table.number(key, table.first(key));
        assert!(keys.iter().zip(1..).all(|(key, expected)| number(*key) == expected));
        assert!((0..3000_u64).all(|key| number(key * 977 + 5) == 0));
    }
}
