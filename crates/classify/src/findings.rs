//! What the rules found in one text.

use crate::category::Category;
use crate::evidence::{Scores, TRUST_IN_RULES};
use crate::lexicon::{Lexicon, Says};
use crate::rules::{Origin, RuleSet, Tagged};
use crate::text::Words;
use crate::verdict::{Ended, Sensitive};
use crate::vocabulary::Reading;

/// What the rules found in one text, before it is decided what that means.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent findings, not the states of one thing")]
pub(crate) struct Findings {
    /// The highest confidence for each category, in percent.
    scores: [u8; Category::ALL.len()],
    /// Categories that a negative context takes away, as bits.
    refused: u8,
    /// What the words of a narrative say one by one, if that was asked.
    evidence: Scores,
    /// Never-publish classes, as bits.
    sensitive: u16,
    /// What the text says the call turned out to be.
    pub(crate) ended: Option<Ended>,
    /// A report after the fact.
    pub(crate) cold: bool,
    /// A crime near to one of the eight.
    pub(crate) unclear: bool,
    /// Whatever it says, it is too uncertain to publish unseen.
    pub(crate) unsure: bool,
    /// Surely another subject.
    pub(crate) other: bool,
    /// A category word stood in a negative context.
    pub(crate) negated: bool,
    /// How the words were read.
    pub(crate) reading: Reading,
    /// Whether there was any text.
    pub(crate) any: bool,
}

/// Which crime stands when one text names several with the same confidence: the one that says most.
const PRECEDENCE: [Category; 8] = [
    Category::Hostage,
    Category::Shooting,
    Category::Stabbing,
    Category::Robbery,
    Category::Arson,
    Category::ShotsFired,
    Category::Vehicle,
    Category::Burglary,
];

/// The confidence that a crime against property keeps beside one against people, in percent.
const MOST_OF_PROPERTY: u8 = 89;
/// Above this confidence a rule was written for the very case, and stands.
const LEAST_CERTAIN: u8 = 94;

/// From this confidence on a rule knows the crime by its very words, and nothing is weighed against it.
const LEAST_PLAIN: u8 = 96;

