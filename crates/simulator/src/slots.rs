//! What fills the slots of a sentence, and which of it is personal.

use crate::city::{self, Address};
use crate::dice::Dice;
use crate::gold::SpanKind;
use crate::identifiers::{account, digits, ip, licence, plate, ssn, url, vin};
use crate::names;
use crate::narrative::Writer;
use crate::people::{Cast, Person, Role, house};

/// A hole in a sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    Named(Role),
    First,
    Nick,
    Phone,
    Dob,
    Age,
    Ssn,
    Licence,
    Email,
    Condition,
    Drug,
    Home,
    Addr,
    Block,
    Cross,
    Street,
    Gps,
    Ali,
    Ncic,
    Business,
    Park,
    Quarter,
    Vehicle,
    Plate,
    Partial,
    Vin,
    Ip,
    Url,
    Account,
    LastFour,
    Unit,
    Officer,
    Badge,
    Operator,
    Description,
    Direction,
    Item,
    Count,
}

impl Slot {
    /// The slot of this name, as it stands between braces.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "caller" => Self::Named(Role::Caller),
            "victim" => Self::Named(Role::Victim),
            "suspect" => Self::Named(Role::Suspect),
            "witness" => Self::Named(Role::Witness),
            "first" => Self::First,
            "nick" => Self::Nick,
            "phone" => Self::Phone,
            "dob" => Self::Dob,
            "age" => Self::Age,
            "ssn" => Self::Ssn,
            "lic" => Self::Licence,
            "email" => Self::Email,
            "med" => Self::Condition,
            "drug" => Self::Drug,
            "home" => Self::Home,
            "addr" => Self::Addr,
            "block" => Self::Block,
            "cross" => Self::Cross,
            "street" => Self::Street,
            "gps" => Self::Gps,
            "ali" => Self::Ali,
            "ncic" => Self::Ncic,
            "biz" => Self::Business,
            "park" => Self::Park,
            "hood" => Self::Quarter,
            "veh" => Self::Vehicle,
            "plate" => Self::Plate,
            "partial" => Self::Partial,
            "vin" => Self::Vin,
            "ip" => Self::Ip,
            "url" => Self::Url,
            "acct" => Self::Account,
            "last4" => Self::LastFour,
            "unit" => Self::Unit,
            "ofc" => Self::Officer,
            "badge" => Self::Badge,
            "opr" => Self::Operator,
            "desc" => Self::Description,
            "dir" => Self::Direction,
            "item" => Self::Item,
            "count" => Self::Count,
            _ => return None,
        })
    }
}

static DIRECTIONS: &[&str] =
    &["NB", "SB", "EB", "WB", "toward the tracks", "on foot east", "unknown direction"];
static ITEMS: &[&str] =
    &["a laptop", "a purse", "power tools", "a generator", "a wallet", "two rifles", "a phone", "a backpack"];
static COUNTS: &[&str] = &["two", "three", "4", "5 or 6", "8", "about ten", "several"];

