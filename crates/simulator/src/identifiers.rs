//! Numbers and addresses of people and things, each from a range that nobody real has.
//!
//! A value is drawn once and written in the layouts that call takers use, so that the same number may stand in a call in
//! several spellings.

use crate::dice::Dice;

/// A number of the range 555-0100 to 555-0199, which is reserved for fiction.
#[derive(Clone, Copy)]
pub(crate) struct Phone {
    area: u32,
    line: u32,
}

impl Phone {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        const AREAS: [u32; 8] = [308, 402, 531, 605, 720, 785, 816, 970];
        Self { area: dice.pick(&AREAS), line: dice.below(100) }
    }

    /// The layout of a structured field.
    pub(crate) fn formal(self) -> String {
        let mut out = String::with_capacity(12);
        self.joined(&mut out, '-');
        out
    }

    pub(crate) fn write(self, out: &mut String, dice: &mut Dice) {
        match dice.below(10) {
            0 | 1 => self.joined(out, '-'),
            2 => self.joined(out, '.'),
            3 => self.joined(out, ' '),
            4 => {
                digits(out, self.area, 3);
                self.local(out, None);
            }
            5 => {
                out.push_str("1-");
                self.joined(out, '-');
            }
            6 => {
                out.push_str("+1 ");
                self.joined(out, ' ');
            }
            7 => self.local(out, Some('-')),
            layout => {
                out.push('(');
                digits(out, self.area, 3);
                out.push_str(if layout == 8 { ")" } else { ") " });
                self.local(out, Some('-'));
            }
        }
    }

    fn joined(self, out: &mut String, separator: char) {
        digits(out, self.area, 3);
        out.push(separator);
        self.local(out, Some(separator));
    }

    fn local(self, out: &mut String, separator: Option<char>) {
        out.push_str("555");
        out.extend(separator);
        digits(out, 100 + self.line, 4);
    }
}

/// A date of birth.
#[derive(Clone, Copy)]
pub(crate) struct Birth {
    year: u32,
    month: u32,
    day: u32,
}

impl Birth {
    /// Of a child of 4 to 16, or of somebody of 17 to 88.
    pub(crate) fn random(dice: &mut Dice, child: bool) -> Self {
        let year = if child { dice.between(2010, 2022) } else { dice.between(1938, 2009) };
        Self { year, month: dice.between(1, 12), day: dice.between(1, 28) }
    }

    /// Years at the middle of 2026: the note says what the caller says, whatever the day.
    pub(crate) fn age(self) -> u32 {
        2026 - self.year
    }

    pub(crate) fn formal(self) -> String {
        let mut out = String::with_capacity(10);
        joined(&mut out, '-', [(self.year, 4), (self.month, 2), (self.day, 2)]);
        out
    }

    pub(crate) fn write(self, out: &mut String, dice: &mut Dice) {
        let Self { year, month, day } = self;
        match dice.below(6) {
            0 | 1 => joined(out, '/', [(month, 2), (day, 2), (year, 4)]),
            2 => joined(out, '/', [(month, 1), (day, 1), (year % 100, 2)]),
            3 => joined(out, '-', [(year, 4), (month, 2), (day, 2)]),
            4 => joined(out, '-', [(month, 2), (day, 2), (year, 4)]),
            _ => joined(out, '/', [(year, 4), (month, 2), (day, 2)]),
        }
    }
}

fn joined(out: &mut String, separator: char, parts: [(u32, u32); 3]) {
    for (index, (number, width)) in parts.into_iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        digits(out, number, width);
    }
}

/// A social security number of an area that is never assigned: 000, 666 and 900 to 999.
pub(crate) fn ssn(out: &mut String, draw: u64, dashes: bool) {
    let area = match draw % 3 {
        0 => 0,
        1 => 666,
        _ => 900 + low(draw >> 8, 100),
    };
    digits(out, area, 3);
    out.push_str(if dashes { "-" } else { "" });
    digits(out, low(draw >> 24, 100), 2);
    out.push_str(if dashes { "-" } else { "" });
    digits(out, low(draw >> 40, 10_000), 4);
}

/// A driving licence: a letter that no state begins with, zeros, then five digits.
pub(crate) fn licence(out: &mut String, draw: u64) {
    out.push(if draw & 1 == 0 { 'Q' } else { 'U' });
    digits(out, low(draw >> 8, 100_000), 8);
}

