//! What stands before a file's text, and texts that are not UTF-8.

use std::borrow::Cow;
use std::io::{self, BufRead};

use encoding_rs::Encoding;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";
/// The same, read as Windows-1252 and written as UTF-8 again: seen in exports that went through two tools.
const MARK_TWICE: &[u8] = b"\xC3\xAF\xC2\xBB\xC2\xBF";
/// The byte order marks of UTF-16 and UTF-32, in both orders.
const WIDE_MARKS: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// Why a file cannot be read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotText {
    /// It is UTF-16 or UTF-32.
    Wide,
    /// It is compressed with gzip.
    Compressed,
}

/// Passes over byte order marks.
///
/// # Errors
/// If reading fails; the inner result says whether it is a text at all.
pub(super) fn skip_marks(input: &mut impl BufRead) -> io::Result<Result<(), NotText>> {
    let start = input.fill_buf()?;
    if WIDE_MARKS.iter().any(|mark| start.starts_with(mark)) {
        return Ok(Err(NotText::Wide));
    }
    if start.starts_with(b"\x1F\x8B") {
        return Ok(Err(NotText::Compressed));
    }
    let mut skip = 0;
    while let Some(mark) = [MARK, MARK_TWICE].into_iter().find(|mark| start[skip..].starts_with(mark)) {
        skip += mark.len();
    }
    input.consume(skip);
    Ok(Ok(()))
}

/// Bytes are in none of the expected encodings.
pub(super) struct NotDecoded;

/// Bytes as text: UTF-8, else the fallback, if there is one.
pub(super) fn decode<'b>(
    bytes: &'b [u8],
    fallback: Option<&'static Encoding>,
) -> Result<Cow<'b, str>, NotDecoded> {
    match (std::str::from_utf8(bytes), fallback) {
        (Ok(text), _) => Ok(Cow::Borrowed(text)),
        (Err(_), Some(fallback)) => Ok(fallback.decode_without_bom_handling(bytes).0),
        (Err(_), None) => Err(NotDecoded),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotText, decode, skip_marks};

    #[test]
    fn marks_are_passed_over() {
        for (text, expected) in [
            (&b"\xEF\xBB\xBFab"[..], "ab"),
            (b"\xC3\xAF\xC2\xBB\xC2\xBFab", "ab"),
            (b"\xEF\xBB\xBF\xC3\xAF\xC2\xBB\xC2\xBFab", "ab"),
            (b"ab", "ab"),
            (b"", ""),
        ] {
            let mut input = text;
            assert_eq!(skip_marks(&mut input).unwrap(), Ok(()));
            assert_eq!(input, expected.as_bytes());
        }
        assert_eq!(skip_marks(&mut &b"\xFF\xFEa\0"[..]).unwrap(), Err(NotText::Wide));
        assert_eq!(skip_marks(&mut &b"\x1F\x8B\x08"[..]).unwrap(), Err(NotText::Compressed));
    }

    #[test]
    fn the_fallback_reads_what_is_not_utf_8() {
        assert!(decode(b"caf\xE9", None).is_err());
        assert_eq!(decode(b"caf\xE9", Some(encoding_rs::WINDOWS_1252)).ok().as_deref(), Some("café"));
        assert_eq!(decode("café".as_bytes(), Some(encoding_rs::WINDOWS_1252)).ok().as_deref(), Some("café"));
    }
}
