//! The word classes, one bit each.

use crate::lexicon::Flags;

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Flags = 1 << $bit;)*

        /// The class of that name in a list file.
        pub(crate) fn parse_flag(name: &str) -> Option<Flags> {
            match name { $($text => Some($name),)* _ => None }
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
}

/// What a detector may want to look at, so that it can pass over everything else: the top byte of a word's flags.
pub(crate) mod class {
    use super::{
        APPARATUS, BLOCK, C_ACCOUNT, C_DOB, C_LICENSE, C_PLATE, C_SSN, C_VIN, CITY, COND, DICT, DRUG, Flags,
        GIVEN, KIN, MISC, MONTH, NAMEABLE, NAMECUE, NUMBER, ORGAN, PERSON, PHONETIC, RANK, ROAD, ROLE, SLIP,
        STREET, STREETISH, STREETPRE, SUR, TITLE, UNITD, VEH,
    };

    /// Where the classes begin among the flags.
    const SHIFT: u32 = 56;
    /// A number.
    pub(crate) const NUM: u16 = 1;
    /// A sign.
    pub(crate) const SIGN: u16 = 1 << 1;
    /// A word or number that another one is glued to, or a short word before a number.
    pub(crate) const GLUE: u16 = 1 << 2;
    /// A word that may be a name: listed as one, or unknown.
    pub(crate) const NAME: u16 = 1 << 3;
    /// A word that a name may follow.
    pub(crate) const CUE: u16 = 1 << 4;
    /// A label of a code, a month, a digit in words, a phonetic word.
    pub(crate) const CODE: u16 = 1 << 5;
    /// A medical word.
    pub(crate) const MED: u16 = 1 << 6;
    /// A word of addresses.
    pub(crate) const ADDR: u16 = 1 << 7;
    /// A number of three digits or more, or one that another follows: more than a count. Words never have it, so that
    /// theirs fit into the top byte of their flags.
    pub(crate) const LONG: u16 = 1 << 8;

    /// The classes of a word with these flags.
    pub(crate) const fn of(flags: Flags) -> u16 {
        let mut class = 0;
        if flags & !(PHONETIC | DICT | SLIP) == 0 || flags & (GIVEN | SUR | NAMEABLE | CITY) != 0 {
            class |= NAME;
        }
        if flags & (ROLE | PERSON | NAMECUE | TITLE | KIN | RANK) != 0 {
            class |= CUE;
        }
        if flags
            & (C_LICENSE
                | C_PLATE
                | C_VIN
                | C_SSN
                | C_DOB
                | C_ACCOUNT
                | MONTH
                | NUMBER
                | PHONETIC
                | APPARATUS
                | VEH
                | MISC)
            != 0
        {
            class |= CODE;
        }
        if flags & (COND | DRUG | ORGAN) != 0 {
            class |= MED;
        }
        if flags & (STREET | STREETISH | STREETPRE | UNITD | ROAD | BLOCK | MISC | NUMBER) != 0 {
            class |= ADDR;
        }
        class
    }

    /// Flags with their classes on top.
    pub(crate) const fn on(flags: Flags) -> Flags {
        flags & ((1 << SHIFT) - 1) | (of(flags) as Flags) << SHIFT
    }

    /// The classes on top of flags.
    pub(crate) const fn from(flags: Flags) -> u16 {
        (flags >> SHIFT) as u16
    }
}