/// A plate with an I, O or Q in it, which most states leave out.
pub(crate) fn plate(out: &mut String, draw: u64) {
    let rare = ['I', 'O', 'Q'][low(draw, 3) as usize];
    let (first, last) = (letter(draw >> 4), letter(draw >> 12));
    match low(draw >> 20, 3) {
        0 => {
            out.extend([first, rare, last, ' ']);
            digits(out, low(draw >> 24, 10_000), 4);
        }
        1 => {
            digits(out, low(draw >> 24, 100), 2);
            out.extend(['-', first, rare]);
            digits(out, low(draw >> 36, 1000), 3);
        }
        _ => {
            out.extend([rare, first, last]);
            digits(out, low(draw >> 24, 1000), 3);
        }
    }
}

/// Seventeen characters in the layout of a VIN whose check digit is wrong, so that no vehicle can bear it.
pub(crate) fn vin(out: &mut String, draw: u64) {
    const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
    /// What the standard adds for each place.
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    /// The standard's values of `LETTERS`.
    const VALUES: [u32; 23] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9];
    let (mut places, mut sum, mut rest) = ([b'0'; 17], 0, draw);
    for (place, weight) in WEIGHTS.into_iter().enumerate() {
        let value = if (1..=5).contains(&place) || place == 10 {
            let pick = low(rest, 23) as usize;
            places[place] = LETTERS[pick];
            VALUES[pick]
        } else {
            let pick = low(rest, 10);
            places[place] = b'0' + u8::try_from(pick).unwrap_or_default();
            pick
        };
        sum += value * weight;
        rest = rest.rotate_right(11).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    // One more than the right digit; never X, which stands for ten.
    places[8] = b'0' + u8::try_from((sum % 11 + 1) % 10).unwrap_or_default();
    out.extend(places.into_iter().map(char::from));
}

/// An address of the three blocks that RFC 5737 sets aside, or of RFC 3849's.
pub(crate) fn ip(out: &mut String, dice: &mut Dice) {
    match dice.below(4) {
        0 => out.push_str("192.0.2."),
        1 => out.push_str("198.51.100."),
        2 => out.push_str("203.0.113."),
        _ => {
            out.push_str("2001:db8::");
            return digits(out, dice.between(10, 9999), 1);
        }
    }
    digits(out, dice.between(1, 254), 1);
}

/// A page under the names that RFC 2606 sets aside.
pub(crate) fn url(out: &mut String, dice: &mut Dice) {
    const SITES: [&str; 4] = [
        "https://clips.example.com/v/",
        "www.example.net/p/",
        "http://cam.example.org/",
        "share.example.com/",
    ];
    out.push_str(dice.pick(&SITES));
    digits(out, dice.below(900_000) + 100_000, 6);
}

/// A case, policy or door number.
pub(crate) fn account(out: &mut String, dice: &mut Dice) {
    const PREFIXES: [&str; 5] = ["26-", "CR-", "#", "PO", "*"];
    out.push_str(dice.pick(&PREFIXES));
    digits(out, dice.below(900_000) + 100_000, 6);
}

/// `number` in decimal with at least `width` digits.
pub(crate) fn digits(out: &mut String, number: u32, width: u32) {
    let (mut buffer, mut at, mut rest) = ([b'0'; 10], 10, number);
    while rest > 0 {
        at -= 1;
        buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let from = at.min(10 - (width as usize).min(10));
    out.extend(buffer[from..].iter().copied().map(char::from));
}

fn low(draw: u64, end: u64) -> u32 {
    u32::try_from(draw % end).unwrap_or_default()
}

fn letter(draw: u64) -> char {
    char::from(b'A' + u8::try_from(draw % 26).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_pad_to_their_width() {
        let mut out = String::new();
        for (number, width) in [(0, 1), (7, 2), (1234, 1), (100, 4), (4_294_967_295, 1)] {
            digits(&mut out, number, width);
            out.push(' ');
        }
        assert_eq!(out, "0 07 1234 0100 4294967295 ");
    }

    #[test]
    fn no_vehicle_can_bear_a_number() {
        let mut dice = Dice::of_call(5, 5);
        for _ in 0..5_000 {
            let mut out = String::new();
            vin(&mut out, dice.bits());
            assert_eq!(out.len(), 17);
            assert!(!out.contains(['I', 'O', 'Q']));
            assert_ne!(check_digit(&out), out.as_bytes()[8], "{out} is valid");
        }
    }

    /// The check digit of 49 CFR 565.15, written apart from `vin`.
    fn check_digit(vin: &str) -> u8 {
        let value = |byte: u8| match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'H' => u32::from(byte - b'A') + 1,
            b'J'..=b'N' => u32::from(byte - b'J') + 1,
            b'P' => 7,
            b'R' => 9,
            _ => u32::from(byte - b'S') + 2,
        };
        let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
        let sum: u32 = vin.bytes().zip(weights).map(|(byte, weight)| value(byte) * weight).sum();
        b"0123456789X"[(sum % 11) as usize]
    }
}
