//! The layers put together.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::apco::{Apco, Meaning};
use crate::category::Category;
use crate::evidence;
use crate::families;
use crate::findings::Findings;
use crate::lexicon::Lexicon;
use crate::map::{AgencyMap, MapError, key};
use crate::rules::Origin;
use crate::verdict::{Action, Ended, Family, Input, Reason, ReasonList, Sensitive, Verdict};

/// Below this confidence, in percent, a category is held for a person.
const PUBLISH_FROM: u8 = 80;
/// The confidence, in percent, of an answer that the words of a narrative give against the rules.
const BY_EVIDENCE: u8 = 60;

/// The engine: the lexicon, APCO and the agencies' maps. Immutable and cheap to share.
pub struct Classifier {
    lexicon: Arc<Lexicon>,
    apco: Apco,
    maps: FxHashMap<String, AgencyMap>,
}

/// What the type of a call says.
#[derive(Clone, Copy)]
struct TypeSays {
    category: Option<Category>,
    percent: u8,
    action: Action,
    reason: Reason,
    sensitive: Option<Sensitive>,
}

impl TypeSays {
    const fn crime(category: Category, percent: u8, reason: Reason) -> Self {
        let action = if percent >= PUBLISH_FROM { Action::Publish } else { Action::Hold };
        Self { category: Some(category), percent, action, reason, sensitive: None }
    }

    const fn none(percent: u8, action: Action, reason: Reason) -> Self {
        Self { category: None, percent, action, reason, sensitive: None }
    }
}

impl Classifier {
    /// Without agency maps: what a city never seen gets.
    pub fn builtin() -> Self {
        Self { lexicon: Lexicon::builtin(), apco: Apco::new(), maps: FxHashMap::default() }
    }

    /// With the maps of the agencies that have one.
    ///
    /// # Errors
    /// Two maps for one agency.
    pub fn with_maps(maps: impl IntoIterator<Item = AgencyMap>) -> Result<Self, MapError> {
        let mut this = Self::builtin();
        for map in maps {
            let agency = map.agency.clone();
            if this.maps.insert(agency.clone(), map).is_some() {
                let reason = "a second map for this agency".to_owned();
                return Err(MapError { name: agency, line: 0, reason });
            }
        }
        Ok(this)
    }

    /// Classifies one call.
    pub fn classify(&self, input: &Input<'_>) -> Verdict {
        self.decide(input, &mut |_, _| ())
    }

