//! Who and what a call is about: people, vehicles and the place, drawn once so that every mention agrees.

use callbox_proto_raw::cad::v1::{Person as PersonRecord, Vehicle as VehicleRecord};

use crate::city::{Address, BUSINESSES, PARKS};
use crate::dice::Dice;
use crate::identifiers::{Birth, Phone, licence, plate, ssn, vin};
use crate::names;

/// The people of a call, by what they are to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Caller,
    Victim,
    Suspect,
    Witness,
}

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Caller, Self::Victim, Self::Suspect, Self::Witness];

    fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Victim => "victim",
            Self::Suspect => "suspect",
            Self::Witness => "witness",
        }
    }
}

pub(crate) struct Person {
    pub(crate) given: &'static str,
    pub(crate) middle: char,
    pub(crate) family: String,
    pub(crate) birth: Birth,
    pub(crate) phone: Phone,
    pub(crate) home: Address,
    /// What licence and social security number are written from.
    pub(crate) draw: u64,
    pub(crate) condition: &'static str,
    pub(crate) drug: &'static str,
}

static CONDITIONS: &[&str] = &[
    "type 1 diabetes",
    "COPD",
    "epilepsy",
    "asthma",
    "schizophrenia",
    "pregnant 31 weeks",
    "dialysis",
    "bipolar disorder",
    "Parkinsons",
    "hepatitis C",
    "PTSD",
    "dementia",
];

static DRUGS: &[&str] = &[
    "insulin",
    "warfarin",
    "lithium",
    "metoprolol",
    "oxycodone",
    "Zoloft",
    "fentanyl",
    "clonazepam",
    "Xanax",
];

impl Person {
    fn random(dice: &mut Dice, child: bool) -> Self {
        let mut family = String::with_capacity(24);
        let given = names::name(dice, &mut family);
        Self {
            given,
            middle: dice.pick(&['A', 'B', 'D', 'J', 'K', 'L', 'M', 'R', 'T', 'W']),
            family,
            birth: Birth::random(dice, child),
            phone: Phone::random(dice),
            home: Address::random(dice),
            draw: dice.bits(),
            condition: dice.pick(CONDITIONS),
            drug: dice.pick(DRUGS),
        }
    }

    pub(crate) fn email(&self, out: &mut String) {
        const HOSTS: [&str; 4] = ["example.com", "example.org", "example.net", "mail.example.com"];
        let plain = |text: &str| text.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        out.push_str(&plain(self.given));
        out.push_str(if self.draw & 4 == 0 { "." } else { "_" });
        out.push_str(&plain(&self.family));
        out.push('@');
        out.push_str(HOSTS[usize::from(self.draw.to_le_bytes()[1] & 3)]);
    }

    fn record(&self, role: Role) -> PersonRecord {
        let mut numbers = Vec::new();
        if matches!(role, Role::Suspect | Role::Victim) {
            numbers.push(written(12, |out| licence(out, self.draw)));
        }
        if self.draw.is_multiple_of(5) {
            numbers.push(written(11, |out| ssn(out, self.draw, true)));
        }
        PersonRecord {
            role: role.as_str().to_owned(),
            name: written(32, |out| self.last_first(out)),
            phones: vec![self.phone.formal()],
            address: written(32, |out| house(out, &self.home)),
            birth_date: if role == Role::Caller { String::new() } else { self.birth.formal() },
            emails: if self.draw.is_multiple_of(4) {
                vec![written(40, |out| self.email(out))]
            } else {
                Vec::new()
            },
            document_numbers: numbers,
            medical: if role == Role::Victim { self.condition.to_owned() } else { String::new() },
        }
    }

    /// The layout of record returns: LAST, FIRST M.
    pub(crate) fn last_first(&self, out: &mut String) {
        out.push_str(&self.family);
        out.push_str(", ");
        out.push_str(self.given);
        out.push(' ');
        out.push(self.middle);
    }
}

pub(crate) struct Vehicle {
    pub(crate) description: String,
    pub(crate) draw: u64,
}

impl Vehicle {
    fn random(dice: &mut Dice) -> Self {
        const COLOURS: [&str; 8] = ["black", "white", "silver", "red", "blue", "green", "gold", "grey"];
        /// Makes and models that nobody builds.
        const MODELS: [&str; 10] = [
            "Corvane Dash",
            "Halcyon 300",
            "Tamarack pickup",
            "Orrin Lux",
            "Bexley van",
            "Sunda Mira",
            "Kestrel GT",
            "Prairie 1500",
            "Novak wagon",
            "Ridgeway SUV",
        ];
        let mut description = String::with_capacity(32);
        description.push_str(dice.pick(&COLOURS));
        description.push(' ');
        crate::identifiers::digits(&mut description, dice.between(2004, 2026), 4);
        description.push(' ');
        description.push_str(dice.pick(&MODELS));
        Self { description, draw: dice.bits() }
    }
}

/// Everybody and everything that one call may mention.
pub(crate) struct Cast {
    pub(crate) people: [Person; 4],
    pub(crate) vehicles: [Vehicle; 2],
    pub(crate) place: Address,
    pub(crate) business: &'static str,
    pub(crate) park: &'static str,
    /// Which people and vehicles the notes have mentioned so far: the structured part of the record follows.
    pub(crate) people_named: [bool; 4],
    pub(crate) vehicle_named: bool,
}

impl Cast {
    /// With `children`, victim and suspect are some.
    pub(crate) fn random(dice: &mut Dice, children: bool) -> Self {
        let mut person =
            |role| Person::random(dice, children && matches!(role, Role::Victim | Role::Suspect));
        Self {
            people: Role::ALL.map(&mut person),
            vehicles: [Vehicle::random(dice), Vehicle::random(dice)],
            place: Address::random(dice),
            business: dice.pick(BUSINESSES),
            park: dice.pick(PARKS),
            people_named: [false; 4],
            vehicle_named: false,
        }
    }

    pub(crate) fn person(&self, role: Role) -> &Person {
        &self.people[role as usize]
    }

    pub(crate) fn person_records(&self) -> Vec<PersonRecord> {
        let named = Role::ALL.into_iter().filter(|&role| self.people_named[role as usize]);
        named.map(|role| self.person(role).record(role)).collect()
    }

    pub(crate) fn vehicle_records(&self) -> Vec<VehicleRecord> {
        let first = &self.vehicles[0];
        let record = || VehicleRecord {
            plate: written(8, |out| plate(out, first.draw)),
            vin: if first.draw.is_multiple_of(2) {
                written(17, |out| vin(out, first.draw))
            } else {
                String::new()
            },
            description: first.description.clone(),
        };
        self.vehicle_named.then(record).into_iter().collect()
    }
}

/// House number and street, without the flat.
pub(crate) fn house(out: &mut String, address: &Address) {
    crate::identifiers::digits(out, address.number, 1);
    out.push(' ');
    out.push_str(address.street());
}

/// A string of about `capacity` bytes that `write` fills.
pub(crate) fn written(capacity: usize, write: impl FnOnce(&mut String)) -> String {
    let mut out = String::with_capacity(capacity);
    write(&mut out);
    out
}
