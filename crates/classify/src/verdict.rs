//! What goes in and what comes out: [`Input`], [`Verdict`] and its closed vocabularies.

use std::fmt;

use smallvec::SmallVec;

use crate::apco::ApcoCode;
use crate::category::Category;

/// `"<prefix>:<category>"` as a static string.
macro_rules! by_category {
    ($category:expr, $prefix:literal) => {
        match $category {
            Category::Burglary => concat!($prefix, ":burglary"),
            Category::Vehicle => concat!($prefix, ":vehicle"),
            Category::Robbery => concat!($prefix, ":robbery"),
            Category::ShotsFired => concat!($prefix, ":shots_fired"),
            Category::Shooting => concat!($prefix, ":shooting"),
            Category::Stabbing => concat!($prefix, ":stabbing"),
            Category::Hostage => concat!($prefix, ":hostage"),
            Category::Arson => concat!($prefix, ":arson"),
        }
    };
}

/// One call, as far as classification may see it. An empty field is an absent one.
///
/// `Debug` is not implemented: descriptions and narratives are other people's text.
#[derive(Clone, Copy, Default)]
pub struct Input<'a> {
    /// The agency's identifier: selects its map. Without one only the lexicon and APCO decide.
    pub agency: Option<&'a str>,
    /// The call type code in force (the final one when the call is closed).
    pub code: &'a str,
    /// The description of that type.
    pub description: &'a str,
    /// The code that the call was opened with, where the source has both.
    pub initial_code: &'a str,
    /// The description that the call was opened with, where the source has both.
    pub initial_description: &'a str,
    /// How the call was closed: a code or a text.
    pub disposition: &'a str,
    /// The state of the call in the source.
    pub status: &'a str,
    /// The narrative, already scrubbed of personal data.
    pub narrative: &'a str,
}

/// What may happen to the call. Ordered by how much becomes public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Never an alert.
    Suppress,
    /// An alert only after a person has looked.
    Hold,
    /// May become an alert, if the agency's policy agrees.
    Publish,
}

impl Action {
    /// The name in interfaces: lower case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::Hold => "hold",
            Self::Publish => "publish",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a disposition, a status or a closing note says about the call as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ended {
    /// It did not happen.
    Unfounded,
    /// Cancelled by the caller, the alarm company or the dispatcher.
    Cancelled,
    /// The same event as another call.
    Duplicate,
    /// An exercise, a drill or a test of equipment.
    Test,
    /// Nobody was there any more. Says nothing against the crime.
    GoneOnArrival,
    /// Nobody and nothing was found, or the caller could not be found.
    UnableToLocate,
    /// Units found everything in order.
    AllQuiet,
}

impl Ended {
    /// Every value, in declaration order.
    pub const ALL: [Self; 7] = [
        Self::Unfounded,
        Self::Cancelled,
        Self::Duplicate,
        Self::Test,
        Self::GoneOnArrival,
        Self::UnableToLocate,
        Self::AllQuiet,
    ];

    /// The name in files and reason codes: lower case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unfounded => "unfounded",
            Self::Cancelled => "cancelled",
            Self::Duplicate => "duplicate",
            Self::Test => "test",
            Self::GoneOnArrival => "gone_on_arrival",
            Self::UnableToLocate => "unable_to_locate",
            Self::AllQuiet => "all_quiet",
        }
    }

    /// Whether an alert that rests on the call must be taken back.
    pub const fn retracts(self) -> bool {
        matches!(self, Self::Unfounded | Self::Cancelled | Self::Duplicate | Self::Test)
    }
}

/// The never-publish classes. A call that shows one is suppressed, whatever else it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitive {
    /// Sexual offences and prostitution.
    Sexual,
    /// Domestic violence, family disputes, protection orders.
    Domestic,
    /// Children and juveniles, as victims or suspects, and schools.
    Juvenile,
    /// Suicide and self-harm.
    Suicide,
    /// Mental health crisis.
    MentalHealth,
    /// Overdose and poisoning.
    Overdose,
    /// Medical calls and medical facts.
    Medical,
    /// Welfare checks.
    Welfare,
    /// Missing persons and runaways.
    Missing,
    /// Stalking and harassment.
    Stalking,
    /// Victims of hate crime.
    HateCrime,
    /// Officers in trouble, their positions and plans.
    OfficerSafety,
    /// Warrants and wanted persons.
    Warrant,
    /// Traffic, vehicle and pedestrian stops.
    Stop,
    /// Tests, drills and training.
    Test,
}