    /// Classifies one call; `watch` sees each rule that matches, with the field that it matched in.
    fn decide(&self, input: &Input<'_>, watch: &mut impl FnMut(&'static str, &Origin)) -> Verdict {
        let map = input.agency.and_then(|agency| self.maps.get(agency));
        let lexicon = &*self.lexicon;
        let description =
            Findings::of_type(lexicon, input.description, &mut |rule| watch("description", rule));
        let initial = Findings::of_type(lexicon, input.initial_description, &mut |rule| {
            watch("initial_description", rule);
        });
        let has_type = description.any || !input.code.trim().is_empty();
        let narrative = Findings::of_narrative(lexicon, input.narrative, !has_type, &mut |rule| {
            watch("narrative", rule);
        });
        let mut outcome = |field, text| Findings::of_outcome(lexicon, text, &mut |rule| watch(field, rule));
        let outcomes = [outcome("disposition", input.disposition), outcome("status", input.status)];

        let says = self.read_type(input, map, &description);
        let mut verdict = Verdict {
            category: says.category,
            action: says.action,
            confidence: f32::from(says.percent) / 100.0,
            reasons: ReasonList::new(),
            ended: None,
        };
        verdict.note(says.reason);
        lower_by_type(&mut verdict, &says, input, map, &description);
        self.add_initial(&mut verdict, input, map, &initial);
        let is_open = !has_type && verdict.category.is_none();
        add_narrative(&mut verdict, &narrative, has_type);
        if is_open {
            self.weigh(&mut verdict, input, &narrative, watch);
        }
        if narrative.unsure {
            verdict.lower(Action::Hold, Reason::Unsure);
        }
        if description.cold || narrative.cold {
            verdict.lower(Action::Suppress, Reason::Cold);
        }
        let code = self.read_code_for_suppression(input.code, map);
        let sensitive = says.sensitive.into_iter().chain(code);
        let found = [&description, &initial, &narrative, &outcomes[0], &outcomes[1]];
        for class in sensitive.chain(found.into_iter().flat_map(Findings::sensitive)) {
            verdict.lower(Action::Suppress, Reason::Sensitive(class));
        }
        verdict.ended = Self::ended(input, map, found);
        if let Some(ended) = verdict.ended {
            let most = if ended.retracts() { Action::Suppress } else { Action::Hold };
            verdict.lower(most, Reason::Ended(ended));
        }
        verdict
    }

    /// Looks at the words of a narrative without a type one by one. Where they contradict the rules, theirs
    /// is the better answer, and not one to publish unseen.
    fn weigh(
        &self,
        verdict: &mut Verdict,
        input: &Input<'_>,
        narrative: &Findings,
        watch: &mut impl FnMut(&'static str, &Origin),
    ) {
        let by_rules = narrative.crime().map(|(category, _)| category);
        let weighed = narrative.weighed();
        if weighed == by_rules {
            return;
        }
        let (words, text) = Findings::words_of_narrative(&self.lexicon, input.narrative);
        let strongest = self.lexicon.evidence.strongest(&words, &text, weighed, by_rules);
        strongest.for_each(|word| watch("narrative", word));
        verdict.category = weighed;
        verdict.confidence = f32::from(BY_EVIDENCE) / 100.0;
        verdict.lower(Action::Hold, Reason::Evidence);
    }

    /// What the type in force says: the map, then code systems, then the lexicon.
    fn read_type(&self, input: &Input<'_>, map: Option<&AgencyMap>, description: &Findings) -> TypeSays {
        if let Some(entry) = map.and_then(|map| map.get(input.code, input.description)) {
            return TypeSays {
                category: entry.category,
                percent: 99,
                action: entry.action,
                reason: Reason::Map,
                sensitive: None,
            };
        }
        let families: &[Family] = map.map_or(&[], |map| &map.families);
        let mut says = None;
        for &family in families {
            let (meaning, reason) = if family == Family::Apco {
                let Some((code, meaning)) = self.apco.get(input.code) else { continue };
                (meaning, Reason::Apco(code))
            } else {
                let Some(meaning) = families::meaning(family, input.code) else { continue };
                (meaning, Reason::Family(family))
            };
            says = Some(of_meaning(meaning, reason));
            break;
        }
        says.unwrap_or_else(|| self.read_words(input, map.is_some(), description))
    }

    /// What the description says, and where there is none, the code.
    fn read_words(&self, input: &Input<'_>, has_map: bool, description: &Findings) -> TypeSays {
        let Some(says) = of_description(description) else { return self.of_code(input, has_map) };
        // A code of APCO's that names a crime where the description does not is a contradiction.
        match self.apco.get(input.code) {
            Some((code, Meaning::Crime(category))) if says.category.is_none() => TypeSays {
                action: says.action.min(Action::Hold),
                ..TypeSays::crime(category, 60, Reason::Apco(code))
            },
            Some(_) if says.reason == Reason::UnknownType => self.of_code(input, has_map),
            _ => says,
        }
    }

    /// What a code says that comes without a description and without a map.
    fn of_code(&self, input: &Input<'_>, has_map: bool) -> TypeSays {
        let code = input.code;
        if let Some((apco, meaning)) = self.apco.get(code) {
            let says = of_meaning(meaning, Reason::Apco(apco));
            // An agency with a map would have said so if its codes were APCO's.
            let most = if has_map { Action::Hold } else { Action::Publish };
            return TypeSays { action: says.action.min(most), ..says };
        }
        let found = Findings::of_type(&self.lexicon, code, &mut |_| ());
        match found.crime() {
            // A code of several words is a description in the wrong place.
            Some((category, percent)) if code.trim().contains(' ') => {
                TypeSays::crime(category, percent, Reason::Lexicon(category))
            }
            Some((category, _)) => TypeSays::crime(category, 70, Reason::CodeWord(category)),
            None if found.unclear => TypeSays::none(60, Action::Hold, Reason::NeedsPerson),
            None if found.other => TypeSays::none(80, Action::Suppress, Reason::OtherType),
            None => TypeSays::none(40, Action::Hold, Reason::UnknownType),
        }
    }

    /// The never-publish class that the code alone says.
    fn read_code_for_suppression(&self, code: &str, map: Option<&AgencyMap>) -> Option<Sensitive> {
        let families: &[Family] = map.map_or(&[], |map| &map.families);
        let of_family = families.iter().filter_map(|&family| families::meaning(family, code));
        of_family.chain(self.apco.get(code).map(|(_, meaning)| meaning)).find_map(|meaning| match meaning {
            Meaning::Sensitive(class) => Some(class),
            _ => None,
        })
    }

    /// The type that the call was opened with.
    fn add_initial(
        &self,
        verdict: &mut Verdict,
        input: &Input<'_>,
        map: Option<&AgencyMap>,
        initial: &Findings,
    ) {
        let opened =
            Input { code: input.initial_code, description: input.initial_description, ..Input::default() };
        if opened.code.trim().is_empty() && !initial.any {
            return;
        }
        let says = self.read_type(&opened, map, initial);
        let is_only = input.code.trim().is_empty() && input.description.trim().is_empty();
        match says.category {
            Some(category) if is_only => {
                verdict.category = Some(category);
                verdict.confidence = f32::from(says.percent) / 100.0;
                verdict.action = says.action.min(Action::Hold);
                verdict.note(Reason::InitialOnly(category));
            }
            other if other != verdict.category => verdict.note(Reason::Retyped),
            _ => {}
        }
    }

    fn ended(input: &Input<'_>, map: Option<&AgencyMap>, found: [&Findings; 5]) -> Option<Ended> {
        let known = map.and_then(|map| map.dispositions.get(&key(input.disposition)));
        let [description, _, narrative, disposition, status] = found;
        let disposition = known.copied().unwrap_or(disposition.ended);
        [description.ended, narrative.ended, disposition, status.ended].into_iter().flatten().min()
    }

    /// The stems of a narrative that may have a weight as evidence, for those who fit weights.
    pub fn stems(&self, narrative: &str) -> Vec<String> {
        let (words, text) = Findings::words_of_narrative(&self.lexicon, narrative);
        evidence::stems(&words, &text)
    }

    /// Classifies one call and tells what led to the verdict: the lexicon's rules that matched, then the
    /// reasons. The steps quote the lexicon and never the call.
    pub fn explain(&self, input: &Input<'_>) -> (Verdict, Vec<Step>) {
        let mut steps = Vec::new();
        let verdict = self.decide(input, &mut |field, rule| {
            let Origin { file, line, text } = rule;
            steps.push(Step { code: "rule", text: format!("{field}: {file}, line {line}: {text}") });
        });
        for &reason in &verdict.reasons {
            steps.push(Step { code: reason.as_str(), text: reason.describe().to_owned() });
        }
        (verdict, steps)
    }
}

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// A reason code, or `rule` for a rule of the lexicon.
    pub code: &'static str,
    /// What it means, for people; without any text of the call.
    pub text: String,
}

