//! The word classes, one bit each.

use crate::lexicon::Flags;

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Flags = 1 << $bit;)*

        /// The class of that name in a list file.
        pub(crate) fn parse_flag(name: &str) -> Option<Flags> {
            match name { $($text => Some($name),)* _ => None }
        }

        /// The name of the class with that bit.
        pub(crate) fn name_of(bit: u32) -> Option<&'static str> {
            match bit { $($bit => Some($text),)* _ => None }
        }
    };
}

flags! {
    /// An ordinary word: a name only with strong evidence.
    ORD = 0, "ord";
    /// A given name.
    GIVEN = 1, "given";
    /// A family name.
    SUR = 2, "sur";
    /// A dispatch code for a person, which a name follows: RP, VIC, SUSP.
    ROLE = 3, "role";
    /// An ordinary word for a person, which a name may follow: owner, nurse, neighbor.
    PERSON = 4, "person";
    /// Announces a name: NAME, NAMED, AKA.
    NAMECUE = 5, "namecue";
    /// Mr, Mrs, Señora.
    TITLE = 6, "title";
    /// A police or fire rank.
    RANK = 7, "rank";
    /// Jr, Sr, III.
    GENERATION = 8, "generation";
    /// De, van, al: a part of a name that is not one alone.
    PARTICLE = 9, "particle";
    /// A street type that is hardly anything else: AVE, BLVD.
    STREET = 10, "street";
    /// A street type that is an ordinary word too: WAY, PARK, RUN.
    STREETISH = 11, "streetish";
    /// N, SE, NORTH, northbound.
    DIR = 12, "dir";
    /// APT, UNIT, STE.
    UNITD = 13, "unitd";
    /// Two-letter code of a state.
    STATE = 14, "state";
    /// Name of a state.
    STATENAME = 15, "statename";
    /// A month.
    MONTH = 16, "month";
    /// A word of the police or NATO phonetic alphabet.
    PHONETIC = 17, "phonetic";
    /// A vehicle make, model or body.
    VEH = 18, "veh";
    /// A colour.
    COLOR = 19, "color";
    /// A business, a venue or a feature of the land, which turns the words before it into its name.
    BIZ = 20, "biz";
    /// Says or does something: a person stands before it.
    VERB = 21, "verb";
    /// A medical condition.
    COND = 22, "cond";
    /// A medication.
    DRUG = 23, "drug";
    /// Announces a condition: HX, DX, C/O.
    MEDCUE = 24, "medcue";
    /// Announces a licence number.
    C_LICENSE = 25, "c_license";
    /// Announces a number plate.
    C_PLATE = 26, "c_plate";
    /// Announces a VIN.
    C_VIN = 27, "c_vin";
    /// Announces a social security number.
    C_SSN = 28, "c_ssn";
    /// Announces a date of birth.
    C_DOB = 29, "c_dob";
    /// Announces a telephone number.
    C_PHONE = 30, "c_phone";
    /// Announces an account, case or code.
    C_ACCOUNT = 31, "c_account";
    /// Years of age.
    C_AGE = 32, "c_age";
    /// An apparatus or unit: ENGINE, MEDIC, UNIT.
    APPARATUS = 33, "apparatus";
    /// A digit in words.
    NUMBER = 34, "number";
    /// Reviewed: strict mode lets it through.
    STRICT = 35, "strict";
    /// A place follows: AT, NEAR, LOC.
    LOCCUE = 36, "loccue";
    /// Family and friends, which a name may follow.
    KIN = 37, "kin";
    /// A description code: sex or race.
    SEX = 38, "sex";
    /// An article or possessive.
    DET = 39, "det";
    /// A town or region that is a name as well.
    CITY = 40, "city";
    /// A kind of numbered road: HWY, ROUTE, FM.
    ROAD = 41, "road";
    /// BLOCK, BLK.
    BLOCK = 42, "block";
    /// May stand between a cue and what it announces: IS, NO, NUMBER.
    FILLER = 43, "filler";
    /// Takes or is on: a medication follows.
    DRUGCUE = 44, "drugcue";
    /// A kind of place that comes before its name: CALLE, RUE, CAMINO.
    STREETPRE = 45, "streetpre";
    /// Second word of a condition: FAILURE, DISEASE, PAIN.
    CONDTAIL = 46, "condtail";
    /// A word that makes a name of two words a trade name: & SONS, AUTO, PLUMBING.
    TRADE = 47, "trade";
    /// An ordinary word that is in use as a name so often that a cue is enough.
    NAMEABLE = 48, "nameable";
    /// A day of the week, a holiday, a part of the day.
    DAY = 49, "day";
    /// A verb or preposition that a person follows: BY, WITH, PER, CONTACTED.
    TOPERSON = 50, "toperson";
    /// A function word: article, pronoun, preposition, conjunction, auxiliary.
    FUNC = 51, "func";
    /// A word that some detector asks for by name.
    MISC = 52, "misc";
    /// A part of the body or a degree, as in a condition's name.
    ORGAN = 53, "organ";
    /// No list of ours has it, but a dictionary of English does.
    DICT = 54, "dict";
    /// An ordinary word with a slip of the fingers, or without a vowel.
    SLIP = 55, "slip";
    /// A word of the agency's own places: no name here.
    PLACE = 56, "place";
}
