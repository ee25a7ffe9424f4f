//! What detectors may start from, so that they can pass over everything else.
//!
//! Every token has a set of classes, one bit each: what it is made of, and which detectors may begin at it. Those of a
//! word stand in the lexicon beside its flags. From the classes of neighbours the [index](crate::index) derives more:
//! a number that is the start of a date, say. A class is a necessary condition and no more; the detector decides.

use crate::detect::{
    CHILDREN, LONE_UNITS, MAIL_HOSTS, MULTIPLES, NAMELESS, NAMEPLATES, NUMBER_SAYS, NUMERALS, PLAIN_TYPES,
    SUBSTANCES, TENS,
};
use crate::lexicon::{Flags, Words, words};
use crate::lexicon_flags as flag;
use crate::normal::DEGREE;
use crate::strict;

/// A class; its number is its bit in a set, and its row in the index.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Class {
    /// Letters.
    Word,
    /// Digits.
    Num,
    /// Nothing stands between it and the token before.
    Glued,
    /// It starts a line.
    Line,
    /// Three bytes at most.
    Short,
    /// A word of two letters or more, all capitals.
    Capitals,
    /// A word of two letters or more with a capital first.
    Title,
    /// A word of two letters or more without a capital first.
    Lower,
    /// A number of three digits or more, or one that another follows: more than a count.
    Long,
    /// A number that may be somebody's age.
    Age,
    /// A hyphen.
    Hyphen,
    /// A sign that may join a number or word to the next.
    Joiner,
    /// A sign or word that may stand behind degrees or minutes.
    Mark,
    /// A sign or word inside of e-mail, web and IP addresses, or of the codes of places.
    Electronic,
    /// The label of a licence, a birth date, a social security number, a VIN or a plate.
    Label,
    /// A month.
    Month,
    /// A digit in words.
    Digit,
    /// A phonetic word, or a code that is no ordinary word: a spelled plate, a model.
    Code,
    /// A code that is an ordinary word as well.
    CodeWord,
    /// The label of an account, and the star of a keypad.
    Account,
    /// Sex or race, a word for several children, tens in words: an age stands beside it or is one.
    Described,
    /// A medical word.
    Medical,
    /// No list has it.
    Unknown,
    /// A word or sign that addresses start from.
    Address,
    /// The type of a street, and hardly anything else.
    Street,
    /// A rank, a badge, an apparatus.
    Officer,
    /// What a unit does, told after its number.
    Status,
    /// A word that a name may follow.
    Cue,
    /// A word that may be a name: listed as one, or unknown and shaped like one.
    Name,
    /// A word that may be a name once found elsewhere.
    Mention,
    /// A word that strict mode lets through where it stands alone.
    Reviewed,
    /// Redacted already.
    Placeholder,

    // From here on derived from the classes of neighbours, by `Index::build`.
    /// A word or number that another one is glued to.
    Cluster,
    /// The first of a cluster.
    ClusterStart,
    /// A word or number that another one is glued to, or a short word before a number or a hyphen, or joined to a number;
    /// a number that a hyphen glues to a word.
    Glue,
    /// A number that may start a time or a date.
    Date,
    /// A number that may be a coordinate.
    Coordinate,
    /// A long number with a sign glued to it.
    LongJoined,
    /// An ordinary code word with a sign glued to it.
    CodeJoined,
    /// An unknown word that something is glued to.
    UnknownCluster,
    /// Sex or race with an age glued to it.
    SexAge,
    /// A number that may be a house's.
    House,
    /// Letters of a grid, with a number glued to them.
    Grid,
    /// A number before what a unit does.
    UnitNumber,
    /// A word with a hyphen glued to it, or a number that a hyphen glues to a word.
    Hyphened,
    /// A number, or a word that strict mode may not let through.
    Doubtful,
    /// A span of any type holds it; the only class that changes within a round.
    Masked,
}

/// How many classes a token itself may have.
pub(crate) const OWN: usize = Class::Cluster as usize;
/// How many there are.
pub(crate) const ALL: usize = Class::Masked as usize + 1;

/// A set of the classes that a token itself may have.
pub(crate) type Classes = u32;