/// Lowers the action for what is weak about the type.
fn lower_by_type(
    verdict: &mut Verdict,
    says: &TypeSays,
    input: &Input<'_>,
    map: Option<&AgencyMap>,
    description: &Findings,
) {
    let by_words = matches!(says.reason, Reason::Lexicon(_));
    if says.category.is_some() && (says.percent < PUBLISH_FROM || (description.unsure && by_words)) {
        verdict.lower(Action::Hold, Reason::Unsure);
    }
    if says.reason == Reason::Map && says.category.is_some() && says.action < Action::Publish {
        verdict.note(Reason::MapAction);
    }
    if description.reading.by_likeness && by_words {
        verdict.lower(Action::Hold, Reason::Likeness);
    }
    // A map by code decides by code: a call that lost its code may not do better than one that has it.
    if map.is_some_and(AgencyMap::is_by_code) && input.code.trim().is_empty() {
        verdict.lower(Action::Hold, Reason::MapWithoutCode);
    }
}

fn of_meaning(meaning: Meaning, reason: Reason) -> TypeSays {
    match meaning {
        Meaning::Crime(category) => TypeSays::crime(category, 98, reason),
        Meaning::Unclear => TypeSays::none(60, Action::Hold, reason),
        Meaning::Other => TypeSays::none(98, Action::Suppress, reason),
        Meaning::Sensitive(class) => {
            TypeSays { sensitive: Some(class), ..TypeSays::none(98, Action::Suppress, reason) }
        }
    }
}

/// What the lexicon says of a description; `None` when there is none or it says nothing.
fn of_description(found: &Findings) -> Option<TypeSays> {
    if let Some((category, percent)) = found.crime() {
        return Some(TypeSays::crime(category, percent, Reason::Lexicon(category)));
    }
    if !found.any {
        return None;
    }
    Some(if found.denied() {
        TypeSays::none(90, Action::Suppress, Reason::Negated)
    } else if found.unclear {
        TypeSays::none(60, Action::Hold, Reason::NeedsPerson)
    } else if found.other {
        TypeSays::none(90, Action::Suppress, Reason::OtherType)
    } else {
        TypeSays::none(40, Action::Hold, Reason::UnknownType)
    })
}

fn add_narrative(verdict: &mut Verdict, narrative: &Findings, has_type: bool) {
    match (verdict.category, narrative.crime()) {
        (None, Some((category, percent))) => {
            verdict.category = Some(category);
            verdict.confidence = f32::from(percent) / 100.0;
            if has_type {
                verdict.action = Action::Hold;
                verdict.note(Reason::TypeDisagrees);
            } else {
                verdict.action = if percent >= PUBLISH_FROM { Action::Publish } else { Action::Hold };
            }
            verdict.note(Reason::Narrative(category));
        }
        (Some(of_type), Some((category, _))) if of_type == category => {
            verdict.note(Reason::Narrative(category));
        }
        (Some(of_type), _) if narrative.refuses(of_type) => verdict.lower(Action::Hold, Reason::Denied),
        _ => {}
    }
}
