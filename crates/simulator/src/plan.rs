//! Through which states a call goes, decided before a word of it is written.

use crate::dice::Dice;
use crate::gold::{Because, Expected, Status};
use crate::kinds::{Book, Group, Kind};
use crate::settings::Settings;

/// One step of a call at its source; each makes a new state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Open,
    Notes,
    /// To the kind of this index.
    Retype(usize),
    Move,
    Close(End),
    Reopen,
}

/// How a call may end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Handled,
    Report,
    Gone,
    Unfounded,
    Cancelled,
    Duplicate,
}

impl End {
    /// Ends with their weights: for most calls, and for shots fired, of which most end with nothing found.
    const ALL: [(Self, u32, u32); 6] = [
        (Self::Handled, 45, 25),
        (Self::Report, 26, 15),
        (Self::Gone, 11, 40),
        (Self::Unfounded, 8, 12),
        (Self::Cancelled, 6, 3),
        (Self::Duplicate, 4, 5),
    ];

    fn random(dice: &mut Dice, shots: bool) -> Self {
        let weights = Self::ALL.map(|(_, most, of_shots)| if shots { of_shots } else { most });
        Self::ALL[dice.weighted(&weights)].0
    }

    /// The status that an end gives, where it changes what the call is.
    pub(crate) fn status(self) -> Option<Status> {
        match self {
            Self::Unfounded => Some(Status::Unfounded),
            Self::Cancelled => Some(Status::Cancelled),
            Self::Duplicate => Some(Status::Duplicate),
            Self::Handled | Self::Report | Self::Gone => None,
        }
    }

    /// Codes and words in which the agency writes this end; a code may be empty.
    pub(crate) fn dispositions(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Handled => {
                &[("ADV", "ADVISED"), ("ARR", "ARREST MADE"), ("AST", "ASSISTANCE GIVEN"), ("", "CLEARED")]
            }
            Self::Report => &[("RPT", "REPORT TAKEN"), ("R", "REPORT WRITTEN")],
            Self::Gone => {
                &[("GOA", "GONE ON ARRIVAL"), ("UTL", "UNABLE TO LOCATE"), ("AQT", "ALL QUIET ON ARRIVAL")]
            }
            Self::Unfounded => &[("UNF", "UNFOUNDED"), ("", "UNFOUNDED")],
            Self::Cancelled => &[("CAN", "CANCELLED"), ("CNL", "CANCELLED BY CALLER")],
            Self::Duplicate => &[("DUP", "DUPLICATE"), ("DUP", "DUPLICATE CALL")],
        }
    }
}

/// By what a source orders the states of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// A count of versions, and the time of the change.
    VersionAndTime,
    /// The time of the change.
    Time,
    /// Nothing: the order of arrival.
    Arrival,
}

/// What stands where the position should.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Good,
    Missing,
    Zero,
    MinusOne,
    /// Longitude first.
    Swapped,
}

/// What is going to happen.
pub(crate) struct Plan {
    /// The kind that it is in truth, by index in the book.
    pub(crate) kind: usize,
    /// The kind under which it is opened.
    pub(crate) opened_as: usize,
    /// A report of something long past.
    pub(crate) past: bool,
    /// First seen hours after it was received.
    pub(crate) cold: bool,
    pub(crate) order: Order,
    pub(crate) position: Position,
    pub(crate) steps: Vec<Step>,
    /// The step whose state arrives after the next one's.
    pub(crate) late: Option<usize>,
    /// The step whose state arrives twice.
    pub(crate) repeated: Option<usize>,
}

impl Plan {
    pub(crate) fn random(dice: &mut Dice, book: &Book, settings: &Settings) -> Self {
        let trouble = &settings.trouble;
        let shares = &settings.shares;
        let group = dice.weighted(&[shares.public, shares.never, shares.trap, shares.plain]);
        let kind = dice.weighted(&book.weights[group]);
        let others = &book.opened_as[kind];
        let past = !book.kinds[kind].past.is_empty() && dice.chance(140);
        // A report of something long past is typed as one from the beginning.
        let retyped = !others.is_empty() && !past && dice.chance(trouble.retyped);
        let opened_as = if retyped { dice.pick(others) } else { kind };
        let mut steps = Vec::with_capacity(8);
        steps.push(Step::Open);
        for _ in 0..dice.weighted(&[35, 40, 25]) {
            steps.push(Step::Notes);
        }
        if dice.chance(trouble.moved) {
            steps.push(Step::Move);
        }
        if retyped {
            steps
                .insert(1 + dice.below(u32::try_from(steps.len()).unwrap_or(1)) as usize, Step::Retype(kind));
        }
        if !others.is_empty() && !past && dice.chance(trouble.reverted) {
            steps.extend([Step::Retype(dice.pick(others)), Step::Retype(kind)]);
        }
        if dice.chance(700) {
            steps.push(Step::Close(End::random(dice, book.kinds[kind].name == "shots_fired")));
            if dice.chance(trouble.reopened) {
                steps.push(Step::Reopen);
            }
        }
        Self::with_arrivals(dice, book, settings, (kind, opened_as, past), steps)
    }

    fn with_arrivals(
        dice: &mut Dice,
        book: &Book,
        settings: &Settings,
        (kind, opened_as, past): (usize, usize, bool),
        steps: Vec<Step>,
    ) -> Self {
        let trouble = &settings.trouble;
        let order = [Order::VersionAndTime, Order::Time, Order::Arrival][dice.weighted(&[60, 30, 10])];
        let count = u32::try_from(steps.len()).unwrap_or(1);
        let late = (order != Order::Arrival && count > 1 && dice.chance(trouble.late))
            .then(|| dice.below(count - 1) as usize);
        let repeated = (late.is_none() && dice.chance(trouble.repeated)).then(|| dice.below(count) as usize);
        let position = if dice.chance(trouble.unplaced) {
            dice.pick(&[
                Position::Missing,
                Position::Missing,
                Position::Zero,
                Position::MinusOne,
                Position::Swapped,
            ])
        } else {
            Position::Good
        };
        let cold = book.kinds[kind].group != Group::Never && dice.chance(trouble.cold);
        Self { kind, opened_as, past, cold, order, position, steps, late, repeated }
    }

    /// What is right to do with a state of this kind, ended so, and why.
    pub(crate) fn expected(&self, kind: &Kind, end: Option<End>) -> (Expected, Because) {
        if !kind.sensitive.is_empty() {
            (Expected::Suppress, Because::NeverPublished)
        } else if end.and_then(End::status).is_some() {
            (Expected::Suppress, Because::Ended)
        } else if kind.unclear {
            (Expected::Hold, Because::UnclearType)
        } else if kind.category.is_none() {
            (Expected::Suppress, Because::NoCategory)
        } else if self.past {
            (Expected::Suppress, Because::ReportOnly)
        } else if self.cold {
            (Expected::Suppress, Because::Cold)
        } else if self.position != Position::Good {
            (Expected::Hold, Because::NoPlace)
        } else {
            (Expected::Publish, Because::Publishable)
        }
    }
}