/// Writes what belongs into a slot. Numbers belong to the person whom the sentence named last, or to the caller.
pub(crate) fn fill(slot: Slot, writer: &mut Writer<'_>, cast: &mut Cast) {
    if let Slot::Named(role) = slot {
        writer.speaking_of = role;
        cast.people_named[writer.speaking_of as usize] = true;
    }
    if slot == Slot::First {
        cast.people_named[Role::Caller as usize] = true;
    }
    if matches!(slot, Slot::Vehicle | Slot::Plate | Slot::Vin) {
        cast.vehicle_named = true;
    }
    let person = cast.person(writer.speaking_of);
    match slot {
        Slot::Named(_) => writer.mark(SpanKind::Name, |out, dice| name(out, person, dice.below(12))),
        Slot::First => writer.mark(SpanKind::Name, |out, _| out.push_str(cast.person(Role::Caller).given)),
        Slot::Nick => writer.mark(SpanKind::Name, |out, dice| out.push_str(names::nickname(dice))),
        Slot::Phone => writer.mark(SpanKind::Phone, |out, dice| person.phone.write(out, dice)),
        Slot::Dob => writer.mark(SpanKind::Dob, |out, dice| person.birth.write(out, dice)),
        Slot::Age => writer.mark(SpanKind::Age, |out, dice| age(out, person.birth.age(), dice.below(4))),
        Slot::Ssn => writer.mark(SpanKind::Ssn, |out, dice| ssn(out, person.draw, dice.chance(700))),
        Slot::Licence => writer.mark(SpanKind::License, |out, _| licence(out, person.draw)),
        Slot::Email => writer.mark(SpanKind::Email, |out, _| person.email(out)),
        Slot::Condition => writer.mark(SpanKind::Medical, |out, _| out.push_str(person.condition)),
        Slot::Drug => writer.mark(SpanKind::Medical, |out, _| out.push_str(person.drug)),
        Slot::Ncic => record(writer, person),
        Slot::Vin => writer.mark(SpanKind::Vin, |out, _| vin(out, cast.vehicles[0].draw)),
        Slot::Plate => writer.mark(SpanKind::Plate, |out, _| plate(out, cast.vehicles[0].draw)),
        Slot::Partial => writer.mark_optional(SpanKind::Plate, |out, _| partial(out, cast.vehicles[1].draw)),
        Slot::Ip => writer.mark(SpanKind::Ip, ip),
        Slot::Url => writer.mark(SpanKind::Url, url),
        Slot::Account => writer.mark(SpanKind::Account, account),
        Slot::LastFour => number(writer, SpanKind::Account, 1000, 9999),
        Slot::Home => writer.mark(SpanKind::Address, |out, dice| address(out, &person.home, dice.below(4))),
        Slot::Addr => writer.mark(SpanKind::Address, |out, dice| address(out, &cast.place, dice.below(4))),
        Slot::Block => writer.mark_optional(SpanKind::Address, |out, _| block(out, &cast.place)),
        Slot::Cross => {
            writer.mark_optional(SpanKind::Address, |out, dice| cross(out, &cast.place, dice.below(3)));
        }
        Slot::Street => writer.plain(cast.place.cross_street()),
        Slot::Gps => position(writer, &cast.place),
        Slot::Ali => location_of_the_line(writer, cast),
        Slot::Business => writer.plain(cast.business),
        Slot::Park => writer.plain(cast.park),
        Slot::Quarter => writer.plain(cast.place.neighbourhood().name),
        Slot::Vehicle => vehicle(writer, cast),
        Slot::Unit => writer.mark_optional(SpanKind::Officer, |out, dice| unit(out, dice.bits())),
        Slot::Officer => writer.mark(SpanKind::Officer, family_name),
        Slot::Badge => number(writer, SpanKind::Officer, 1000, 9999),
        Slot::Operator => number(writer, SpanKind::Officer, 6000, 6099),
        Slot::Description => description(writer),
        Slot::Direction => writer.plain_of(DIRECTIONS),
        Slot::Item => writer.plain_of(ITEMS),
        Slot::Count => writer.plain_of(COUNTS),
    }
}

fn number(writer: &mut Writer<'_>, kind: SpanKind, first: u32, last: u32) {
    writer.mark(kind, |out, dice| digits(out, dice.between(first, last), 4));
}

fn family_name(out: &mut String, dice: &mut Dice) {
    names::name(dice, out);
}

fn name(out: &mut String, person: &Person, layout: u32) {
    let Person { given, middle, family, .. } = person;
    match layout {
        0..=4 => out.extend([given, " ", family]),
        5 | 6 => person.last_first(out),
        7 => out.extend([family, ", ", given]),
        8 => {
            out.extend([family, "/", given, " "]);
            out.push(*middle);
        }
        9 => out.push_str(given),
        10 => {
            out.extend(given.chars().take(1));
            out.extend([". ", family]);
        }
        _ => {
            out.extend([given, " "]);
            out.push(*middle);
            out.extend([" ", family]);
        }
    }
}

fn age(out: &mut String, years: u32, layout: u32) {
    digits(out, years, 1);
    out.push_str(["", " yo", " YOA", " years old"][layout as usize]);
}

fn partial(out: &mut String, draw: u64) {
    let from = out.len();
    plate(out, draw);
    out.truncate(from + 3);
}