impl Sensitive {
    /// Every class, in declaration order.
    pub const ALL: [Self; 15] = [
        Self::Sexual,
        Self::Domestic,
        Self::Juvenile,
        Self::Suicide,
        Self::MentalHealth,
        Self::Overdose,
        Self::Medical,
        Self::Welfare,
        Self::Missing,
        Self::Stalking,
        Self::HateCrime,
        Self::OfficerSafety,
        Self::Warrant,
        Self::Stop,
        Self::Test,
    ];

    /// The name in files and reason codes: lower case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sexual => "sexual",
            Self::Domestic => "domestic",
            Self::Juvenile => "juvenile",
            Self::Suicide => "suicide",
            Self::MentalHealth => "mental_health",
            Self::Overdose => "overdose",
            Self::Medical => "medical",
            Self::Welfare => "welfare",
            Self::Missing => "missing",
            Self::Stalking => "stalking",
            Self::HateCrime => "hate_crime",
            Self::OfficerSafety => "officer_safety",
            Self::Warrant => "warrant",
            Self::Stop => "stop",
            Self::Test => "test",
        }
    }
}

/// A code system whose codes mean the same in every agency that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// APCO 2.103.2 common incident types.
    Apco,
    /// California penal and vehicle code sections used as radio codes.
    California,
    /// Louisiana signal codes, as used in New Orleans.
    Louisiana,
    /// The Las Vegas 400 series.
    Nevada,
}

impl Family {
    /// Every family, in declaration order.
    pub const ALL: [Self; 4] = [Self::Apco, Self::California, Self::Louisiana, Self::Nevada];

    /// The name in agency maps: lower case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Apco => "apco",
            Self::California => "california",
            Self::Louisiana => "louisiana",
            Self::Nevada => "nevada",
        }
    }
}

/// Why a verdict came out as it did. A closed vocabulary without any text of the call, so that it
/// may be logged and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The agency's map knows the type.
    Map,
    /// The agency's map asks for a lower action than the category would get.
    MapAction,
    /// The agency has a map by code, and the call has no code to look up.
    MapWithoutCode,
    /// An APCO 2.103.2 code decided.
    Apco(ApcoCode),
    /// A code system that the agency's map declares decided.
    Family(Family),
    /// The lexicon decided on the description.
    Lexicon(Category),
    /// The lexicon decided on the code, read as an abbreviation.
    CodeWord(Category),
    /// The lexicon decided on the narrative.
    Narrative(Category),
    /// The words of the narrative one by one say much more for this answer than for that of the rules.
    Evidence,
    /// Only the type that the call was opened with names the crime.
    InitialOnly(Category),
    /// The final type names another crime than the initial one, or none.
    Retyped,
    /// The type names another subject than the narrative.
    TypeDisagrees,
    /// The description was misspelt, cut or run together, and read by likeness.
    Likeness,
    /// A category word stands in a negative context.
    Negated,
    /// The narrative denies what the type says.
    Denied,
    /// A report after the fact.
    Cold,
    /// The confidence is below what may be published unseen.
    Unsure,
    /// The type is surely none of the eight.
    OtherType,
    /// Nothing says what the type is.
    UnknownType,
    /// A crime close to one of the eight that a person must judge, such as a kidnapping.
    NeedsPerson,
    /// A never-publish class.
    Sensitive(Sensitive),
    /// The call ended, or what it ended as.
    Ended(Ended),
}