impl Findings {
    /// Reads a call type.
    pub(crate) fn of_type(lexicon: &Lexicon, text: &str, watch: &mut impl FnMut(&Origin)) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let words = Words::new(text);
        if words.len() == 0 {
            return Self::default();
        }
        let mut tagged = Tagged::new(lexicon.type_blocks);
        let reading = lexicon.vocabulary.read_type(&words, &mut tagged);
        let mut this = Self { reading, any: true, ..Self::default() };
        lexicon.tag(&mut tagged);
        this.apply(&lexicon.notes, &tagged, watch);
        lexicon.exempt(&mut tagged);
        this.apply(&lexicon.sensitive, &tagged, watch);
        this.apply(&lexicon.sensitive_types, &tagged, watch);
        this.negated = lexicon.clear(&mut tagged);
        this.apply(&lexicon.types, &tagged, watch);
        this.cold |= tagged.present.has(lexicon.report) || tagged.present.has(lexicon.cold);
        this.other |= tagged.present.has(lexicon.other);
        this
    }

    /// Reads a narrative; `weigh` asks for the evidence of its words too.
    pub(crate) fn of_narrative(
        lexicon: &Lexicon,
        text: &str,
        weigh: bool,
        watch: &mut impl FnMut(&Origin),
    ) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let words = Words::of_scrubbed(text);
        if words.len() == 0 {
            return Self::default();
        }
        let mut tagged = Tagged::whole();
        lexicon.vocabulary.read_narrative(&words, &mut tagged);
        let mut this = Self { any: true, ..Self::default() };
        lexicon.tag(&mut tagged);
        this.apply(&lexicon.notes, &tagged, watch);
        lexicon.exempt(&mut tagged);
        this.apply(&lexicon.sensitive, &tagged, watch);
        this.apply(&lexicon.denials, &tagged, watch);
        this.negated = lexicon.clear_narrative(&mut tagged);
        if weigh {
            this.evidence = lexicon.evidence.weigh(&words, &tagged);
        }
        this.apply(&lexicon.narratives, &tagged, watch);
        this.put_violence_first();
        this
    }

    /// The words of a narrative as evidence sees them.
    pub(crate) fn words_of_narrative(lexicon: &Lexicon, text: &str) -> (Words, Tagged) {
        let words = Words::of_scrubbed(text);
        let mut tagged = Tagged::whole();
        lexicon.vocabulary.read_narrative(&words, &mut tagged);
        lexicon.tag(&mut tagged);
        lexicon.exempt(&mut tagged);
        lexicon.clear_narrative(&mut tagged);
        (words, tagged)
    }

    /// Lets what was done to people stand before what was done to things: a narrative often tells both.
    fn put_violence_first(&mut self) {
        let clear = |category: Category| {
            !matches!(category, Category::Vehicle | Category::Burglary)
                && !self.refuses(category)
                && self.scores[category as usize] > MOST_OF_PROPERTY
        };
        if Category::ALL.into_iter().any(clear) {
            for category in [Category::Vehicle, Category::Burglary] {
                let score = &mut self.scores[category as usize];
                if *score <= LEAST_CERTAIN {
                    *score = MOST_OF_PROPERTY.min(*score);
                }
            }
        }
    }

    /// Reads a disposition or a status.
    pub(crate) fn of_outcome(lexicon: &Lexicon, text: &str, watch: &mut impl FnMut(&Origin)) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let words = Words::new(text);
        if words.len() == 0 {
            return Self::default();
        }
        let mut tagged = Tagged::new(lexicon.type_blocks);
        lexicon.vocabulary.read_narrative(&words, &mut tagged);
        let mut this = Self { any: true, ..Self::default() };
        lexicon.tag(&mut tagged);
        this.apply(&lexicon.sensitive, &tagged, watch);
        this.apply(&lexicon.outcomes, &tagged, watch);
        this
    }

    fn apply(&mut self, rules: &RuleSet<Says>, text: &Tagged, watch: &mut impl FnMut(&Origin)) {
        rules.for_each(text, |says, origin| {
            self.say(says);
            watch(origin);
        });
    }

    fn say(&mut self, says: Says) {
        match says {
            Says::Crime(category, percent) => {
                let score = &mut self.scores[category as usize];
                *score = percent.max(*score);
            }
            Says::Not(Some(category)) => self.refused |= 1 << category as u8,
            Says::Not(None) => self.refused = u8::MAX,
            Says::Unclear => self.unclear = true,
            Says::Unsure => self.unsure = true,
            Says::Cold => self.cold = true,
            Says::Sensitive(class) => self.sensitive |= 1 << class as u16,
            // The first outcome of the declaration order is the one with the widest consequence.
            Says::Ended(ended) => self.ended = Some(self.ended.map_or(ended, |known| known.min(ended))),
            Says::Other => self.other = true,
        }
    }

    /// The crime that the text reports, with its confidence in percent.
    pub(crate) fn crime(&self) -> Option<(Category, u8)> {
        if self.scores == [0; Category::ALL.len()] {
            return None;
        }
        PRECEDENCE
            .into_iter()
            .filter(|&category| !self.refuses(category))
            .map(|category| (category, self.scores[category as usize]))
            .filter(|&(_, score)| score > 0)
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// What the text reports when its words are weighed beside what the rules say of it: the rules' answer,
    /// unless the words one by one say much more for another one. A crime that is denied stays denied, and
    /// one that is told in so many words stays too.
    pub(crate) fn weighed(&self) -> Option<Category> {
        let by_rules = match self.crime() {
            Some((category, percent)) if percent >= LEAST_PLAIN => return Some(category),
            crime => crime.map(|(category, _)| category),
        };
        let score = |answer: Option<Category>| {
            let trust = if answer == by_rules { TRUST_IN_RULES } else { 0 };
            answer.map_or(0, |category| self.evidence[category as usize]) + trust
        };
        let open = PRECEDENCE.into_iter().filter(|&category| !self.refuses(category)).map(Some);
        open.fold(by_rules, |best, next| if score(next) > score(best) { next } else { best })
            .filter(|&category| score(Some(category)) > score(None))
    }

    /// Whether a negative context takes this category away.
    pub(crate) fn refuses(&self, category: Category) -> bool {
        self.refused & (1 << category as u8) != 0
    }

    /// Whether a crime was named and taken away again.
    pub(crate) fn denied(&self) -> bool {
        let named = |&category: &Category| self.scores[category as usize] > 0;
        self.negated || Category::ALL.into_iter().filter(named).any(|category| self.refuses(category))
    }

    /// The never-publish classes that were found.
    pub(crate) fn sensitive(&self) -> impl Iterator<Item = Sensitive> + use<> {
        let found = self.sensitive;
        let all: &[Sensitive] = if found == 0 { &[] } else { &Sensitive::ALL };
        all.iter().copied().filter(move |&class| found & (1 << class as u16) != 0)
    }
}