fn address(out: &mut String, address: &Address, layout: u32) {
    house(out, address);
    let Some((floor, letter)) = address.flat else { return };
    out.push_str([" apt ", ", Apt ", " #", " Unit "][layout as usize]);
    digits(out, floor, 1);
    out.push(char::from(b"ABCDEF"[letter as usize]));
}

pub(crate) fn block(out: &mut String, address: &Address) {
    digits(out, address.hundred(), 1);
    out.extend([" block of ", address.street()]);
}

pub(crate) fn cross(out: &mut String, address: &Address, layout: u32) {
    out.extend([address.street(), [" / ", " & ", " and "][layout as usize], address.cross_street()]);
}

fn position(writer: &mut Writer<'_>, place: &Address) {
    let separator = match writer.below(3) {
        0 => ", ",
        1 => " ",
        _ => return labelled_position(writer, place),
    };
    writer.mark(SpanKind::Gps, |out, _| {
        decimal(out, place.latitude);
        out.push_str(separator);
        decimal(out, place.longitude);
    });
}

/// The labels are nobody's: only the numbers are marked.
fn labelled_position(writer: &mut Writer<'_>, place: &Address) {
    for (label, micro) in [("LAT:", place.latitude), (" LON:", place.longitude)] {
        writer.plain(label);
        writer.mark(SpanKind::Gps, |out, _| decimal(out, micro));
    }
}

/// Micro-degrees as decimal degrees.
fn decimal(out: &mut String, micro: i32) {
    out.push_str(if micro < 0 { "-" } else { "" });
    digits(out, micro.unsigned_abs() / 1_000_000, 1);
    out.push('.');
    digits(out, micro.unsigned_abs() % 1_000_000, 6);
}

/// What a records query gives back: name, date of birth, licence.
fn record(writer: &mut Writer<'_>, person: &Person) {
    writer.mark(SpanKind::Name, |out, _| person.last_first(out));
    writer.plain(" DOB/");
    writer.mark(SpanKind::Dob, |out, dice| person.birth.write(out, dice));
    writer.plain(" OLN/");
    writer.mark(SpanKind::License, |out, _| licence(out, person.draw));
}

/// What the telephone network tells of the line: address, class of service, number, position, uncertainty.
fn location_of_the_line(writer: &mut Writer<'_>, cast: &Cast) {
    writer.mark(SpanKind::Address, |out, _| house(out, &cast.place));
    writer.plain(" WPH2 ");
    writer.mark(SpanKind::Phone, |out, dice| cast.person(Role::Caller).phone.write(out, dice));
    writer.plain(" ");
    labelled_position(writer, &cast.place);
    writer.plain(" UNC 12 CONF 90");
}

/// The second mention within a sentence is of the second vehicle.
fn vehicle(writer: &mut Writer<'_>, cast: &Cast) {
    writer.plain(&cast.vehicles[usize::from(writer.vehicle_mentioned)].description);
    writer.vehicle_mentioned = true;
}

pub(crate) fn unit(out: &mut String, draw: u64) {
    out.push(char::from(b'1' + u8::try_from(draw % 6).unwrap_or_default()));
    out.push(char::from(b'A' + u8::try_from((draw >> 8) % 6).unwrap_or_default()));
    digits(out, 10 + u32::try_from((draw >> 16) % 40).unwrap_or_default(), 2);
}

fn description(writer: &mut Writer<'_>) {
    writer.plain_of(&["W/M/", "B/M/", "H/M/", "W/F/", "A/M/", "B/F/"]);
    writer.mark_optional(SpanKind::Age, |out, dice| {
        out.push_str(dice.pick(&["20s", "30s", "40s", "19", "25-30", "50s"]));
    });
    writer.plain_of(&[
        " black hoodie",
        " red cap",
        " grey sweats",
        " tan jacket",
        " blue plaid",
        " no shirt",
    ]);
}

/// The location's position as the record holds it, in degrees.
pub(crate) fn coordinates(address: &Address) -> (f64, f64) {
    (city::degrees(address.latitude), city::degrees(address.longitude))
}
