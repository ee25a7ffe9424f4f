//! Vehicle identification numbers, by ISO 3779 and 49 CFR 565: seventeen characters without I, O and Q, the ninth a
//! check digit.

use super::code::{after_label, code_at};
use crate::board::Board;
use crate::class::Class;
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>) {
    let labels = board.seen & flag::C_VIN != 0;
    let mut at = board.seek(0, [Class::ClusterStart, Class::Label]);
    while at < board.len() {
        if labels && board.has(at, flag::C_VIN) && board.is_free(at) {
            labelled(board, at);
        } else if board.is_free(at) && !board.is_glued(at) && (board.is_num(at) || board.is_word(at)) {
            let last = board.cluster_end(at);
            if last > at {
                whole(board, at, last);
            }
            at = last;
        }
        at = board.seek(at + 1, [Class::ClusterStart, Class::Label]);
    }
}

fn whole(board: &mut Board<'_>, first: usize, last: usize) -> bool {
    let (Some(from), Some(to)) = (board.tok(first), board.tok(last)) else { return false };
    let text = &board.bytes[from.start as usize..to.end as usize];
    let Some(checked) = check(text) else { return false };
    let (rule, confidence) = if checked { (RuleId::VinChecked, 0.999) } else { (RuleId::VinLayout, 0.9) };
    board.claim(first, last, SpanType::Vin, rule, confidence)
}

/// Whether the check digit of seventeen characters agrees; nothing if they cannot be a VIN at all.
fn check(text: &[u8]) -> Option<bool> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if text.len() != 17 || text.iter().filter(|byte| byte.is_ascii_digit()).count() < 4 {
        return None;
    }
    let mut sum = 0;
    for (&byte, weight) in text.iter().zip(WEIGHTS) {
        sum += value(byte)? * weight;
    }
    let expected = match sum % 11 {
        10 => b'X',
        digit => b'0' + u8::try_from(digit).unwrap_or_default(),
    };
    Some(text[8].eq_ignore_ascii_case(&expected))
}

/// The transliteration of the standard; I, O and Q have none.
fn value(byte: u8) -> Option<u32> {
    Some(match byte.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => u32::from(digit - b'0'),
        letter @ b'A'..=b'H' => u32::from(letter - b'A') + 1,
        letter @ b'J'..=b'N' => u32::from(letter - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        letter @ b'S'..=b'Z' => u32::from(letter - b'S') + 2,
        _ => return None,
    })
}

/// After `VIN`: any code of four characters or more with a digit, also in spaced groups.
fn labelled(board: &mut Board<'_>, cue: usize) {
    let at = after_label(board, cue, flag::C_VIN);
    let Some(mut code) = code_at(board, at) else { return };
    if code.digits == 0
        && board.is_num(code.last + 1)
        && code.letters <= 4
        && let Some(more) = code_at(board, code.last + 1)
    {
        code.last = more.last;
        code.digits += more.digits;
        code.letters += more.letters;
    }
    while code.digits > 0 && code.len() < 17 {
        let Some(more) = code_at(board, code.last + 1) else { break };
        if more.digits == 0 || code.len() + more.len() > 17 || board.starts_line(more.first) {
            break;
        }
        code.last = more.last;
        code.digits += more.digits;
        code.letters += more.letters;
    }
    if code.digits >= 1 && code.len() >= 4 {
        let text = (code.len() == 17).then(|| whole(board, code.first, code.last));
        if text != Some(true) {
            board.claim(code.first, code.last, SpanType::Vin, RuleId::VinPartial, 0.93);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn check_digits() {
        // The example of the regulation's own worksheet, and seventeen ones, which are their own check.
        assert_eq!(check(b"1M8GDM9AXKP042788"), Some(true));
        assert_eq!(check(b"11111111111111111"), Some(true));
        assert_eq!(check(b"1M8GDM9A1KP042788"), Some(false));
        assert_eq!(check(b"1M8GDM9AXKP04278O"), None);
        assert_eq!(check(b"SHORT1234"), None);
    }
}
