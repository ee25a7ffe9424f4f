//! One call from its opening to its end, as the events that a feed makes of it.

use std::sync::Arc;

use callbox_proto_raw::cad::v1::{Call, Location, Note};

use crate::arrivals::{arrivals, clock, timestamp};
use crate::city::Address;
use crate::dice::Dice;
use crate::gold::{Change, Gold, Sensitive, Span, Status};
use crate::identifiers::digits;
use crate::kinds::{Book, CallType, Kind, book};
use crate::narrative::{Hand, Writer};
use crate::people::{Cast, written};
use crate::plan::{End, Order, Plan, Position, Step};
use crate::settings::Settings;
use crate::slots;
use crate::stream::Event;

/// The dispatch system's clock keeps standard time, UTC-6, the whole year, as some do.
const ZONE_SECONDS: i64 = -6 * 3600;

pub(crate) struct Story<'s> {
    settings: &'s Settings,
    book: &'static Book,
    number: u64,
    dice: Dice,
    cast: Cast,
    plan: Plan,
    hand: Hand,
    /// Whether the caller speaks Spanish.
    spanish: bool,
    kind: usize,
    end: Option<End>,
    call: Call,
    notes: Vec<Arc<[Span]>>,
    exact_address: bool,
    request_ids: bool,
}

impl<'s> Story<'s> {
    pub(crate) fn new(seed: u64, number: u64, settings: &'s Settings) -> Self {
        let mut dice = Dice::of_call(seed, number);
        let book = book();
        let plan = Plan::random(&mut dice, book, settings);
        let children = book.kinds[plan.kind].sensitive.contains(&Sensitive::Juvenile);
        let cast = Cast::random(&mut dice, children);
        let hand = Hand::random(&mut dice);
        let spanish = dice.chance(60) && !book.kinds[plan.opened_as].spanish.is_empty() && !plan.past;
        let call = Call {
            agency: settings.agency.clone(),
            source_id: written(24, |out| source_id(out, settings.start.as_second(), number)),
            ..Call::default()
        };
        Self {
            settings,
            book,
            number,
            kind: plan.opened_as,
            cast,
            plan,
            hand,
            spanish,
            end: None,
            call,
            notes: Vec::with_capacity(6),
            exact_address: false,
            request_ids: dice.chance(300),
            dice,
        }
    }

    /// The events of this call, which is opened `opened_at` milliseconds after the start, in the order of arrival.
    pub(crate) fn events(mut self, opened_at: u64) -> Vec<Event> {
        let steps = std::mem::take(&mut self.plan.steps);
        let mut states = Vec::with_capacity(steps.len());
        let mut at = opened_at;
        for (index, step) in steps.into_iter().enumerate() {
            if index > 0 {
                at += self.wait();
            }
            states.push(self.state(index, step, at));
        }
        arrivals(self.settings, &self.plan, states)
    }

