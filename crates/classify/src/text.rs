//! The one place where text of feeds is brought into one form, before anything reads it.
//!
//! Case, accents, entities, dashes, quotes, spacing and punctuation disappear here: what is left is a
//! list of words of lower-case ASCII letters and digits. Two texts that differ in nothing else give the
//! same list, so no later layer can depend on them.

use smallvec::SmallVec;
use unicode_normalization::char::decompose_compatible;

/// Where one word stands in the buffer of its [`Words`].
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
    /// Letters that stood apart (`B & E`, `U.U.M.V.`), joined.
    spelled: bool,
}

/// The words of one text.
#[derive(Default)]
pub(crate) struct Words {
    letters: SmallVec<[u8; 256]>,
    spans: SmallVec<[Span; 32]>,
}

/// One word of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// Lower-case ASCII letters and digits, at least one.
    pub(crate) text: &'a str,
    /// Letters that stood apart in the source, joined here.
    pub(crate) spelled: bool,
}

impl Words {
    /// Reads a text.
    pub(crate) fn new(text: &str) -> Self {
        let mut words = Self::default();
        words.read(text.as_bytes(), false);
        words.finish();
        words
    }

    /// Reads a narrative in which placeholders such as `[PHONE]` stand for what was scrubbed: each is one
    /// word without a meaning, so that nobody is robbed of a `[PHONE]`.
    pub(crate) fn of_scrubbed(text: &str) -> Self {
        let mut words = Self::default();
        words.read(text.as_bytes(), true);
        words.finish();
        words
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The word at `index`, or an empty one past the end.
    pub(crate) fn get(&self, index: usize) -> Word<'_> {
        self.spans.get(index).map_or(Word { text: "", spelled: false }, |span| {
            let bytes = &self.letters[span.start as usize..span.end as usize];
            // Only ASCII letters and digits are ever pushed.
            Word { text: std::str::from_utf8(bytes).unwrap_or_default(), spelled: span.spelled }
        })
    }

    /// The words in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    fn read(&mut self, bytes: &[u8], placeholders: bool) {
        let mut word_start = 0;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let folded = FOLD[usize::from(byte)];
            if folded != 0 {
                self.letters.push(folded);
                at += 1;
                continue;
            }
            let placeholder = if placeholders && byte == b'[' { placeholder(&bytes[at..]) } else { None };
            if let Some((length, word)) = placeholder {
                self.end_word(word_start);
                let start = self.letters.len();
                self.letters.extend_from_slice(word);
                at += length;
                word_start = self.end_word(start);
                continue;
            }
            if byte >= 0x80 {
                let (keeps_word, length) = self.read_unicode(&bytes[at..]);
                at += length;
                if keeps_word {
                    continue;
                }
            } else {
                at += if byte == b'&' { entity_length(&bytes[at..]) } else { 1 };
            }
            word_start = self.end_word(word_start);
        }
        self.end_word(word_start);
    }

    /// Reads one character outside ASCII: pushes its base letters, and tells whether the word goes on
    /// and how many bytes were read.
    fn read_unicode(&mut self, bytes: &[u8]) -> (bool, usize) {
        let length = char_length(bytes[0]).min(bytes.len());
        let Some(c) = std::str::from_utf8(&bytes[..length]).ok().and_then(|s| s.chars().next()) else {
            return (false, length);
        };
        // Soft hyphen, zero-width characters and the byte-order mark are invisible inside a word.
        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') {
            return (true, length);
        }
        // Combining marks after a letter belong to it.
        let mut keeps_word = ('\u{300}'..='\u{36f}').contains(&c);
        decompose_compatible(c, |part| {
            if let Ok(byte) = u8::try_from(part) {
                let folded = FOLD[usize::from(byte)];
                if folded != 0 {
                    self.letters.push(folded);
                    keeps_word = true;
                }
            }
        });
        (keeps_word, length)
    }

    /// Closes the word that began at `start`; answers where the next one begins.
    fn end_word(&mut self, start: usize) -> usize {
        let end = self.letters.len();
        if end == start {
            return end;
        }
        if is_entity_rest(&self.letters[start..end]) {
            self.letters.truncate(start);
            return start;
        }
        let single = end - start == 1 && self.letters[start].is_ascii_alphabetic();
        if single && self.join_letter(start) {
            return self.letters.len();
        }
        self.spans.push(Span { start: offset(start), end: offset(end), spelled: single });
        end
    }

    /// Joins a letter that stands alone to what is before it. `DON'T` and `DON T` become `dont`, the `S`
    /// of a possessive goes, and spelled-out letters make one word.
    fn join_letter(&mut self, start: usize) -> bool {
        let Some(last) = self.spans.last_mut() else { return false };
        let letter = self.letters[start];
        let previous = &self.letters[last.start as usize..last.end as usize];
        if last.spelled {
            last.end += 1;
            return true;
        }
        if letter == b't' && previous.len() > 2 && previous.ends_with(b"n") {
            last.end += 1;
            return true;
        }
        if letter == b's' && previous.len() > 1 && previous[0].is_ascii_alphabetic() {
            self.letters.truncate(start);
            return true;
        }
        false
    }

    /// A lone letter is a word, not a spelled-out one.
    fn finish(&mut self) {
        for span in &mut self.spans {
            span.spelled = span.spelled && span.end - span.start > 1;
        }
    }
}