impl Class {
    /// The class as a set.
    pub(crate) const fn bit(self) -> Classes {
        1 << self as u32
    }
}

/// Flags of codes, of what they stand beside, and of words that are asked for.
const CODES: Flags = flag::C_LICENSE
    | flag::C_PLATE
    | flag::C_VIN
    | flag::C_SSN
    | flag::C_DOB
    | flag::C_ACCOUNT
    | flag::MONTH
    | flag::NUMBER
    | flag::PHONETIC
    | flag::APPARATUS
    | flag::VEH
    | flag::MISC;

/// Flags that give a word a class.
const BY_FLAGS: [(Flags, Class); 12] = [
    (flag::C_LICENSE | flag::C_DOB | flag::C_SSN | flag::C_VIN | flag::C_PLATE, Class::Label),
    (flag::MONTH, Class::Month),
    (flag::NUMBER, Class::Digit),
    (flag::NUMBER, Class::Address),
    (flag::PHONETIC, Class::Code),
    (CODES, Class::CodeWord),
    (flag::C_ACCOUNT, Class::Account),
    (flag::SEX, Class::Described),
    (flag::COND | flag::DRUG | flag::ORGAN, Class::Medical),
    (flag::RANK | flag::APPARATUS, Class::Officer),
    (flag::ROLE | flag::PERSON | flag::NAMECUE | flag::TITLE | flag::KIN, Class::Cue),
    (flag::GIVEN | flag::SUR | flag::NAMEABLE | flag::CITY, Class::Mention),
];

/// Words that a detector starts from whatever their flags. All of them must be listed: an unlisted word is not asked.
const BY_WORD: [(Words, Class); 18] = [
    (TENS, Class::Address),
    (TENS, Class::Described),
    (NUMERALS, Class::Address),
    (MAIL_HOSTS, Class::Electronic),
    (*words!("DOT"), Class::Electronic),
    (*words!("MIN"), Class::Mark),
    (*words!("LICENSE", "LICENCE", "LICENSED", "LIC", "L", "ID"), Class::Label),
    (*words!("ID", "GATE", "GARAGE", "ENDING", "ENDS", "LAST", "BOX"), Class::Account),
    (*words!("GESTATION", "HARD", "HEP", "LEGALLY", "PARTIALLY", "A", "END", "ODD"), Class::Medical),
    (
        *words!(
            "P",
            "PO",
            "POB",
            "RR",
            "HC",
            "RFD",
            "RT",
            "RTE",
            "ROUTE",
            "HCR",
            "PSC",
            "RURAL",
            "MM",
            "MP",
            "MILEPOST",
            "MILEMARKER",
            "MILE",
            "X",
            "CROSS",
            "XST",
            "CS",
            "AND",
            "AT",
            "RD",
            "UNIT",
            "HALL",
            "DORM"
        ),
        Class::Address,
    ),
    (PLAIN_TYPES, Class::Street),
    (*words!("CO", "OFF", "CORONER", "CANINE", "BADGE", "AGENT"), Class::Officer),
    (NUMBER_SAYS, Class::Status),
    (NAMEPLATES, Class::Cue),
    (SUBSTANCES, Class::Medical),
    (MULTIPLES, Class::Medical),
    (LONE_UNITS, Class::Address),
    (
        *words!(
            "TO",
            "P",
            "O",
            "C",
            "OFFICER",
            "OFC",
            "OFCR",
            "OPERATOR",
            "OPR",
            "OPER",
            "OP",
            "DISPATCHER",
            "AGENT",
            "S",
            "V",
            "I",
            "D",
            "LP",
            "W"
        ),
        Class::Cue,
    ),
];

