//! What is remembered of one incident.

use callbox_proto::domain::{AlertId, Category, Order, Place, SubmissionId, Timestamp};
use sha2::{Digest as _, Sha256};

/// How many submissions of one incident are remembered. A call has a handful of states; a repetition from farther back
/// is caught by its order.
const SEEN_MAX: usize = 32;

/// The last submissions of an incident, as the first 8 bytes of the SHA-256 of their ids, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(Vec<u8>);

/// Bytes of one remembered submission.
const HASH: usize = 8;

impl Seen {
    /// The stored form: the hashes in a row. `None` if the length is not one.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len().is_multiple_of(HASH) && bytes.len() <= SEEN_MAX * HASH).then_some(Self(bytes))
    }

    /// The stored form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Remembers a submission, and forgets the oldest one if there are too many. Whether it is new.
    pub fn insert(&mut self, id: &SubmissionId) -> bool {
        let digest = Sha256::digest(id.as_str().as_bytes());
        let hash = &digest[..HASH];
        if self.0.chunks_exact(HASH).any(|seen| seen == hash) {
            return false;
        }
        if self.0.len() == SEEN_MAX * HASH {
            self.0.drain(..HASH);
        }
        self.0.extend_from_slice(hash);
        true
    }
}

/// A set of categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Categories(u8);

impl Categories {
    /// The stored form: one bit for each category, in the order of the schema.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The stored form.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// This set and one more.
    #[must_use]
    pub fn with(self, category: Category) -> Self {
        let place = Category::ALL.iter().position(|known| *known == category);
        Self(self.0 | place.map_or(0, |place| 1 << place))
    }

    /// Whether the two sets share a category.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The categories, in the order of the schema.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.into_iter().filter(move |category| self.intersects(Self::default().with(*category)))
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        categories.into_iter().fold(Self::default(), Self::with)
    }
}

/// What the newest state that settles anything says of an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nothing yet: only states that wait for a person, or that have no place.
    #[default]
    Open,
    /// It may be told, as this.
    Publishable(Category),
    /// It is not to be told.
    Withdrawn,
}

/// What the public was told of an incident, in the latest revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The alert.
    pub id: AlertId,
    /// The revision, from 1.
    pub revision: u32,
    /// Whether the alert stands. If not, it was taken back.
    pub live: bool,
    /// The category.
    pub category: Category,
    /// Every category that the alert ever had: who was told of one of them hears of a retraction as well.
    pub categories: Categories,
    /// The place.
    pub place: Place,
    /// When the revision was decided, on the feed's clock.
    pub sent_time: Timestamp,
}

/// One incident, from all of its states that have come so far.
///
/// All but [`told`](Self::told) and [`seen`](Self::seen) is a function of the set of states, whatever the order in which they came: each field is
/// a maximum, a minimum, a union or a smallest common ancestor. Redelivery after a crash reorders states, and the
/// public must not notice (invariant I4).
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentState {
    /// The highest order that has come.
    pub latest: Order,
    /// The submissions that came last.
    pub seen: Seen,
    /// What the newest state that settles anything says.
    pub standing: Standing,
    /// Where that state stands. Of no meaning while the standing is open.
    pub standing_order: Order,
    /// Whether a state that may be told was accepted soon enough after the call.
    pub fresh: bool,
    /// The smallest place that holds the places of all states that may be told.
    pub place: Option<Place>,
    /// The earliest time of receipt of the states that may be told.
    pub received_time: Option<Timestamp>,
    /// When the newest state was accepted, on the feed's clock.
    pub accepted_time: Timestamp,
    /// What the public was told, if anything ever was.
    pub told: Option<Told>,
}

impl IncidentState {
    /// What the public should know: category and place, or nothing.
    pub fn target(&self) -> Option<(Category, Place)> {
        match (self.standing, self.place) {
            (Standing::Publishable(category), Some(place)) if self.fresh => Some((category, place)),
            _ => None,
        }
    }

    /// The alert, if it stands.
    pub fn live(&self) -> Option<&Told> {
        self.told.as_ref().filter(|told| told.live)
    }
}

#[cfg(test)]
mod tests {
    use super::{Categories, Seen};
    use callbox_proto::domain::Category;

    #[test]
    fn remembers_the_last_thirty_two_submissions() {
        let mut seen = Seen::default();
        for number in 0..40 {
            assert!(seen.insert(&format!("s{number}").parse().unwrap()));
        }
        assert!(!seen.insert(&"s39".parse().unwrap()));
        assert!(!seen.insert(&"s8".parse().unwrap()));
        assert!(seen.insert(&"s7".parse().unwrap()), "the oldest are forgotten");
        assert_eq!(Seen::from_bytes(seen.as_bytes().to_vec()), Some(seen));
        assert_eq!(Seen::from_bytes(vec![0; 7]), None);
    }

    #[test]
    fn categories_are_a_set() {
        let set: Categories = [Category::Arson, Category::Burglary, Category::Arson].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Category::Burglary, Category::Arson]);
        assert_eq!(Categories::from_bits(set.bits()), set);
        assert!(set.intersects(Categories::default().with(Category::Arson)));
        assert!(!set.intersects(Categories::default().with(Category::Robbery)));
    }
}
