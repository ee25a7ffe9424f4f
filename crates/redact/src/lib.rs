//! Finds and masks personal data in police dispatch text.
//!
//! A dispatcher's note is upper case, abbreviated and full of people. [`Engine`] reads it once, in linear time and
//! without an allocation per word, and returns typed [`Span`]s, each with the rule that found it. Two [`Mode`]s:
//! `balanced` masks what rules and a trained tagger find; `strict` lets only a reviewed vocabulary survive, so that a
//! leak needs two independent failures. [`Known`] values of the record's own fields are masked whatever the rules think.
//!
//! ```
//! use callbox_redact::{Engine, Known, Mode};
//!
//! let engine = Engine::builtin();
//! let result = engine.redact("RP DANA WHITLOCK ADV CB 555-0142", &Known::none(), Mode::Balanced);
//! assert_eq!(result.text, "RP [NAME] ADV CB [PHONE]");
//! ```

mod bitmap;
mod board;
mod class;
mod config;
mod detect;
mod engine;
pub mod eval;
mod fringe;
mod index;
mod known;
mod known_words;
mod lexicon;
mod lexicon_flags;
mod normal;
#[cfg(feature = "service")]
pub mod service;
mod shape;
mod span;
mod strict;
#[doc(hidden)]
pub mod tagger;
mod token;
mod word_lists;

pub use config::{Config, ConfigError, Mode, UnknownMode};
pub use engine::{Engine, Scratch};
pub use known::Known;
pub use span::{Redaction, RuleId, Span, SpanType, code_point_offsets};
