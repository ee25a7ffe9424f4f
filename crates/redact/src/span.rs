//! What the engine finds: typed spans with the rule that found them.

use serde::{Deserialize, Serialize};

/// What kind of personal data a span holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[repr(u8)]
pub enum SpanType {
    /// A person's name, nickname or initials.
    Name,
    /// A telephone number with its extension.
    Phone,
    /// A house, unit, post box, hundred block or crossing.
    Address,
    /// Coordinates in any notation.
    Gps,
    /// A date of birth.
    Dob,
    /// An age.
    Age,
    /// A social security number.
    Ssn,
    /// A driver's licence or identity card number.
    License,
    /// A number plate.
    Plate,
    /// A vehicle identification number, whole or in part.
    Vin,
    /// An e-mail address.
    Email,
    /// A condition, a medication or a treatment.
    Medical,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A web address.
    Url,
    /// An account, case, policy, card or access code.
    Account,
    /// A police officer, dispatcher or unit: name, number or call sign.
    Officer,
}

impl SpanType {
    /// Every type, in the order of their discriminants.
    pub const ALL: [Self; 16] = [
        Self::Name,
        Self::Phone,
        Self::Address,
        Self::Gps,
        Self::Dob,
        Self::Age,
        Self::Ssn,
        Self::License,
        Self::Plate,
        Self::Vin,
        Self::Email,
        Self::Medical,
        Self::Ip,
        Self::Url,
        Self::Account,
        Self::Officer,
    ];

    /// The type's name as it stands in the JSON output: `NAME`, `PHONE`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::Phone => "PHONE",
            Self::Address => "ADDRESS",
            Self::Gps => "GPS",
            Self::Dob => "DOB",
            Self::Age => "AGE",
            Self::Ssn => "SSN",
            Self::License => "LICENSE",
            Self::Plate => "PLATE",
            Self::Vin => "VIN",
            Self::Email => "EMAIL",
            Self::Medical => "MEDICAL",
            Self::Ip => "IP",
            Self::Url => "URL",
            Self::Account => "ACCOUNT",
            Self::Officer => "OFFICER",
        }
    }

    /// The type of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// The rule that found a span; stable names, for audits and for error analysis.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum RuleId { $($(#[$doc])* $variant,)* }

        impl RuleId {
            /// The stable name of the rule: `phone.nanp`, `name.cue`, …
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    };
}

