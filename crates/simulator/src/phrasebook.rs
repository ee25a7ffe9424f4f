//! Sentences with slots, and the voices in which a call taker may write them.
//!
//! A sentence is written once, in plain prose, such as `Caller {caller} heard {count} shots.` It is compiled into every
//! [`Voice`] when the book is read: dispatch shorthand drops articles and shortens the usual words, so that writing a
//! note is copying pieces and filling slots.

use crate::slots::Slot;

/// How a note is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// As the sentence stands.
    Prose,
    /// Upper case, RP and STS.
    ShorthandFirst,
    /// Upper case, COMP and ADV.
    ShorthandSecond,
    /// Upper case, hardly shortened.
    Upper,
    /// Lower case, shortened like the first.
    Lower,
}

impl Voice {
    pub(crate) const ALL: [Self; 5] =
        [Self::Prose, Self::ShorthandFirst, Self::ShorthandSecond, Self::Upper, Self::Lower];

    pub(crate) fn is_upper(self) -> bool {
        matches!(self, Self::ShorthandFirst | Self::ShorthandSecond | Self::Upper)
    }

    /// The column of `SHORT` that this voice takes; none leaves words as they are.
    fn column(self) -> Option<usize> {
        match self {
            Self::Prose => None,
            Self::ShorthandFirst | Self::Lower => Some(0),
            Self::ShorthandSecond => Some(1),
            Self::Upper => Some(2),
        }
    }
}

/// A sentence in every voice.
pub(crate) struct Template([Vec<Piece>; 5]);

pub(crate) enum Piece {
    Words(String),
    Slot(Slot),
}

impl Template {
    /// Compiles a sentence; the error is the slot that nobody knows, or the brace that is not closed.
    pub(crate) fn parse(sentence: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = sentence;
        while let Some((words, more)) = rest.split_once('{') {
            let (slot, after) =
                more.split_once('}').ok_or_else(|| format!("brace without end in `{more}`"))?;
            parts.push((words, Some(Slot::parse(slot).ok_or_else(|| format!("unknown slot `{slot}`"))?)));
            rest = after;
        }
        parts.push((rest, None));
        Ok(Self(Voice::ALL.map(|voice| pieces(&parts, voice))))
    }

    pub(crate) fn pieces(&self, voice: Voice) -> &[Piece] {
        &self.0[voice as usize]
    }
}

fn pieces(parts: &[(&str, Option<Slot>)], voice: Voice) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for &(words, slot) in parts {
        if !words.is_empty() {
            pieces.push(Piece::Words(in_voice(words, voice)));
        }
        pieces.extend(slot.map(Piece::Slot));
    }
    pieces
}

fn in_voice(words: &str, voice: Voice) -> String {
    let Some(column) = voice.column() else { return words.to_owned() };
    let mut text = words.to_lowercase();
    for (long, short) in SHORT_PHRASES {
        text = text.replace(long, short[column]);
    }
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        let article = matches!(word, "a" | "an" | "the") && column < 2 && part.ends_with(' ');
        if !article {
            out.push_str(short_word(word, column).unwrap_or(word));
            out.push_str(&part[word.len()..]);
        }
    }
    if voice == Voice::Lower { out.replace(", ", ",") } else { out.to_uppercase() }
}

fn short_word(word: &str, column: usize) -> Option<&'static str> {
    SHORT.iter().find(|(long, _)| *long == word).map(|(_, short)| short[column])
}

/// Phrases, the longer ones first, as the three columns write them.
static SHORT_PHRASES: &[(&str, [&str; 3])] = &[
    ("operator licence", ["oln", "op lic", "oln"]),
    ("date of birth", ["dob", "dob", "dob"]),
    ("also known as", ["aka", "aka", "aka"]),
    ("gone on arrival", ["goa", "goa", "gone on arrival"]),
    ("unable to locate", ["utl", "utl", "unable to locate"]),
    ("call back", ["cb", "cb#", "callback"]),
    ("history of", ["hx", "hx of", "hist"]),
    ("last seen", ["lsw", "ls", "last seen"]),
    ("chest pain", ["cp", "chest pn", "chest pain"]),
    ("gunshot wound", ["gsw", "gsw", "gunshot wound"]),
    ("no description", ["nfd", "no desc", "no desc"]),
];

