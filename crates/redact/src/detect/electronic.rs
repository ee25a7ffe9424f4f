//! E-mail, web and IP addresses, and handles of social networks.

use crate::board::{Board, GLUED_MAX};
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::span::{RuleId, SpanType};

/// Top-level domains that callers' addresses end in. A name without path or `www` must end in one of these.
const DOMAINS: Words = *words!(
    "COM", "ORG", "NET", "EDU", "GOV", "MIL", "INFO", "BIZ", "IO", "US", "EXAMPLE", "APP", "LINK", "ME"
);
/// Domains that are hardly a word after a full stop without a space.
const SAFE_DOMAINS: Words = *words!("COM", "ORG", "NET", "EDU", "GOV", "EXAMPLE", "BIZ");
/// Mail hosts as people say them.
pub(crate) const MAIL_HOSTS: Words =
    *words!("GMAIL", "YAHOO", "HOTMAIL", "OUTLOOK", "ICLOUD", "AOL", "MSN", "COMCAST", "PROTONMAIL");

pub(super) fn run(board: &mut Board<'_>) {
    let mut at = board.seek(0, [Class::Electronic]);
    while at < board.len() {
        if board.is_free(at) {
            match board.sign(at) {
                b'@' => email(board, at),
                b':' => colon(board, at),
                b'.' if board.is_glued(at) && board.is_glued(at + 1) => dot(board, at),
                _ => {}
            }
            let domain = board.is_one_of(at, words!("DOT"))
                && board.is_one_of(at + 1, words!("COM", "NET", "ORG", "EDU", "GOV", "US", "IO", "CO"))
                && at > 2;
            if board.is_one_of(at, &MAIL_HOSTS) {
                spelled_email(board, at);
            } else if domain {
                spelled_email(board, at - 1);
            }
        }
        at = board.seek(at + 1, [Class::Electronic]);
    }
}

fn is_mail_part(board: &Board<'_>, at: usize) -> bool {
    board.is_free(at)
        && (board.is_word(at)
            || board.is_num(at)
            || matches!(board.sign(at), b'.' | b'_' | b'-' | b'+' | b'%'))
}

fn email(board: &mut Board<'_>, at: usize) {
    let mut first = at;
    while at - first < GLUED_MAX
        && first > 0
        && board.is_glued(first)
        && is_mail_part(board, first.wrapping_sub(1))
    {
        first -= 1;
    }
    let mut last = at;
    while last - at < GLUED_MAX
        && board.is_glued(last + 1)
        && is_mail_part(board, last + 1)
        && !matches!(board.sign(last + 1), b'_' | b'+' | b'%')
    {
        last += 1;
    }
    while last > at && matches!(board.sign(last), b'.' | b'-') {
        last -= 1;
    }
    let has_dot = (at..=last).any(|i| board.sign(i) == b'.');
    if first < at && last > at && has_dot && board.is_word(last) {
        board.claim(first, last, SpanType::Email, RuleId::EmailForm, 0.99);
    } else if first < at && last > at && board.is_word(at + 1) && board.is_word(at.wrapping_sub(1)) {
        board.claim(first, last, SpanType::Email, RuleId::EmailForm, 0.7);
    } else if first == at && board.is_glued(at + 1) && board.is_word(at + 1) {
        let mut end = at + 1;
        while end - at < GLUED_MAX
            && board.is_glued(end + 1)
            && (board.is_word(end + 1)
                || board.is_num(end + 1)
                || matches!(board.sign(end + 1), b'_' | b'.')
                    && board.is_glued(end + 2)
                    && (board.is_word(end + 2) || board.is_num(end + 2)))
        {
            end += 1;
        }
        board.claim(at, end, SpanType::Account, RuleId::AccountHandle, 0.8);
    }
}

/// `JDOE55 AT GMAIL DOT COM`, in words.
fn spelled_email(board: &mut Board<'_>, host: usize) {
    let mut last = host;
    let spoken = board.is_one_of(host + 1, words!("DOT"));
    let written = board.sign(host + 1) == b'.' && board.is_glued(host + 2);
    if (spoken || written) && board.is_word(host + 2) {
        last = host + 2;
    }
    if last == host || host < 2 || !board.is_one_of(host.wrapping_sub(1), words!("AT")) {
        return;
    }
    let mut first = host.wrapping_sub(2);
    if !(board.is_word(first) || board.is_num(first)) {
        return;
    }
    while host - first < GLUED_MAX && first > 0 {
        let joined = board.is_glued(first) && is_mail_part(board, first.wrapping_sub(1));
        let spoken = board.is_one_of(first.wrapping_sub(1), words!("DOT", "UNDERSCORE", "DASH"))
            || board.is_one_of(first, words!("DOT", "UNDERSCORE", "DASH"));
        if !joined && !spoken {
            break;
        }
        first -= 1;
    }
    board.claim(first, last, SpanType::Email, RuleId::EmailSpelled, 0.95);
}

/// `http://…`, or an IPv6 address.
fn colon(board: &mut Board<'_>, at: usize) {
    let scheme = at > 0
        && board.is_glued(at)
        && board.is_one_of(at.wrapping_sub(1), words!("HTTP", "HTTPS", "FTP", "SFTP", "RTSP"));
    if scheme && board.sign(at + 1) == b'/' && board.is_glued(at + 1) {
        let last = url_end(board, at);
        board.claim(at.wrapping_sub(1), last, SpanType::Url, RuleId::UrlForm, 0.99);
        return;
    }
    ip6(board, at);
}

