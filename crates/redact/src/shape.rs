//! What the letters of a word that no list has say of it.

/// The shape of an unknown word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It says nothing.
    Plain,
    /// Nobody could pronounce it: a code or shorthand.
    Shorthand,
    /// It begins or ends as family names do.
    Name,
    /// It ends as English words do.
    Word,
}

impl Shape {
    /// The shape of a word.
    pub(crate) fn of(word: &[u8]) -> Self {
        if !pronounceable(word) {
            Self::Shorthand
        } else if shaped_like_name(word) {
            Self::Name
        } else if shaped_like_word(word) {
            Self::Word
        } else {
            Self::Plain
        }
    }
}

/// Whether a word has a vowel and no letter three times: DRVWY and XXXX are shorthand. Two letters may be a name.
fn pronounceable(word: &[u8]) -> bool {
    let vowel = word.iter().any(|byte| b"AEIOUY".contains(&byte.to_ascii_uppercase()) || *byte >= 0x80);
    let triple = word.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]);
    (vowel || word.eq_ignore_ascii_case(b"NG")) && !triple
}

/// Beginnings and endings that are family names' own: O'DEA, MCADOO, KOWALSKI, PETROVICH, ERIKSSON.
fn shaped_like_name(word: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 28] = [
        b"YAN", b"OGLU", b"SKI", b"SKA", b"SKY", b"WICZ", b"OVICH", b"EVICH", b"OVIC", b"EVIC", b"ENKO",
        b"SSON", b"SDOTTIR", b"STEIN", b"BERG", b"MANN", b"OPOULOS", b"AKIS", b"ADZE", b"SHVILI", b"EZ",
        b"OVA", b"EVA", b"ESCU", b"NGTON", b"ELLI", b"ETTI", b"KOV",
    ];
    let starts =
        |prefix: &[u8]| word.len() >= prefix.len() + 3 && word[..prefix.len()].eq_ignore_ascii_case(prefix);
    starts(b"O'") || starts(b"MC") || starts(b"D'") || ends_in(word, &ENDINGS, |_| 3)
}

/// Endings of English words that no list has yet: what is left of the language after a vocabulary.
fn shaped_like_word(word: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 27] = [
        b"ED", b"ING", b"LY", b"TION", b"SION", b"MENT", b"NESS", b"ABLE", b"IBLE", b"OUS", b"TIVE", b"ICAL",
        b"SHIP", b"LESS", b"FUL", b"ISH", b"IZE", b"ISM", b"ALLY", b"WARD", b"TURE", b"ANCE", b"ENCE",
        b"IFY", b"OLOGY", b"TIONS", b"MENTS",
    ];
    ends_in(word, &ENDINGS, |ending| if ending == 2 { 4 } else { 3 })
}

/// Whether the word ends in one of the endings with at least that many letters before it. Most endings are ruled out by
/// their last letter alone.
fn ends_in(word: &[u8], endings: &[&[u8]], before: impl Fn(usize) -> usize) -> bool {
    let last = word.last().map(u8::to_ascii_uppercase);
    endings.iter().filter(|ending| ending.last().copied() == last).any(|ending| {
        word.len() >= ending.len() + before(ending.len())
            && word[word.len() - ending.len()..].eq_ignore_ascii_case(ending)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        assert_eq!(Shape::of(b"DRVWR"), Shape::Shorthand);
        assert_eq!(Shape::of(b"O'DEA"), Shape::Name);
        assert_eq!(Shape::of(b"Kowalski"), Shape::Name);
        assert_eq!(Shape::of(b"GATLING"), Shape::Word);
        assert_eq!(Shape::of(b"NG"), Shape::Plain);
    }
}