/// Words, as the three columns write them.
static SHORT: &[(&str, [&str; 3])] = &[
    ("caller", ["rp", "comp", "caller"]),
    ("callers", ["rps", "comps", "callers"]),
    ("states", ["sts", "adv", "says"]),
    ("says", ["sts", "adv", "says"]),
    ("reports", ["rpts", "rptg", "reports"]),
    ("report", ["rpt", "rpt", "report"]),
    ("suspect", ["susp", "subj", "susp"]),
    ("subject", ["subj", "subj", "subject"]),
    ("subjects", ["subjs", "subjs", "subjects"]),
    ("victim", ["vic", "vic", "victim"]),
    ("witness", ["wit", "wit", "witness"]),
    ("vehicle", ["veh", "veh", "vehicle"]),
    ("driver", ["drvr", "drvr", "driver"]),
    ("owner", ["r/o", "owner", "owner"]),
    ("unknown", ["unk", "unk", "unknown"]),
    ("male", ["m", "male", "male"]),
    ("phone", ["ph", "px", "ph"]),
    ("plate", ["lic", "tag", "plate"]),
    ("licence", ["dl", "oln", "license"]),
    ("between", ["btwn", "btwn", "between"]),
    ("with", ["w", "with", "with"]),
    ("and", ["&", "and", "and"]),
    ("outside", ["o/s", "outside", "outside"]),
    ("behind", ["beh", "behind", "behind"]),
    ("location", ["loc", "loc", "location"]),
    ("officer", ["ofc", "ofcr", "officer"]),
    ("apartment", ["apt", "apt", "apartment"]),
    ("patient", ["pt", "pt", "patient"]),
    ("number", ["nbr", "num", "number"]),
    ("nobody", ["no one", "nobody", "nobody"]),
    ("arrived", ["arrvd", "arr", "arrived"]),
    ("residence", ["res", "res", "residence"]),
    ("conscious", ["consc", "consc", "conscious"]),
    ("breathing", ["brthg", "breathing", "breathing"]),
    ("minutes", ["min", "mins", "minutes"]),
    ("around", ["arnd", "around", "around"]),
    ("wants", ["req", "req", "wants"]),
    ("asks", ["req", "req", "asks"]),
    ("requested", ["req", "req", "requested"]),
    ("contact", ["ctc", "contact", "contact"]),
    ("complainant", ["comp", "cp", "compl"]),
    ("through", ["thru", "thru", "through"]),
    ("cancelled", ["canc", "canx", "cancelled"]),
    ("unfounded", ["unf", "unfounded", "unfounded"]),
    ("duplicate", ["dup", "dup", "duplicate"]),
    ("supervisor", ["sup", "sgt", "supervisor"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sentence: &str, voice: Voice) -> String {
        let template = Template::parse(sentence).unwrap();
        let text =
            |piece: &Piece| if let Piece::Words(words) = piece { words.clone() } else { "_".to_owned() };
        template.pieces(voice).iter().map(text).collect()
    }

    #[test]
    fn one_sentence_has_five_voices() {
        let sentence = "Caller {caller} states the suspect left, last seen {dir}.";
        assert_eq!(words(sentence, Voice::Prose), "Caller _ states the suspect left, last seen _.");
        assert_eq!(words(sentence, Voice::ShorthandFirst), "RP _ STS SUSP LEFT, LSW _.");
        assert_eq!(words(sentence, Voice::ShorthandSecond), "COMP _ ADV SUBJ LEFT, LS _.");
        assert_eq!(words(sentence, Voice::Upper), "CALLER _ SAYS THE SUSP LEFT, LAST SEEN _.");
        assert_eq!(words(sentence, Voice::Lower), "rp _ sts susp left,lsw _.");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(Template::parse("a {nothing}").is_err_and(|mistake| mistake.contains("nothing")));
        assert!(Template::parse("a {name").is_err());
    }
}