/// The classes of a word with these flags.
pub(crate) fn of(flags: Flags) -> Classes {
    let mut classes = Class::Word.bit();
    for (wanted, class) in BY_FLAGS {
        if flags & wanted != 0 {
            classes |= class.bit();
        }
    }
    if flags & CODES != 0 && flags & flag::ORD == 0 {
        classes |= Class::Code.bit();
    }
    if flags & !(flag::PHONETIC | flag::DICT | flag::SLIP) == 0 {
        classes |= Class::Mention.bit();
    }
    if flags & !(flag::DICT | flag::SLIP) == 0 {
        classes |= Class::Mark.bit();
    }
    if flags == 0 {
        classes |= Class::Unknown.bit();
    }
    if strict::is_reviewed(flags) {
        classes |= Class::Reviewed.bit();
    }
    let listed = flags & (flag::GIVEN | flag::SUR | flag::NAMEABLE) != 0;
    let town = flags & flag::CITY != 0 && flags & flag::STRICT == 0;
    // WASHINGTON and GEORGIA are states, and what people are called.
    let state = flags & flag::STATENAME != 0 && flags & (flag::GIVEN | flag::SUR) == 0;
    if (listed || town) && flags & NAMELESS == 0 && !state {
        classes |= Class::Name.bit();
    }
    classes
}

/// The classes of the listed word with these flags and that hash.
pub(crate) fn of_word(flags: Flags, hash: u64) -> Classes {
    let mut classes = of(flags);
    for (words, class) in BY_WORD {
        if words.have(hash) {
            classes |= class.bit();
        }
    }
    // Two of them beside each other are no count.
    if flags & flag::NUMBER != 0 || TENS.have(hash) || NUMERALS.have(hash) {
        classes &= !Class::Reviewed.bit();
    }
    if CHILDREN.have(hash) && classes & Class::Cue.bit() != 0 {
        classes |= Class::Described.bit();
    }
    classes
}

/// The classes of the sign at a place of a text.
pub(crate) fn of_sign(bytes: &[u8], at: usize) -> Classes {
    let blank = |byte: &u8| matches!(byte, 0 | b'\t'..=b'\r' | b' ');
    let inner = || at > 0 && !blank(&bytes[at - 1]) && bytes.get(at + 1).is_some_and(|byte| !blank(byte));
    let classes = SIGNS[usize::from(bytes[at])];
    // Most full stops end a sentence.
    if bytes[at] == b'.' && inner() { classes | Class::Electronic.bit() } else { classes }
}

const SIGNS: [Classes; 256] = {
    let mut signs = [Class::Short.bit(); 256];
    let classes: [(&[u8], Class); 6] = [
        (b"@:+/", Class::Electronic),
        (b"-./:_*#", Class::Joiner),
        (b"-", Class::Hyphen),
        (&[DEGREE, b'\'', b'"', b':'], Class::Mark),
        (b"*", Class::Account),
        (b"@/&\\#~", Class::Address),
    ];
    let mut number = 0;
    while number < classes.len() {
        let (bytes, class) = classes[number];
        let mut at = 0;
        while at < bytes.len() {
            signs[bytes[at] as usize] |= class.bit();
            at += 1;
        }
        number += 1;
    }
    signs
};

/// Nobody is older; and a number above is something else.
const AGE_MAX: u64 = 115;

/// The classes of the number of that value between two places of a text.
pub(crate) fn of_number(bytes: &[u8], start: usize, end: usize, value: u64) -> Classes {
    let mut classes = Class::Num.bit();
    // Another number follows after a sign or a space, or both.
    let apart = |at: usize| matches!(bytes.get(at), Some(b' ' | b'.' | b')' | b'/' | b'-' | b'('));
    let gap = usize::from(apart(end)) + usize::from(apart(end) && apart(end + 1));
    let goes_on = gap > 0 && bytes.get(end + gap).is_some_and(u8::is_ascii_digit);
    let bound = end - start >= 3
        || goes_on
        || bytes.get(end) == Some(&b'*')
        || start > 0 && matches!(bytes[start - 1], b'+' | b'*');
    if bound {
        classes |= Class::Long.bit();
    }
    if end - start <= 3 && value <= AGE_MAX {
        classes |= Class::Age.bit();
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word_lists::BUILTIN;

    #[test]
    fn words_that_detectors_start_from_are_listed() {
        let listed: std::collections::HashSet<u64> = BUILTIN.iter().map(|(key, _)| key).collect();
        for (words, class) in BY_WORD {
            assert!(words.hashes().iter().all(|hash| listed.contains(hash)), "class {}", class as u8);
        }
    }
}
