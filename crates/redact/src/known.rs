//! Values that the record's own fields hold: they go from the narrative, whatever the rules think.

use smallvec::SmallVec;

use crate::board::Board;
use crate::lexicon::hash;
use crate::lexicon_flags as flag;
use crate::normal::Normal;
use crate::span::{RuleId, SpanType};
use crate::token::Kind;

/// The values of one record's structured fields.
///
/// It has no `Debug`: it holds personal data.
#[derive(Clone, Default)]
pub struct Known {
    names: Vec<Word>,
    numbers: Vec<Vec<u8>>,
    streets: Vec<Street>,
    codes: Vec<(SpanType, Vec<u8>)>,
}

/// A word of a known name.
#[derive(Clone)]
struct Word {
    hash: u64,
    /// In capitals.
    text: SmallVec<[u8; 16]>,
}

/// A known address: its number and the words of its street.
#[derive(Clone)]
struct Street {
    number: Vec<u8>,
    words: Vec<u64>,
}

/// A code of fewer characters would mask half the text.
const CODE_MIN: usize = 3;
/// Digits of a telephone number that identify it: the line without its area.
const PHONE_MIN: usize = 7;

impl Known {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.numbers.is_empty() && self.streets.is_empty() && self.codes.is_empty()
    }

    /// Builds from pairs of a kind and a value. Kinds are matched without regard to case: `name` (also `caller`,
    /// `person`, `first_name`, `last_name`), `phone` (also `callback`, `tel`), `address` (also `street`, `location`);
    /// the names of [`SpanType`]; anything else is a value that goes as it stands.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        pairs.into_iter().fold(Self::none(), |known, (kind, value)| known.with(kind, value))
    }

    /// Adds one value; see [`Known::from_pairs`].
    #[must_use]
    pub fn with(self, kind: &str, value: &str) -> Self {
        let kind = kind.to_ascii_lowercase();
        let has = |part: &str| kind.contains(part);
        if has("phone") || has("callback") || has("tel") || kind == "cell" || kind == "ani" {
            self.phone(value)
        } else if has("address") || has("street") || has("location") {
            self.address(value)
        } else if has("name") || has("caller") || has("person") || has("complainant") || has("owner") {
            self.name(value)
        } else {
            let ty = SpanType::parse(&kind.to_ascii_uppercase()).unwrap_or(SpanType::Account);
            self.other(ty, value)
        }
    }

    /// Adds a person's name in any order: `Whitfield, Darnell J` and `darnell whitfield` are the same.
    #[must_use]
    pub fn name(mut self, value: &str) -> Self {
        let mut normal = Normal::default();
        for part in
            normal.read(value).split(|byte| !byte.is_ascii_alphabetic() && *byte != b'\'' && *byte < 0x80)
        {
            let text: SmallVec<[u8; 16]> =
                part.iter().filter(|byte| **byte != b'\'').map(u8::to_ascii_uppercase).collect();
            if text.len() > 1 {
                self.names.push(Word { hash: hash(part), text });
            }
        }
        self
    }

    /// Adds a telephone number; its last seven digits alone go too.
    #[must_use]
    pub fn phone(mut self, value: &str) -> Self {
        let mut normal = Normal::default();
        let digits: Vec<u8> = normal.read(value).iter().copied().filter(u8::is_ascii_digit).collect();
        if digits.len() >= PHONE_MIN {
            self.numbers.push(digits);
        }
        self
    }

    /// Adds an address: its house number goes with any word of its street beside it.
    #[must_use]
    pub fn address(mut self, value: &str) -> Self {
        let mut normal = Normal::default();
        let bytes = normal.read(value);
        let mut parts = bytes
            .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'\'')
            .filter(|part| !part.is_empty());
        let number =
            parts.clone().find(|part| part[0].is_ascii_digit()).map(<[u8]>::to_vec).unwrap_or_default();
        let words =
            parts.by_ref().filter(|part| part[0].is_ascii_alphabetic() && part.len() > 2).map(hash).collect();
        self.streets.push(Street { number, words });
        self
    }

    /// Adds a value that goes as it stands, whatever its case, spaces and signs.
    #[must_use]
    pub fn other(mut self, ty: SpanType, value: &str) -> Self {
        let mut normal = Normal::default();
        let code: Vec<u8> = normal
            .read(value)
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_uppercase)
            .collect();
        if code.len() >= CODE_MIN {
            self.codes.push((ty, code));
        }
        self
    }

    /// Claims every mention.
    pub(crate) fn mark(&self, board: &mut Board<'_>) {
        if self.is_empty() {
            return;
        }
        for at in 0..board.len() {
            match board.toks[at].kind {
                Kind::Word => self.mark_word(board, at),
                Kind::Num => self.mark_number(board, at),
                _ => {}
            }
            self.mark_code(board, at);
        }
    }

    fn mark_word(&self, board: &mut Board<'_>, at: usize) {
        if board.is_masked(at) {
            return;
        }
        let key = board.toks[at].hash;
        if self.names.iter().any(|word| word.hash == key) {
            board.claim(at, at, SpanType::Name, RuleId::Known, 0.99);
        } else if board.flags(at) & flag::STRICT == 0
            && self.names.iter().any(|word| is_near(&word.text, board.text(at)))
        {
            board.claim(at, at, SpanType::Name, RuleId::KnownNear, 0.9);
        }
    }

    /// A house number beside a word of its street, or digits of a telephone number.
    fn mark_number(&self, board: &mut Board<'_>, at: usize) {
        for street in &self.streets {
            if street.number.is_empty() || board.text(at) != &street.number[..] {
                continue;
            }
            let beside = (at + 1..at + 4)
                .find(|&i| board.tok(i).is_some_and(|tok| tok.hash != 0 && street.words.contains(&tok.hash)));
            if let Some(mut last) = beside {
                while board.has(last + 1, flag::STREET)
                    || board
                        .tok(last + 1)
                        .is_some_and(|tok| tok.hash != 0 && street.words.contains(&tok.hash))
                {
                    last += 1;
                }
                board.claim_free(at, last, SpanType::Address, RuleId::Known, 0.99);
            }
        }
        if self.numbers.is_empty() || board.is_glued(at) && board.is_num(at.wrapping_sub(1)) {
            return;
        }
        let mut digits: SmallVec<[u8; 24]> = SmallVec::new();
        let mut i = at;
        while i < board.len() && digits.len() < 20 {
            match board.toks[i].kind {
                Kind::Num => {
                    digits.extend_from_slice(board.text(i));
                    if digits.len() >= PHONE_MIN
                        && self.numbers.iter().any(|number| same_phone(number, &digits))
                    {
                        board.claim_free(at, i, SpanType::Phone, RuleId::Known, 0.99);
                    }
                }
                Kind::Sign if i > at => {}
                _ => break,
            }
            i += 1;
        }
    }

    /// A value that goes as it stands: its letters and digits, whatever stands between.
    fn mark_code(&self, board: &mut Board<'_>, at: usize) {
        for (ty, code) in &self.codes {
            let mut rest = &code[..];
            let mut i = at;
            while !rest.is_empty() && i < board.len() {
                let text = board.text(i);
                match board.toks[i].kind {
                    Kind::Sign if i > at => {}
                    Kind::Word | Kind::Num
                        if text.len() <= rest.len() && text.eq_ignore_ascii_case(&rest[..text.len()]) =>
                    {
                        rest = &rest[text.len()..];
                    }
                    _ => break,
                }
                i += 1;
            }
            if rest.is_empty() && i > at {
                board.claim_free(at, i - 1, *ty, RuleId::Known, 0.99);
            }
        }
    }
}

