//! What the tests of this crate share: stores of both kinds, and a broker whose failures are chosen.

mod broker;
mod stores;

pub(crate) use broker::{Broker, Fault};
pub(crate) use stores::{Opened, postgres, sqlite};

use uuid::Uuid;

use crate::domain::batch::{Item, Work};
use callbox_proto::domain::ClassifiedIncident;

/// An envelope of these incidents.
pub(crate) fn envelope(incidents: impl IntoIterator<Item = ClassifiedIncident>) -> Work {
    let items: Vec<Item> = incidents.into_iter().map(Item::Classified).collect();
    Work { envelope: Uuid::new_v4(), agency: "springfield".parse().unwrap(), replayed: false, items }
}
