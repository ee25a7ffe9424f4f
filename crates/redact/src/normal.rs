//! One byte alphabet for the detectors, whatever the text came in.
//!
//! Letters lose their marks, every Unicode space becomes a space, every dash a hyphen, full-width forms their ASCII
//! twins; other letters become [`LETTER`], other signs [`SIGN`]. A map leads every byte back to the original text.
//! Text that is ASCII already is used as it stands.

use unicode_normalization::UnicodeNormalization;

/// Stands for a letter of another script.
pub(crate) const LETTER: u8 = 0x80;
/// Stands for any other character, such as an emoji.
pub(crate) const SIGN: u8 = 0x1;
/// Stands for the degree sign, which coordinates need.
pub(crate) const DEGREE: u8 = 0x2;

/// The normalised bytes and the way back.
#[derive(Default)]
pub(crate) struct Normal {
    bytes: Vec<u8>,
    /// Start in the original of each normalised byte, and the original's length at the end.
    starts: Vec<u32>,
    /// End in the original of each normalised byte.
    ends: Vec<u32>,
    ascii: bool,
}

impl Normal {
    /// Reads a text; the detectors see the returned bytes.
    pub(crate) fn read<'a>(&'a mut self, text: &'a str) -> &'a [u8] {
        self.bytes.clear();
        self.starts.clear();
        self.ends.clear();
        self.ascii = text.is_ascii();
        if self.ascii {
            return text.as_bytes();
        }
        for (at, c) in text.char_indices() {
            self.push(at, c);
        }
        &self.bytes
    }

    fn push(&mut self, at: usize, c: char) {
        let span = (to_u32(at), to_u32(at + c.len_utf8()));
        if c.is_ascii() {
            self.put(c as u8, span);
        } else if let Some(byte) = sign_of(c) {
            self.put(byte, span);
        } else if is_ignored(c) {
            // A combining mark or joiner belongs to the character before it.
            if let Some(end) = self.ends.last_mut() {
                *end = span.1;
            }
        } else if c.is_whitespace() {
            self.put(b' ', span);
        } else if !c.is_alphanumeric() {
            self.put(SIGN, span);
        } else {
            self.put_letter(c, span);
        }
    }

    fn put_letter(&mut self, c: char, span: (u32, u32)) {
        if let Some(pair) = special_letter(c) {
            for byte in pair.bytes() {
                self.put(byte, span);
            }
            return;
        }
        let before = self.bytes.len();
        for part in std::iter::once(c).nfkd() {
            if part.is_ascii_alphanumeric() {
                self.put(part as u8, span);
            }
        }
        if self.bytes.len() == before {
            // The digits of Arabic and Persian, in their two ranges of ten.
            let digit = match u32::from(c) {
                code @ 0x660..=0x669 => u8::try_from(code - 0x660).ok(),
                code @ 0x6F0..=0x6F9 => u8::try_from(code - 0x6F0).ok(),
                _ => None,
            };
            self.put(digit.map_or(LETTER, |digit| b'0' + digit), span);
        }
    }

    fn put(&mut self, byte: u8, span: (u32, u32)) {
        self.bytes.push(byte);
        self.starts.push(span.0);
        self.ends.push(span.1);
    }

    /// The original range of a normalised range that is not empty.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        if self.ascii {
            return (start, end);
        }
        let first = self.starts.get(start).copied().unwrap_or_default();
        let last = self.ends.get(end.saturating_sub(1)).copied().unwrap_or(first);
        (first as usize, last as usize)
    }
}

fn to_u32(offset: usize) -> u32 {
    // The engine refuses to read texts that are longer.
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Combining marks, zero-width characters, soft hyphens, variation selectors and byte-order marks.
fn is_ignored(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x300..=0x36F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2064 | 0xFE00..=0xFE0F | 0xFEFF)
}

fn sign_of(c: char) -> Option<u8> {
    Some(match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{2043}' => b'-',
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{B4}' | '\u{2BC}'
        | '\u{FF07}' => b'\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{AB}' | '\u{BB}' => b'"',
        '\u{B0}' | '\u{BA}' | '\u{2DA}' => DEGREE,
        '\u{BD}' => b'~',
        '\u{2044}' | '\u{2215}' => b'/',
        '\u{FF01}'..='\u{FF5E}' => u8::try_from(u32::from(c) - 0xFEE0).unwrap_or(SIGN),
        _ => return None,
    })
}

/// Letters that Unicode does not take apart.
fn special_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' | 'Þ' => "th",
        'ı' => "i",
        'œ' | 'Œ' => "oe",
        'ħ' => "h",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8_lossy(Normal::default().read(text)).into_owned()
    }

    #[test]
    fn folds_marks_spaces_dashes_and_widths() {
        assert_eq!(
            read("José\u{A0}Ilić 555\u{2013}01\u{2010}２３ O\u{2019}Dea"),
            "Jose Ilic 555-01-23 O'Dea"
        );
        assert_eq!(read("a\u{200B}b\u{301}"), "ab");
        assert_eq!(read("\u{2003}٣"), " 3");
    }

    #[test]
    fn leads_back_to_the_original() {
        let text = "ß JOSE\u{301}!";
        let mut normal = Normal::default();
        assert_eq!(normal.read(text), b"ss JOSE!");
        let (start, end) = normal.original(3, 7);
        assert_eq!(&text[start..end], "JOSE\u{301}");
        assert_eq!(normal.original(0, 1), (0, 2));
    }
}
