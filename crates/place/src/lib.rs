//! Place masking: from a point to the published cell, and what may be said of a cell.
//!
//! A point becomes the H3 cell of resolution 9 that it lies in, and from there only ancestors matter: membership goes by
//! the hierarchy, never by polygons, because H3 parents do not contain their children exactly. Two tiers come of it, one
//! for property categories and a coarser one for person categories. Once published, a place only coarsens.
//!
//! | module | question it answers |
//! |---|---|
//! | [`jurisdiction`] | is this position a place of this agency at all? |
//! | [`cell`] | which cell, and how do two cells relate? |
//! | [`cover`] | which cells make up a circle, so that nobody sends a home point? |

pub mod cell;
pub mod cover;
pub mod jurisdiction;

pub use cell::{Cell, coarsened};
pub use jurisdiction::{Jurisdiction, NotAPlace, Unlocated};