/// The placeholders of redaction and the words that they are read as. `_` is no letter and no digit, so
/// no word of a text can be taken for a placeholder. That medical facts were taken out still matters,
/// and so does that an age was a minor's.
const PLACEHOLDERS: [(&[u8], &[u8]); 17] = [
    (b"NAME", b"_"),
    (b"PHONE", b"_"),
    (b"ADDRESS", b"_"),
    (b"GPS", b"_"),
    (b"DOB", b"_"),
    (b"AGE", b"_"),
    (b"AGE_MINOR", b"juvenile"),
    (b"SSN", b"_"),
    (b"LICENSE", b"_"),
    (b"PLATE", b"_"),
    (b"VIN", b"_"),
    (b"EMAIL", b"_"),
    (b"MEDICAL", b"_medical"),
    (b"IP", b"_"),
    (b"URL", b"_"),
    (b"ACCOUNT", b"_"),
    (b"OFFICER", b"_"),
];

/// The length of the placeholder at the start of `bytes`, and the word that it is read as.
fn placeholder(bytes: &[u8]) -> Option<(usize, &'static [u8])> {
    let inside = &bytes[1..];
    let fits = |name: &[u8]| inside.starts_with(name) && inside.get(name.len()) == Some(&b']');
    let (name, word) = PLACEHOLDERS.iter().find(|(name, _)| fits(name))?;
    Some((name.len() + 2, word))
}

/// Texts are bounded far below 4 GiB before they come here; a longer one would only lose its tail.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What is left of an entity whose punctuation was lost.
fn is_entity_rest(word: &[u8]) -> bool {
    matches!(word, b"amp" | b"nbsp" | b"quot")
}

/// The length of the entity at the start of `bytes` (`&amp;`, `&#8208;`), or 1 for a bare ampersand.
/// Entities for letters do not occur in dispatch feeds; all that do occur stand for punctuation.
fn entity_length(bytes: &[u8]) -> usize {
    const LONGEST: usize = 9;
    let window = &bytes[..bytes.len().min(LONGEST)];
    let Some(end) = window.iter().position(|&b| b == b';') else { return 1 };
    let name = &window[1..end];
    let numeric = name.first() == Some(&b'#')
        && name[1..].iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b'x' | b'X'));
    let named = [&b"amp"[..], b"lt", b"gt", b"quot", b"apos", b"nbsp", b"ndash", b"mdash"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known));
    if numeric || named { end + 1 } else { 1 }
}

const fn char_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    }
}

/// ASCII letters to lower case, digits to themselves, everything else to 0.
const FOLD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Words::new(text).iter().map(|w| w.text.to_owned()).collect()
    }

    #[test]
    fn case_spacing_and_punctuation_disappear() {
        assert_eq!(words("  Shots-FIRED,  (heard)  "), ["shots", "fired", "heard"]);
        assert_eq!(words("shots fired heard"), ["shots", "fired", "heard"]);
        assert_eq!(words("SHOTS\u{2010}FIRED\u{a0}HEARD"), ["shots", "fired", "heard"]);
        assert!(words(" -- ").is_empty());
    }

    #[test]
    fn entities_and_what_is_left_of_them_disappear() {
        assert_eq!(words("SEARCH&amp;SEIZURE"), ["search", "seizure"]);
        assert_eq!(words("SEARCH&amp;amp;SEIZURE &#8208; &nbsp;X"), ["search", "seizure", "x"]);
        assert_eq!(words("SEARCH amp SEIZURE"), ["search", "seizure"]);
        assert_eq!(words("A1 & B2;"), ["a1", "b2"]);
    }

    #[test]
    fn letters_that_stand_apart_are_joined() {
        for text in ["B&E", "B & E", "B&amp;E", "b. e.", "B/E"] {
            let all = Words::new(text);
            assert_eq!((all.get(0).text, all.get(0).spelled, all.len()), ("be", true, 1), "{text}");
        }
        assert_eq!(words("U.U.M.V. X1"), ["uumv", "x1"]);
        let lone = Words::new("W GUN");
        assert!(!lone.get(0).spelled);
    }

    #[test]
    fn contractions_and_possessives_are_one_word() {
        assert_eq!(words("won't wont WON T"), ["wont", "wont", "wont"]);
        assert_eq!(words("CALLER'S CAR"), ["caller", "car"]);
        assert_eq!(words("21 S"), ["21", "s"]);
    }

    #[test]
    fn placeholders_of_scrubbed_text_have_no_meaning() {
        let scrubbed = |text: &str| -> Vec<String> {
            Words::of_scrubbed(text).iter().map(|w| w.text.to_owned()).collect()
        };
        assert_eq!(scrubbed("CB [PHONE].[NAME] HURT"), ["cb", "_", "_", "hurt"]);
        assert_eq!(scrubbed("[PHONES] [phone]"), ["phones", "phone"]);
        assert_eq!(scrubbed("[AGE] [AGE_MINOR] [MEDICAL]"), ["_", "juvenile", "_medical"]);
        assert_eq!(words("CB [PHONE]"), ["cb", "phone"]);
    }

    #[test]
    fn accents_width_and_invisible_characters_are_folded() {
        assert_eq!(words("APUÑALÓ"), ["apunalo"]);
        assert_eq!(words("APUN\u{303}ALO\u{301}"), ["apunalo"]);
        assert_eq!(words("\u{feff}ＲＯＢ\u{ad}BERY"), ["robbery"]);
        assert_eq!(words("\u{fb01}re"), ["fire"]);
    }
}