fn url_end(board: &Board<'_>, from: usize) -> usize {
    let mut last = from;
    while board.is_glued(last + 1)
        && board.is_free(last + 1)
        && !matches!(board.sign(last + 1), b'"' | b'<' | b'>' | b'|')
    {
        last += 1;
    }
    while last > from
        && matches!(board.sign(last), b'.' | b',' | b';' | b':' | b')' | b']' | b'\'' | b'!' | b'?')
    {
        last -= 1;
    }
    last
}

/// A dot between two glued tokens: `www.…`, a domain name, or an IPv4 address.
fn dot(board: &mut Board<'_>, at: usize) {
    if board.is_num(at.wrapping_sub(1)) {
        ip4(board, at.wrapping_sub(1));
        return;
    }
    let mut first = at.wrapping_sub(1);
    while at - first < GLUED_MAX
        && first > 0
        && board.is_glued(first)
        && is_mail_part(board, first.wrapping_sub(1))
        && board.sign(first.wrapping_sub(1)) != b'+'
    {
        first -= 1;
    }
    let www = board.is_one_of(first, words!("WWW"));
    let mut last = at;
    while last - at < GLUED_MAX
        && board.is_glued(last + 1)
        && (board.is_word(last + 1) || board.is_num(last + 1) || matches!(board.sign(last + 1), b'.' | b'-'))
        && board.is_free(last + 1)
    {
        last += 1;
    }
    while last > at && matches!(board.sign(last), b'.' | b'-') {
        last -= 1;
    }
    let path = board.sign(last + 1) == b'/'
        && board.is_glued(last + 1)
        && board.is_glued(last + 2)
        && board.is_free(last + 2);
    let known = if path { &DOMAINS } else { &SAFE_DOMAINS };
    let domain = last > at && board.sign(last.wrapping_sub(1)) == b'.' && board.is_one_of(last, known);
    if !www && !domain {
        return;
    }
    let end = if path { url_end(board, last) } else { last };
    board.claim(first, end, SpanType::Url, RuleId::UrlForm, if www { 0.99 } else { 0.9 });
}

fn ip4(board: &mut Board<'_>, first: usize) {
    if first > 0
        && board.is_glued(first)
        && (board.sign(first.wrapping_sub(1)) == b'.' || board.is_word(first.wrapping_sub(1)))
    {
        return;
    }
    // SOFTWARE VER 4.18.2.7
    if board.is_one_of(first.wrapping_sub(1), words!("VER", "VERSION", "V", "FIRMWARE", "BUILD", "RELEASE")) {
        return;
    }
    for part in 0..4 {
        let at = first + part * 2;
        let fits = board.number(at).is_some_and(|value| value <= 255) && board.digits(at) <= 3;
        let joined = part == 0
            || (board.sign(at.wrapping_sub(1)) == b'.'
                && board.is_glued(at)
                && board.is_glued(at.wrapping_sub(1)));
        if !fits || !joined {
            return;
        }
    }
    let mut last = first + 6;
    if board.sign(last + 1) == b'.'
        && board.is_glued(last + 1)
        && board.is_glued(last + 2)
        && board.is_num(last + 2)
    {
        return;
    }
    if board.sign(last + 1) == b'/'
        && board.is_glued(last + 1)
        && board.is_glued(last + 2)
        && board.digits(last + 2) <= 2
        && board.is_num(last + 2)
    {
        last += 2;
    }
    board.claim(first, last, SpanType::Ip, RuleId::Ip4, 0.97);
}

/// Hexadecimal groups around colons: seven colons, or fewer with one `::`. Every part of a time is decimal and short
/// of the five groups that are asked for without `::`.
fn ip6(board: &mut Board<'_>, colon: usize) {
    let hex = |at: usize| {
        board.is_free(at)
            && (board.is_word(at) || board.is_num(at))
            && board.text(at).len() <= 4
            && board.text(at).iter().all(u8::is_ascii_hexdigit)
    };
    let mut first = colon;
    while colon - first < GLUED_MAX
        && first > 0
        && board.is_glued(first)
        && (hex(first.wrapping_sub(1)) || board.sign(first.wrapping_sub(1)) == b':')
    {
        first -= 1;
    }
    let mut last = colon;
    while last - colon < GLUED_MAX
        && board.is_glued(last + 1)
        && (hex(last + 1) || board.sign(last + 1) == b':')
    {
        last += 1;
    }
    let colons = (first..=last).filter(|&at| board.sign(at) == b':').count();
    let double = (first..last).any(|at| board.sign(at) == b':' && board.sign(at + 1) == b':');
    let groups = last + 1 - first - colons;
    if board.sign(last) == b':' && !(double && board.sign(last.saturating_sub(1)) == b':') {
        last = last.saturating_sub(1);
    }
    if (double && groups >= 1 && colons <= 7 && last > first + 2) || colons == 7 {
        board.claim(first, last, SpanType::Ip, RuleId::Ip6, 0.95);
    }
}
