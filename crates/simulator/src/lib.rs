//! Synthetic dispatch: an invented city, its people and their calls, with the answers that a perfect reader would give.
//!
//! [`Simulator`] is an iterator of [`Event`]s in the order of their arrival. Each event is a submission as an agency
//! would make it (the whole known state of one call, with names, phones, plates, medical facts and positions in it) and
//! its [`Gold`]: category, never-publish classes, whether an alert is right, and where each personal string stands.
//! A seed and settings determine every byte, on every platform: all randomness is ChaCha8 over whole numbers, and a call
//! depends only on the seed and its own number.
//!
//! Nobody here exists. Telephone numbers are 555-01xx, social security numbers begin with 000, 666 or 9xx, vehicle
//! identification numbers fail their check digit, mail and web addresses are under example.com, .net and .org, network
//! addresses are those reserved for documentation, and the city lies on empty grassland.
//!
//! | module | question it answers |
//! |---|---|
//! | [`mod@city`] | where is it, and which streets and quarters are there? |
//! | `names`, `people`, `identifiers` | who calls, and with which numbers? |
//! | `kinds`, `phrasebook` | what can happen, and in which words? (read from `data/`) |
//! | `slots`, `narrative` | what does a note say, and where are the personal strings in it? |
//! | `plan`, `story`, `arrivals` | through which states does a call go, and when do they arrive? |
//! | [`gold`] | what is the right answer to each state? |
//! | [`mod@write`] | how does it look as bytes, rows and labelled notes? |

mod arrivals;
pub mod city;
mod dice;
pub mod gold;
mod identifiers;
mod kinds;
mod names;
mod narrative;
mod people;
mod phrasebook;
mod plan;
mod settings;
mod slots;
mod story;
mod stream;
pub mod write;

pub use city::{City, city};
pub use gold::{Because, Category, Change, Expected, Gold, Planted, Sensitive, Span, SpanKind, Status};
pub use settings::{Seed, Settings, Shares, Trouble};
pub use stream::{Event, Simulator};
