//! A number for each label.

use std::ops::AddAssign;

use wide::{i8x16, i16x8};

use crate::tagger::label::LABELS;

/// Places of a half: outside and what begins a span in the first, what goes on in the second at the same places.
pub(crate) const HALF: usize = 8;

/// What one unit of a natural logarithm of odds is in a row.
pub(crate) const UNIT: f32 = 16.0;

/// A score for each label, in sixteenths of a natural logarithm of odds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Row {
    /// Outside, then the labels that begin a span.
    pub(crate) begin: i16x8,
    /// Nothing, then the labels that go on with one.
    pub(crate) go_on: i16x8,
}

impl Row {
    pub(crate) const ZERO: Self = Self { begin: i16x8::ZERO, go_on: i16x8::ZERO };

    /// A row from the numbers of the labels in order.
    pub(crate) fn new(numbers: [i16; LABELS]) -> Self {
        let [mut begin, mut go_on] = [[0; HALF]; 2];
        begin.copy_from_slice(&numbers[..HALF]);
        go_on[1..].copy_from_slice(&numbers[HALF..]);
        Self { begin: i16x8::new(begin), go_on: i16x8::new(go_on) }
    }

    pub(crate) fn saturating_add(self, other: Self) -> Self {
        Self { begin: self.begin.saturating_add(other.begin), go_on: self.go_on.saturating_add(other.go_on) }
    }

    /// The row less a number at every place.
    pub(crate) fn less(self, number: i16) -> Self {
        let number = i16x8::splat(number);
        Self { begin: self.begin.saturating_sub(number), go_on: self.go_on.saturating_sub(number) }
    }

    /// The greatest number, also where no label is.
    pub(crate) fn max(self) -> i16 {
        self.begin.max(self.go_on).reduce_max()
    }
}

/// Weights, and sums of them: small, since what a note asks for lies all over the tables. Places are those of a [`Row`]. A
/// sum stops at the ends of the range, eight either way, which so few reach that the spans stay the same.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Weights(i8x16);

impl Weights {
    pub(crate) const ZERO: Self = Self(i8x16::ZERO);

    /// The weights of the labels in order, in natural logarithms of odds.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float that is too great becomes the greatest number"
    )]
    pub(crate) fn new(numbers: [f32; LABELS]) -> Self {
        let mut weights = [0; 2 * HALF];
        for (label, number) in numbers.into_iter().enumerate() {
            weights[place_of(label)] = (number * UNIT).round() as i8;
        }
        Self(i8x16::new(weights))
    }

    /// The same numbers as a row.
    pub(crate) fn row(self) -> Row {
        let numbers = self.0.to_array();
        let half = |from: usize| i16x8::new(std::array::from_fn(|place| i16::from(numbers[from + place])));
        Row { begin: half(0), go_on: half(HALF) }
    }
}

impl AddAssign for Weights {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

/// The place of a label in a row, whose second half begins with nothing.
pub(crate) const fn place_of(label: usize) -> usize {
    if label < HALF { label } else { label + 1 }
}

/// The label of a place.
pub(crate) const fn label_of(place: usize) -> usize {
    if place < HALF { place } else { place - 1 }
}
