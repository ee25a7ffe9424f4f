//! Decides which of eight public-alert crimes a dispatch call reports, and whether it may be published.
//!
//! [`Classifier::classify`] is a pure function from the fields of a call to a [`Verdict`]: category,
//! action, confidence and reason codes. Its layers, in order of authority:
//!
//! 1. **Suppression** runs on every field and beats everything else: a call that shows a never-publish
//!    class, or that is closed as unfounded, cancelled, duplicate or test, is never an alert.
//! 2. **The agency's map** ([`AgencyMap`]): what the agency says its own types mean.
//! 3. **Code systems**: APCO 2.103.2, and further families where the agency's map declares them.
//! 4. **The lexicon** over the description, in words of dispatch centres in general.
//! 5. **The narrative**, where the type says nothing. Without any type its words are weighed too.
//!
//! Every layer may only lower the action that the layers before it left. The lexicon is data: the files
//! in `lexicon/` hold the vocabulary and the rules in a small pattern language, and can be read and
//! reviewed without reading code.

mod apco;
mod category;
mod engine;
pub mod evidence;
mod families;
mod findings;
mod lexicon;
mod map;
pub mod propose;
mod rules;
#[cfg(feature = "service")]
pub mod service;
mod text;
mod verdict;
mod vocabulary;

pub use apco::ApcoCode;
pub use category::{Category, UnknownCategory};
pub use engine::{Classifier, Step};
pub use map::{AgencyMap, MapError};
pub use verdict::{Action, Ended, Family, Input, Reason, ReasonList, Sensitive, Verdict};