impl Reason {
    /// The stable code, such as `apco:SHOOT` or `sensitive:domestic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::MapAction => "map:action",
            Self::MapWithoutCode => "map:no_code",
            Self::Apco(code) => code.reason(),
            Self::Family(family) => match family {
                Family::Apco => "family:apco",
                Family::California => "family:california",
                Family::Louisiana => "family:louisiana",
                Family::Nevada => "family:nevada",
            },
            Self::Lexicon(category) => by_category!(category, "lexicon"),
            Self::CodeWord(category) => by_category!(category, "code_word"),
            Self::Narrative(category) => by_category!(category, "narrative"),
            Self::Evidence => "evidence",
            Self::InitialOnly(category) => by_category!(category, "initial_only"),
            Self::Retyped => "retyped",
            Self::TypeDisagrees => "type_disagrees",
            Self::Likeness => "likeness",
            Self::Negated => "negated",
            Self::Denied => "denied",
            Self::Cold => "cold",
            Self::Unsure => "unsure",
            Self::OtherType => "other_type",
            Self::UnknownType => "unknown_type",
            Self::NeedsPerson => "needs_person",
            Self::Sensitive(class) => sensitive_reason(class),
            Self::Ended(ended) => match ended {
                Ended::Unfounded => "ended:unfounded",
                Ended::Cancelled => "ended:cancelled",
                Ended::Duplicate => "ended:duplicate",
                Ended::Test => "ended:test",
                Ended::GoneOnArrival => "ended:gone_on_arrival",
                Ended::UnableToLocate => "ended:unable_to_locate",
                Ended::AllQuiet => "ended:all_quiet",
            },
        }
    }

    /// What the reason means, in a sentence.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Map => "the agency's map knows this type",
            Self::MapAction => "the agency's map asks for a lower action",
            Self::MapWithoutCode => "the agency maps its types by code, and the call has none",
            Self::Apco(_) => "the code is one of APCO 2.103.2",
            Self::Family(_) => "the code belongs to a code system that the agency's map declares",
            Self::Lexicon(_) => "the words of the description name this crime",
            Self::CodeWord(_) => "the code reads as an abbreviation of this crime",
            Self::Narrative(_) => "the narrative tells of this crime",
            Self::Evidence => {
                "the narrative's words one by one say more for this answer than for the rules' own"
            }
            Self::InitialOnly(_) => "only the type that the call was opened with names this crime",
            Self::Retyped => "the call was opened with a type of another category",
            Self::TypeDisagrees => "the type names another subject than the narrative",
            Self::Likeness => "a word of the description was read by likeness",
            Self::Negated => "the category's words stand in a negative context",
            Self::Denied => "the narrative speaks against what the type says",
            Self::Cold => "a report after the fact",
            Self::Unsure => "the confidence is too low to publish unseen",
            Self::OtherType => "the type is surely none of the eight",
            Self::UnknownType => "nothing says what the type is",
            Self::NeedsPerson => "near to one of the eight: a person must judge",
            Self::Sensitive(_) => "a never-publish class",
            Self::Ended(_) => "what the call turned out to be",
        }
    }
}

const fn sensitive_reason(class: Sensitive) -> &'static str {
    match class {
        Sensitive::Sexual => "sensitive:sexual",
        Sensitive::Domestic => "sensitive:domestic",
        Sensitive::Juvenile => "sensitive:juvenile",
        Sensitive::Suicide => "sensitive:suicide",
        Sensitive::MentalHealth => "sensitive:mental_health",
        Sensitive::Overdose => "sensitive:overdose",
        Sensitive::Medical => "sensitive:medical",
        Sensitive::Welfare => "sensitive:welfare",
        Sensitive::Missing => "sensitive:missing",
        Sensitive::Stalking => "sensitive:stalking",
        Sensitive::HateCrime => "sensitive:hate_crime",
        Sensitive::OfficerSafety => "sensitive:officer_safety",
        Sensitive::Warrant => "sensitive:warrant",
        Sensitive::Stop => "sensitive:stop",
        Sensitive::Test => "sensitive:test",
    }
}

/// The reasons of one verdict, in the order in which they were found, without repetition.
pub type ReasonList = SmallVec<[Reason; 8]>;

/// The answer to one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The crime that the call reports, also where the action is suppress; `None` is none of the eight.
    pub category: Option<Category>,
    /// What may happen to the call.
    pub action: Action,
    /// How sure the engine is of the category (or of its absence), from 0 to 1.
    pub confidence: f32,
    /// Why.
    pub reasons: ReasonList,
    /// What the disposition, the status or the closing note says of the call, if anything.
    pub ended: Option<Ended>,
}

impl Verdict {
    /// The category's name, or `"none"`.
    pub fn category_str(&self) -> &'static str {
        self.category.map_or("none", Category::as_str)
    }

    /// Lowers the action to at most `action` and records why. Never raises it.
    pub(crate) fn lower(&mut self, action: Action, reason: Reason) {
        self.action = self.action.min(action);
        self.note(reason);
    }

    /// Records a reason once.
    pub(crate) fn note(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}