    /// From one state to the next: 20 seconds to 10 minutes, more often short, at the settings' pace.
    fn wait(&mut self) -> u64 {
        let millis = self.dice.between(20_000, 600_000).min(self.dice.between(20_000, 600_000));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float out of range saturates"
        )]
        let paced = (f64::from(millis) * self.settings.pace) as u64;
        // A year is longer than any call; the clock then never leaves the range of a timestamp.
        paced.clamp(1, 31_536_000_000)
    }

    fn state(&mut self, index: usize, step: Step, at: u64) -> Event {
        let change = match step {
            Step::Open => {
                self.open(at);
                Change::Opened
            }
            Step::Notes => {
                ["ENROUTE", "ON SCENE"][usize::from(index > 1)].clone_into(&mut self.call.status);
                Change::Notes
            }
            Step::Retype(kind) => {
                self.kind = kind;
                self.set_type();
                Change::Retyped
            }
            Step::Move => {
                self.cast.place = Address::random(&mut self.dice);
                self.set_location();
                Change::Moved
            }
            Step::Close(end) => {
                self.end = Some(end);
                "CLOSED".clone_into(&mut self.call.status);
                let (code, words) = self.dice.pick(end.dispositions());
                code.clone_into(&mut self.call.disposition_code);
                words.clone_into(&mut self.call.disposition_description);
                Change::Closed
            }
            Step::Reopen => {
                self.end = None;
                "ON SCENE".clone_into(&mut self.call.status);
                self.call.disposition_code.clear();
                self.call.disposition_description.clear();
                Change::Reopened
            }
        };
        self.note(step, at);
        self.stamp(index, at);
        self.event(index, change, at)
    }

    fn open(&mut self, at: u64) {
        let received_before = if self.plan.cold {
            u64::from(self.dice.between(3 * 3600, 48 * 3600)) * 1000
        } else {
            u64::from(self.dice.between(5, 90)) * 1000
        };
        let received = clock(self.settings, at) - i64::try_from(received_before).unwrap_or_default();
        self.call.received_time = Some(timestamp(received));
        self.dice.pick(&["RECEIVED", "DISPATCHED"]).clone_into(&mut self.call.status);
        self.call.units.push(written(4, |out| slots::unit(out, self.dice.bits())));
        self.set_type();
        // Two of three agencies keep the type under which a call was opened.
        if self.dice.chance(667) {
            self.call.initial_type_code = self.call.type_code.clone();
            self.call.initial_type_description = self.call.type_description.clone();
        }
        self.set_location();
    }

    fn set_type(&mut self) {
        let kind = self.kind();
        let types = if self.plan.past { &kind.cold_types } else { &kind.types };
        let CallType { code, description } = *self.dice.choose(types);
        self.call.priority = kind.priority.to_string();
        code.clone_into(&mut self.call.type_code);
        description.clone_into(&mut self.call.type_description);
        match self.dice.below(16) {
            0 => self.call.type_description = description.to_lowercase(),
            1 => self.call.type_description.push_str("  "),
            _ => {}
        }
    }

    fn set_location(&mut self) {
        let place = self.cast.place;
        let (mut latitude, mut longitude) = slots::coordinates(&place);
        if self.dice.chance(300) {
            // A telephone's position: within about 60 metres.
            latitude = crate::city::degrees(place.latitude + jitter(&mut self.dice));
            longitude = crate::city::degrees(place.longitude + jitter(&mut self.dice));
        }
        let position = match self.plan.position {
            Position::Good => Some((latitude, longitude)),
            Position::Missing => None,
            Position::Zero => Some((0.0, 0.0)),
            Position::MinusOne => Some((-1.0, -1.0)),
            Position::Swapped => Some((longitude, latitude)),
        };
        let form = self.dice.weighted(&[60, 25, 15]);
        self.exact_address = form == 0;
        let address = written(32, |out| match form {
            0 => crate::people::house(out, &place),
            1 => slots::block(out, &place),
            _ => slots::cross(out, &place, 0),
        });
        self.call.location = Some(Location {
            latitude: position.map(|it| it.0),
            longitude: position.map(|it| it.1),
            address: address.to_uppercase(),
            unit: match place.flat {
                Some((floor, letter)) if form == 0 => {
                    format!("{floor}{}", char::from(b"ABCDEF"[letter as usize]))
                }
                _ => String::new(),
            },
            cross_street: place.cross_street().to_uppercase(),
            premises: if self.dice.chance(200) { self.cast.business.to_owned() } else { String::new() },
            beat: place.neighbourhood().name.chars().take(1).chain(['4']).collect(),
        });
    }

    /// Writes the note that belongs to a step, and brings the structured part of the record up to it.
    fn note(&mut self, step: Step, at: u64) {
        if step != Step::Open && self.dice.chance(300) {
            self.hand = Hand::random(&mut self.dice);
        }
        let local = clock(self.settings, at).div_euclid(1000) + ZONE_SECONDS;
        let local = u32::try_from(local.rem_euclid(86_400)).unwrap_or_default();
        let (kind, common) = (&self.book.kinds[self.kind], &self.book.common);
        let (past, spanish, cast) = (self.plan.past, self.spanish, &mut self.cast);
        let named = (cast.people_named, cast.vehicle_named);
        let mut writer = Writer::new(&mut self.dice, self.hand, local);
        match step {
            Step::Open if spanish => {
                writer.sentence(&kind.spanish, cast);
                writer.sentence_sometimes(700, &common.spanish_contact, cast);
            }
            Step::Open => {
                writer.keys(common, cast);
                writer.sentence(if past { &kind.past } else { &kind.open }, cast);
                writer.sentence_sometimes(350, &kind.more, cast);
                writer.sentence_sometimes(300, &common.place, cast);
                writer.sentence_sometimes(if kind.on_view { 0 } else { 550 }, &common.contact, cast);
            }
            Step::Notes => {
                writer.sentence_sometimes(500, &kind.more, cast);
                writer.sentence_sometimes(250, &common.suspect, cast);
                writer.sentence_sometimes(200, &common.record, cast);
                writer.sentence(&common.update, cast);
            }
            // A retyped call never goes to a kind of the past.
            Step::Retype(_) => {
                writer.sentence(&kind.open, cast);
                writer.sentence_sometimes(300, &kind.more, cast);
            }
            Step::Move | Step::Reopen => writer.sentence(&common.update, cast),
            Step::Close(end) => writer.sentence(ending(common, end), cast),
        }
        let (text, spans) = writer.finish();
        let author = self.hand.operator.to_string();
        self.call.notes.push(Note { written_time: Some(timestamp(clock(self.settings, at))), author, text });
        self.notes.push(spans);
        if named != (self.cast.people_named, self.cast.vehicle_named) {
            self.call.persons = self.cast.person_records();
            self.call.vehicles = self.cast.vehicle_records();
        }
    }

    fn stamp(&mut self, index: usize, at: u64) {
        if self.plan.order == Order::VersionAndTime {
            self.call.source_version = Some(index as u64 + 1);
        }
        if self.plan.order != Order::Arrival {
            self.call.updated_time = Some(timestamp(clock(self.settings, at)));
        }
    }

    fn event(&self, index: usize, change: Change, at: u64) -> Event {
        let (kind, status) = (self.kind(), self.status());
        let (expected, because) = self.plan.expected(kind, self.end);
        let gold = Gold {
            call: self.number,
            state: u32::try_from(index).unwrap_or(u32::MAX),
            kind: kind.name,
            change,
            category: kind.category,
            sensitive: &kind.sensitive,
            status,
            expected,
            because,
            stale: false,
            last: false,
            final_expected: expected,
            final_status: status,
            exact_address: self.exact_address,
            notes: self.notes.clone(),
        };
        let request_id = self.request_ids.then(|| format!("{}.{index}", self.call.source_id));
        Event { at, submission: self.call.clone(), request_id, gold }
    }

    fn status(&self) -> Status {
        if self.kind().sensitive.contains(&Sensitive::Test) {
            return Status::Test;
        }
        let ended = self.end.and_then(End::status);
        ended.unwrap_or(if self.plan.past { Status::ReportOnly } else { Status::Active })
    }

    fn kind(&self) -> &'static Kind {
        &self.book.kinds[self.kind]
    }
}

fn ending(common: &'static crate::kinds::Common, end: End) -> &'static [crate::phrasebook::Template] {
    match end {
        End::Handled => &common.handled,
        End::Report => &common.report,
        End::Gone => &common.gone,
        End::Unfounded => &common.unfounded,
        End::Cancelled => &common.cancelled,
        End::Duplicate => &common.duplicate,
    }
}

fn jitter(dice: &mut Dice) -> i32 {
    i32::try_from(dice.below(1001)).unwrap_or_default() - 500
}

/// The start in base 36, so that feeds of different starts never collide, then the call's number.
fn source_id(out: &mut String, start_seconds: i64, number: u64) {
    out.push('V');
    let (mut rest, mut places) = (start_seconds.unsigned_abs(), Vec::with_capacity(8));
    while rest > 0 {
        places.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(rest % 36).unwrap_or_default()]);
        rest /= 36;
    }
    out.extend(places.iter().rev().copied().map(char::from));
    out.push('-');
    digits(out, u32::try_from(number % 1_000_000_000).unwrap_or_default(), 7);
}
