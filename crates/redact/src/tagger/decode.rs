//! The likeliest labels (Viterbi, 1967).

use wide::i16x8;

use crate::tagger::label::{LABELS, OUTSIDE};
use crate::tagger::model::NEVER;
use crate::tagger::row::{HALF, Row, label_of, place_of};

/// An item counts as outside for sure if every other label is behind by so much on the item's own account. Neighbours can make up
/// for more, and hardly ever do: the scores of all sets of notes are the same without this.
const SURE: i16 = 9 * 16;

/// A label that is behind the best by so much is not followed to what begins; likewise measured.
const NEAR: i16 = 6 * 16;

/// What a label adds to those of the next item.
pub(crate) struct Steps {
    /// What each label, by the number of its place in a row of halves, adds to outside and to what begins a span.
    begin: [i16x8; 2 * HALF],
    /// What the beginning of a span adds to its going on.
    begun: i16x8,
    /// What its going on adds to that.
    gone_on: i16x8,
}

impl Steps {
    /// Sorts the numbers for each label after each other label.
    pub(crate) fn new(steps: &[[i16; LABELS]; LABELS]) -> Self {
        let mut begin = [i16x8::splat(NEVER); 2 * HALF];
        let [mut begun, mut gone_on] = [[NEVER; HALF]; 2];
        for (last, step) in steps.iter().enumerate() {
            begin[place_of(last)] = Row::new(*step).begin;
        }
        for kind in 1..HALF {
            let on = kind + HALF - 1;
            begun[kind] = steps[kind][on];
            gone_on[kind] = steps[on][on];
        }
        Self { begin, begun: i16x8::new(begun), gone_on: i16x8::new(gone_on) }
    }

    /// The best way to each label of the next item, and the place of the label that it comes from.
    #[inline]
    fn step(&self, reached: Row) -> (Row, [i16x8; 2]) {
        let mut best = i16x8::splat(i16::MIN);
        let mut from = i16x8::ZERO;
        let halves = [reached.begin.to_array(), reached.go_on.to_array()];
        // Few labels are near enough to the best to lead on.
        let near = i16x8::splat(-NEAR);
        let alive =
            reached.begin.simd_gt(near).to_bitmask() | reached.go_on.simd_gt(near).to_bitmask() << HALF;
        let mut rest = alive & ((1 << (2 * HALF)) - 1);
        while rest != 0 {
            let place = rest.trailing_zeros() as usize % (2 * HALF);
            rest &= rest - 1;
            let way = self.begin[place].saturating_add(i16x8::splat(halves.as_flattened()[place]));
            from = way.simd_gt(best).select(i16x8::splat(PLACES[place]), from);
            best = best.max(way);
        }
        let begun = self.begun.saturating_add(reached.begin);
        let gone_on = self.gone_on.saturating_add(reached.go_on);
        // The place of the same kind, in the first half or in the second.
        let kinds = i16x8::new([0, 1, 2, 3, 4, 5, 6, 7]);
        let on = gone_on.simd_gt(begun).select(kinds + i16x8::splat(HALF_STEP), kinds);
        (Row { begin: best, go_on: begun.max(gone_on) }, [from, on])
    }
}

#[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "it is eight")]
const HALF_STEP: i16 = HALF as i16;

/// The numbers of the places of a row.
const PLACES: [i16; 2 * HALF] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// What is reached where the last item is outside for sure.
const AT_OUTSIDE: Row = Row {
    begin: i16x8::new([0, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER]),
    go_on: i16x8::new([NEVER; HALF]),
};

/// All places of a half but the first.
const NOT_OUTSIDE: i16x8 = i16x8::new([0, -1, -1, -1, -1, -1, -1, -1]);

/// The labels of the best path through `scores`. `back` is working memory.
pub(crate) fn decode(steps: &Steps, scores: &[Row], back: &mut Vec<[i16x8; 2]>, labels: &mut Vec<u8>) {
    labels.clear();
    back.clear();
    let mut reached = AT_OUTSIDE;
    // Whether the last item is outside for sure, as what lies before the text is.
    let mut was_sure = true;
    for score in scores {
        let own = score.begin.to_array()[OUTSIDE];
        let others = score.begin.max(score.go_on) & NOT_OUTSIDE | i16x8::splat(NEVER) & !NOT_OUTSIDE;
        let is_sure = own.saturating_sub(others.reduce_max()) > SURE;
        if is_sure && was_sure {
            back.push([i16x8::ZERO; 2]);
            continue;
        }
        let (best, from) = steps.step(reached);
        back.push(from);
        reached = if is_sure {
            AT_OUTSIDE
        } else {
            let sum = best.saturating_add(*score);
            // Only differences matter: what is far behind the best stays far behind.
            sum.less(sum.max())
        };
        was_sure = is_sure;
    }
    let halves = [reached.begin.to_array(), reached.go_on.to_array()];
    let best =
        (0_usize..).zip(halves.as_flattened()).max_by_key(|(place, score)| (**score, usize::MAX - place));
    let mut place = best.map_or(0, |(place, _)| place);
    for from in back.iter().rev() {
        labels.push(u8::try_from(label_of(place)).unwrap_or(0));
        let half = from[place / HALF].to_array();
        place = usize::try_from(half[place % HALF]).unwrap_or(0);
    }
    labels.reverse();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SpanType;
    use crate::tagger::label::{label, may_follow};

    fn labels(scores: &[[i16; LABELS]]) -> Vec<usize> {
        let free = |last, label| if may_follow(label, last) { 0 } else { NEVER };
        let steps = Steps::new(&std::array::from_fn(|last| std::array::from_fn(|label| free(last, label))));
        let rows: Vec<Row> = scores.iter().map(|row| Row::new(*row)).collect();
        let mut labels = Vec::new();
        decode(&steps, &rows, &mut Vec::new(), &mut labels);
        labels.into_iter().map(usize::from).collect()
    }

    fn scores(of: &[(usize, i16)]) -> [i16; LABELS] {
        let mut row = [0; LABELS];
        for (label, score) in of {
            row[*label] = *score;
        }
        row
    }

    #[test]
    fn the_best_allowed_path_is_found() {
        let begin = label(SpanType::Name, true).unwrap();
        let go_on = label(SpanType::Name, false).unwrap();
        let other = label(SpanType::Plate, false).unwrap();
        assert!(labels(&[]).is_empty());
        // Alone, nothing can go on.
        assert_eq!(labels(&[scores(&[(go_on, 90)])]), [0]);
        let three = [scores(&[(begin, 20)]), scores(&[(go_on, 20), (other, 30)]), scores(&[(OUTSIDE, 5)])];
        assert_eq!(labels(&three), [begin, go_on, OUTSIDE]);
        // What goes on pays for a beginning that is unlikely by itself.
        let two = [scores(&[(OUTSIDE, 30)]), scores(&[(go_on, 40)])];
        assert_eq!(labels(&two), [begin, go_on]);
    }

    #[test]
    fn what_is_surely_outside_parts_the_text() {
        let begin = label(SpanType::Name, true).unwrap();
        let sure = scores(&[(OUTSIDE, SURE + 1)]);
        let name = scores(&[(begin, 20)]);
        let path = labels(&[sure, sure, name, sure, sure, name, sure]);
        assert_eq!(path, [0, 0, begin, 0, 0, begin, 0]);
    }
}