/// The same number with or without country and area code.
fn same_phone(known: &[u8], digits: &[u8]) -> bool {
    known.ends_with(digits) || digits.ends_with(known)
}

/// One letter wrong, missing, doubled or swapped in a word of five letters or more; two in one of nine or more.
fn is_near(known: &[u8], text: &[u8]) -> bool {
    let allowed = match known.len() {
        0..=4 => return false,
        5..=8 => 1,
        _ => 2,
    };
    if text.len().abs_diff(known.len()) > allowed || text.len() > 32 || known.len() > 32 {
        return false;
    }
    distance(known, text) <= allowed
}

/// The distance of Damerau and Levenshtein with adjacent swaps, without regard to case.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut rows = [[0_usize; 34]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate().take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        let (now, last, older) = (i % 3, (i - 1) % 3, (i + 1) % 3);
        rows[now][0] = i;
        for j in 1..=b.len() {
            let same = |x: usize, y: usize| a[x - 1].eq_ignore_ascii_case(&b[y - 1]);
            let change = rows[last][j - 1] + usize::from(!same(i, j));
            let mut best = change.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j) {
                best = best.min(rows[older][j - 2] + 1);
            }
            rows[now][j] = best;
        }
    }
    rows[a.len() % 3][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses() {
        assert_eq!(distance(b"WHITFIELD", b"whitfeild"), 1);
        assert!(is_near(b"DARNELL", b"DARNEL"));
        assert!(!is_near(b"DARNELL", b"DANIEL"));
        assert!(!is_near(b"ANNA", b"ANNE"));
    }
}
