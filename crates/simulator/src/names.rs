//! Names of people: given names of many origins, and family names put together from beginnings and endings.
//!
//! The lists were written for this project. Some names are words of dispatch language on purpose (Chase, Grant, May,
//! Street, Church): telling them apart is part of the task that a redactor has.

use crate::dice::Dice;

pub(crate) struct Origin {
    given: &'static [&'static str],
    heads: &'static [&'static str],
    tails: &'static [&'static str],
}

static ORIGINS: &[Origin] = &[
    Origin {
        given: &[
            "Darlene", "Walter", "Peggy", "Curtis", "Lorna", "Dale", "Tabitha", "Wendell", "Marlys", "Gordon",
        ],
        heads: &["Brack", "Holl", "Wake", "Thorn", "Ash", "Pem", "Stan", "Hather", "Lock", "Win"],
        tails: &["ford", "well", "field", "ley", "worth", "ton", "more", "by", "wick", "brook"],
    },
    Origin {
        given: &["April", "Chase", "Grant", "Rose", "May", "Hunter", "Faith", "Victor", "Dakota", "Frank"],
        heads: &["Street", "Church", "Banks", "Rivers", "Black", "King", "Park", "Stone", "Long", "Win"],
        tails: &["", "man", "s", "er", "well", "ing", "ton", "smith", "wood", "hill"],
    },
    Origin {
        given: &[
            "Rosalba", "Efrén", "Ximena", "Joaquín", "Marisol", "Ulises", "Yolanda", "Héctor", "Graciela",
            "Íñigo",
        ],
        heads: &["Quint", "Val", "Mor", "Cár", "Escal", "Zam", "Ort", "Bel", "Sal", "Trev"],
        tails: &["ero", "denas", "ante", "ales", "ora", "uela", "egas", "ino", "azar", "ones"],
    },
    Origin {
        given: &[
            "Chidi", "Adaeze", "Kwabena", "Folake", "Tendai", "Amara", "Sekou", "Nneka", "Baraka", "Yetunde",
        ],
        heads: &["Oko", "Ade", "Mba", "Nwa", "Dia", "Che", "Oba", "Uzo", "Kama", "Bala"],
        tails: &["ro", "yemi", "kwe", "chuku", "llo", "sanya", "ndu", "ra", "tole", "wande"],
    },
    Origin {
        given: &["Thuy", "Minh", "Haruki", "Siew", "Jae", "Mei-Lin", "Bao", "Yuna", "Kenji", "Linh"],
        heads: &["Ta", "Ha", "Mori", "Naka", "Xu", "Pham", "Ishi", "Cho", "Bui", "Seo"],
        tails: &["", "moto", "n", "ng", "mura", "kawa", "wen", "shin", "yama", "ko"],
    },
    Origin {
        given: &["Farid", "Layla", "Omid", "Nasrin", "Tariq", "Samira", "Yusuf", "Rania", "Bijan", "Huda"],
        heads: &["Al-Ham", "Rah", "Kar", "Naj", "Sad", "El-Mas", "Far", "Haj", "Zan", "Bou"],
        tails: &["dani", "imi", "mani", "jar", "ri", "oud", "hadi", "jafi", "zouq", "wan"],
    },
    Origin {
        given: &[
            "Priyanka", "Arjun", "Lakshmi", "Vikram", "Ananya", "Suresh", "Meena", "Harpreet", "Deepa",
            "Imran",
        ],
        heads: &["Ragh", "Chand", "Sub", "Gov", "Bhatt", "Ven", "Mukh", "Sri", "Pat", "Iyer"],
        tails: &[
            "unath", "rasekar", "ramani", "indan", "acharya", "katesh", "erjee", "nivas", "wardhan", "an",
        ],
    },
    Origin {
        given: &[
            "Bohdan", "Ludmila", "Casimir", "Zofia", "Yevgenia", "Dragan", "Milena", "Tadeusz", "Oksana",
            "Pavel",
        ],
        heads: &["Kow", "Hrab", "Petr", "Jov", "Wis", "Mal", "Shev", "Nov", "Dub", "Zel"],
        tails: &["alczyk", "ovsky", "enko", "anović", "niewska", "inowski", "chuk", "otny", "rovin", "enka"],
    },
    Origin {
        given: &[
            "Liv", "Sören", "Anneke", "Fergus", "Maeve", "Gottlieb", "Sigrid", "Niamh", "Joost", "Etienne",
        ],
        heads: &[
            "O'Bran",
            "Van Ho",
            "McTa",
            "Lind",
            "Berg",
            "De La Cour",
            "Von Hag",
            "St-Pier",
            "Haug",
            "Mac",
        ],
        tails: &["nigan", "uten", "vish", "qvist", "strom", "celle", "en", "re", "land", "leod"],
    },
    Origin {
        given: &[
            "Wynema", "Chayton", "Kaiulani", "Mahpiya", "Leilani", "Tallulah", "Keanu", "Winona", "Aponi",
            "Ikaika",
        ],
        heads: &["Standing", "Red", "Two", "Crow", "Yellow", "Kaha", "Iron", "White", "Little", "Swift"],
        tails: &["bear", "feather", "hawk", "elk", "water", "stone", "moon", "cloud", "nui", "arrow"],
    },
];

static NICKNAMES: &[&str] = &[
    "Tito",
    "Smokey",
    "Half Pint",
    "Deuce",
    "Red",
    "Lil Ray",
    "Bones",
    "Pelón",
    "Tank",
    "Juju",
    "Sarge",
    "Cricket",
];

/// Takes a given name, and writes the family name that goes with it into `family`.
pub(crate) fn name(dice: &mut Dice, family: &mut String) -> &'static str {
    let origin = dice.choose(ORIGINS);
    push_family(dice, origin, family);
    // One in twelve people carries a double name; given names cross origins as often.
    if dice.below(12) == 0 {
        family.push('-');
        let second = dice.choose(ORIGINS);
        push_family(dice, second, family);
    }
    let given_from = if dice.below(12) == 0 { dice.choose(ORIGINS) } else { origin };
    dice.pick(given_from.given)
}

fn push_family(dice: &mut Dice, origin: &Origin, family: &mut String) {
    family.push_str(dice.pick(origin.heads));
    family.push_str(dice.pick(origin.tails));
}

pub(crate) fn nickname(dice: &mut Dice) -> &'static str {
    dice.pick(NICKNAMES)
}