rules! {
    /// A ten-digit number of the North American plan, or seven digits in its layout.
    PhoneNanp => "phone.nanp",
    /// A number in an unusual grouping, accepted because a cue word stands beside it.
    PhoneCued => "phone.cued",
    /// A number with a country prefix.
    PhoneInternational => "phone.international",
    /// A number written in words.
    PhoneSpelled => "phone.spelled",
    /// A labelled social security number.
    SsnCued => "ssn.cued",
    /// The 3-2-4 layout without a label.
    SsnLayout => "ssn.layout",
    /// Seventeen characters whose check digit agrees.
    VinChecked => "vin.checked",
    /// Seventeen characters of the right alphabet whose check digit does not agree.
    VinLayout => "vin.layout",
    /// A labelled part of a VIN.
    VinPartial => "vin.partial",
    /// A labelled licence number.
    LicenseCued => "license.cued",
    /// A labelled number plate.
    PlateCued => "plate.cued",
    /// A plate beside a vehicle or a state.
    PlateVehicle => "plate.vehicle",
    /// A plate spelled in the phonetic alphabet.
    PlateSpelled => "plate.spelled",
    /// Decimal coordinates.
    GpsDecimal => "gps.decimal",
    /// Degrees with minutes, and seconds perhaps.
    GpsDms => "gps.dms",
    /// A military grid or UTM reference.
    GpsGrid => "gps.grid",
    /// A Plus Code.
    GpsPlusCode => "gps.plus_code",
    /// Three words joined by dots.
    GpsWords => "gps.words",
    /// An e-mail address.
    EmailForm => "email.form",
    /// An e-mail address written in words.
    EmailSpelled => "email.spelled",
    /// A web address.
    UrlForm => "url.form",
    /// An IPv4 address.
    Ip4 => "ip.v4",
    /// An IPv6 address.
    Ip6 => "ip.v6",
    /// A labelled date of birth.
    DobCued => "dob.cued",
    /// A date right after a person's name.
    DobAfterName => "dob.after_name",
    /// A number with a word for years of age.
    AgeCued => "age.cued",
    /// A number beside sex and race codes.
    AgeDescription => "age.description",
    /// A number right after a person's name.
    AgeAfterName => "age.after_name",
    /// A labelled account, case, policy or code.
    AccountCued => "account.cued",
    /// A card number whose Luhn digit agrees.
    AccountLuhn => "account.luhn",
    /// A handle of a social network.
    AccountHandle => "account.handle",
    /// House number, street name, street type.
    AddressStreet => "address.street",
    /// House number and name without a street type.
    AddressBare => "address.bare",
    /// House number on a numbered highway or county road.
    AddressRoad => "address.road",
    /// House number on a coordinate grid.
    AddressGrid => "address.grid",
    /// Rural route or post box.
    AddressBox => "address.box",
    /// A unit, building or floor alone.
    AddressUnit => "address.unit",
    /// A hundred block.
    AddressBlock => "address.block",
    /// A crossing of two streets.
    AddressCrossing => "address.crossing",
    /// A mile marker.
    AddressMile => "address.mile",
    /// A street without a number, where the agency asks for it.
    AddressNamed => "address.named",
    /// A line that is an address and nothing else.
    AddressLine => "address.line",
    /// A rank with a name or number.
    OfficerRank => "officer.rank",
    /// The operator of a log line.
    OfficerLog => "officer.log",
    /// A unit's call sign.
    OfficerUnit => "officer.unit",
    /// A condition.
    MedicalCondition => "medical.condition",
    /// A medication.
    MedicalDrug => "medical.drug",
    /// An unknown word after a medical cue.
    MedicalCued => "medical.cued",
    /// A name after a word for a person.
    NameCue => "name.cue",
    /// A surname, a comma, a given name.
    NameComma => "name.comma",
    /// A given name with a surname.
    NamePair => "name.pair",
    /// A name by prior and context alone.
    NamePrior => "name.prior",
    /// Initials of a person.
    NameInitials => "name.initials",
    /// A name found elsewhere in the record.
    NamePropagated => "name.propagated",
    /// The trained tagger, where no rule found just this.
    Tagger => "tagger",
    /// A value of the record's own fields.
    Known => "known",
    /// A near miss of a value of the record's own fields.
    KnownNear => "known.near",
    /// An entry of the agency's own list.
    Listed => "listed",
    /// Strict mode: a word outside the reviewed vocabulary.
    StrictWord => "strict.word",
    /// Strict mode: a number that is not of harmless form.
    StrictNumber => "strict.number",
    /// Text too long to be read; masked whole.
    Unread => "unread",
}

/// One piece of personal data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// First byte, in the original text; always a character boundary.
    pub start: usize,
    /// One past the last byte; always a character boundary.
    pub end: usize,
    /// What it is.
    pub kind: SpanType,
    /// The rule that found it.
    pub rule: RuleId,
    /// How sure the rule is, from 0 to 1: the rule's precision as judged by its author, not a probability.
    pub confidence: f32,
}

/// The result of [`Engine::redact`](crate::Engine::redact).
///
/// It has no `Debug`: the text may hold what the engine missed.
#[derive(Clone, PartialEq)]
pub struct Redaction {
    /// The text with every span replaced by the placeholder of its type.
    pub text: String,
    /// What was replaced, in order, without overlaps; offsets are bytes of the *original* text.
    pub spans: Vec<Span>,
}

/// The spans' offsets counted in Unicode code points, end exclusive, in the order of `spans`.
///
/// `spans` must be in order and without overlaps, as the engine returns them.
pub fn code_point_offsets(text: &str, spans: &[Span]) -> Vec<(usize, usize)> {
    code_points(text, spans.iter().map(|span| (span.start, span.end)))
}

/// The same of ranges of bytes, in order and without overlaps.
pub(crate) fn code_points(text: &str, ranges: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut points = 0;
    let mut byte = 0;
    let mut advance = |to: usize| {
        let to = to.min(text.len()).max(byte);
        points += text.get(byte..to).map_or(0, |piece| piece.chars().count());
        byte = to;
        points
    };
    ranges.map(|(start, end)| (advance(start), advance(end))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_code_points() {
        let text = "é JOSÉ ü";
        let span = Span { start: 3, end: 8, kind: SpanType::Name, rule: RuleId::NamePrior, confidence: 1.0 };
        assert_eq!(code_point_offsets(text, &[span]), vec![(2, 6)]);
    }

    #[test]
    fn names_of_types_parse_back() {
        for kind in SpanType::ALL {
            assert_eq!(SpanType::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(SpanType::parse("name"), None);
    }
}
