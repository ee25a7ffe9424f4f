//! The detectors. Each looks at the tokens once and claims what is its own; the order decides who comes first.

mod account;
mod address;
mod address_line;
mod age;
mod code;
mod date;
mod electronic;
mod gps;
mod medical;
mod name;
mod name_alone;
mod name_context;
mod name_extent;
mod name_forms;
mod name_rules;
mod numeral;
mod officer;
mod phone;
mod plate;
mod plate_layouts;
mod propagate;
mod ssn;
mod street;
mod unit;
mod vin;

pub(crate) use self::address::{LONE_UNITS, PLAIN_TYPES};
pub(crate) use self::age::{CHILDREN, MEASURES};
pub(crate) use self::electronic::MAIL_HOSTS;
pub(crate) use self::medical::{MULTIPLES, SUBSTANCES};
pub(crate) use self::name::NAMEPLATES;
pub(crate) use self::name_rules::{NAMELESS, Style, ends, style};
pub(crate) use self::numeral::{NUMERALS, TENS, is_numeral};
pub(crate) use self::officer::NUMBER_SAYS;
use crate::board::Board;
use crate::span::{RuleId, SpanType};
use crate::token::Kind;

/// Runs every detector once. `names` is working memory.
pub(crate) fn run(board: &mut Board<'_>, names: &mut Vec<u64>) {
    electronic::run(board);
    address_line::run(board);
    date::run(board);
    officer::log_operators(board);
    gps::run(board);
    ssn::run(board);
    phone::run(board);
    vin::run(board);
    code::licenses(board);
    plate::run(board);
    account::run(board);
    age::cued(board);
    medical::run(board);
    address::run(board);
    let style = name_rules::style(board);
    officer::run(board, style);
    name::run(board, style);
    age::after_names(board);
    propagate::run(board, names, style);
}

/// Claims further mentions of the names that were found.
pub(crate) fn mentions(board: &mut Board<'_>, names: &mut Vec<u64>) {
    let style = name_rules::style(board);
    propagate::run(board, names, style);
}

/// Masks codes that nothing else took, not even the record's known values.
pub(crate) fn unclaimed(board: &mut Board<'_>) {
    plate::unclaimed(board);
    account::unclaimed(board);
}

/// Masks the agency's own list of names.
pub(crate) fn listed(board: &mut Board<'_>, names: &[Vec<u64>]) {
    for name in names {
        let mut at = 0;
        while at + name.len() <= board.len() {
            let matches = (0..name.len()).all(|i| {
                board.kind(at + i) == Some(Kind::Word)
                    && board.tok(at + i).is_some_and(|tok| tok.hash == name[i])
            });
            if matches {
                board.claim_free(at, at + name.len() - 1, SpanType::Name, RuleId::Listed, 1.0);
            }
            at += 1;
        }
    }
}
