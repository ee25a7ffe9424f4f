//! The little language that the lexicon's rules are written in, and its matcher.
//!
//! ```text
//! pattern  = sequence *( "+" sequence ) *( "-" sequence )      all of these, none of those
//! sequence = *guard element *( [ gap ] element / guard )       in this order, side by side
//! element  = alternative *( "|" alternative )                  one word
//! gap      = "~" number                                        up to so many words between
//! guard    = [ gap ] "!" element                               the words just there are none of these
//! alternative = word | "@" class
//! ```
//!
//! A guard stands before the first element of a sequence, and means the word before it, or after an
//! element, and means the word after that: `!no @crime !alarm`. With a gap it means more words.
//!
//! `[element]` marks the word that a rule acts on; without a mark it is the first word of the match.
//! Every distinct element of all rules has a number, and every word of the vocabulary the set of elements
//! that it fits. A text is then a list of bit sets, and a rule only looks at bits.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How many distinct elements the rules can have.
pub(crate) const ELEMENTS: usize = 64 * BLOCKS;
const BLOCKS: usize = 40;

/// A set of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits([u64; BLOCKS]);

impl Default for Bits {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Bits {
    pub(crate) const EMPTY: Self = Self([0; BLOCKS]);

    pub(crate) fn set(&mut self, element: u16) {
        self.0[usize::from(element / 64)] |= 1 << (element % 64);
    }

    pub(crate) fn has(&self, element: u16) -> bool {
        self.0[usize::from(element / 64)] & (1 << (element % 64)) != 0
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.add_first(other, BLOCKS);
    }

    /// Adds the elements of the first so many blocks.
    fn add_first(&mut self, other: &Self, blocks: usize) {
        for (mine, theirs) in self.0[..blocks].iter_mut().zip(&other.0[..blocks]) {
            *mine |= theirs;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; BLOCKS]
    }

    /// The elements of both.
    pub(crate) fn meet(&self, other: &Self) -> Self {
        let mut both = *self;
        for (mine, theirs) in both.0.iter_mut().zip(other.0) {
            *mine &= theirs;
        }
        both
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.common(self, BLOCKS)
    }

    /// The elements of both, in the first so many blocks.
    fn common<'a>(&'a self, other: &'a Self, blocks: usize) -> impl Iterator<Item = u16> + 'a {
        let both = self.0[..blocks].iter().zip(&other.0[..blocks]);
        both.zip(0_u16..).flat_map(|((mine, theirs), index)| {
            let mut rest = mine & theirs;
            std::iter::from_fn(move || {
                let bit = u16::try_from(rest.trailing_zeros()).ok().filter(|_| rest != 0)?;
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        })
    }
}

/// A text as the elements that its words fit.
pub(crate) struct Tagged {
    /// The elements of each word.
    pub(crate) words: SmallVec<[Bits; 12]>,
    /// The elements of all words.
    pub(crate) present: Bits,
    /// Which words were cleared, for readers that look at words and not at elements.
    pub(crate) cleared: SmallVec<[usize; 8]>,
    /// How many blocks of elements matter to this text.
    blocks: usize,
}

impl Tagged {
    /// A text without words of which the elements of the first so many blocks matter.
    pub(crate) fn new(blocks: usize) -> Self {
        Self {
            words: SmallVec::new(),
            present: Bits::EMPTY,
            cleared: SmallVec::new(),
            blocks: blocks.min(BLOCKS),
        }
    }

    /// A text without words of which all elements matter.
    pub(crate) fn whole() -> Self {
        Self::new(BLOCKS)
    }

    /// Adds a word.
    pub(crate) fn push(&mut self, elements: &Bits) {
        self.present.add_first(elements, self.blocks);
        if self.blocks == BLOCKS {
            self.words.push(*elements);
            return;
        }
        let mut word = Bits::EMPTY;
        word.add_first(elements, self.blocks);
        self.words.push(word);
    }

    /// Takes the meaning of one word away, because it stands in a negative context. What is `present`
    /// stays as it was until [`Self::recount`]; it only has to cover what the words are.
    pub(crate) fn clear(&mut self, at: usize) {
        self.words[at] = Bits::EMPTY;
        self.cleared.push(at);
    }

    /// Brings `present` back to what the words are.
    pub(crate) fn recount(&mut self) {
        self.present = Bits::EMPTY;
        for word in &self.words {
            self.present.add_first(word, self.blocks);
        }
    }

    /// Gives a word more meanings.
    pub(crate) fn tag(&mut self, at: usize, elements: &Bits) {
        self.words[at].add_first(elements, self.blocks);
        self.present.add_first(elements, self.blocks);
    }
}

/// One word of a pattern.
#[derive(Clone, Copy, Debug)]
struct Element {
    id: u16,
    /// How many words may stand between the element before and this one.
    gap: u8,
}

impl Element {
    fn fits(self, word: &Bits) -> bool {
        word.has(self.id)
    }
}

/// Words that must not stand beside an element.
#[derive(Clone, Copy, Debug)]
struct Guard {
    /// The index of the element beside which it stands.
    beside: usize,
    /// Whether it is about the words before that element, not those after it.
    before: bool,
    /// How many words it is about.
    span: usize,
    id: u16,
}

impl Guard {
    /// Whether none of the words beside the one at `at` is a forbidden one.
    fn allows(self, text: &Tagged, at: usize) -> bool {
        let end = (at + 1 + self.span).min(text.words.len());
        let words = if self.before { at.saturating_sub(self.span)..at } else { at + 1..end };
        !text.words[words].iter().any(|word| word.has(self.id))
    }
}

#[derive(Clone, Debug, Default)]
struct Sequence {
    elements: SmallVec<[Element; 4]>,
    guards: SmallVec<[Guard; 1]>,
    /// The index of the marked element.
    mark: usize,
}

impl Sequence {
    /// Whether every element occurs somewhere, in whatever order.
    fn possible(&self, present: &Bits) -> bool {
        self.elements.iter().all(|element| element.fits(present))
    }

    /// Whether the word at `at` can be the element at `index`.
    fn fits(&self, text: &Tagged, at: usize, index: usize) -> bool {
        self.elements[index].fits(&text.words[at])
            && self.guards.iter().all(|guard| guard.beside != index || guard.allows(text, at))
    }

    /// Where the marked word of the next match at or after `from` stands.
    fn find(&self, text: &Tagged, from: usize) -> Option<usize> {
        (from..text.words.len())
            .find_map(|start| self.fits(text, start, 0).then(|| self.rest(text, start, 0, start))?)
    }

    /// Matches the elements after `index`, which stands at `at`.
    fn rest(&self, text: &Tagged, at: usize, index: usize, mark: usize) -> Option<usize> {
        let mark = if index == self.mark { at } else { mark };
        let Some(next) = self.elements.get(index + 1) else {
            return Some(mark);
        };
        let last = (at + 1 + usize::from(next.gap)).min(text.words.len().saturating_sub(1));
        (at + 1..=last).find_map(|candidate| {
            self.fits(text, candidate, index + 1).then(|| self.rest(text, candidate, index + 1, mark))?
        })
    }
}

/// A rule without what it says.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    all: SmallVec<[Sequence; 2]>,
    none: SmallVec<[Sequence; 2]>,
}

impl Pattern {
    /// Whether the text has everything that the rule wants and nothing that it refuses.
    pub(crate) fn matches(&self, text: &Tagged) -> bool {
        self.all.iter().all(|sequence| sequence.possible(&text.present))
            && self.all.iter().all(|sequence| sequence.find(text, 0).is_some())
            && !self.refused(text)
    }

    fn refused(&self, text: &Tagged) -> bool {
        self.none.iter().any(|s| s.possible(&text.present) && s.find(text, 0).is_some())
    }

    /// Calls `act` with each marked word of the first sequence, if the rule matches.
    pub(crate) fn for_each_mark(&self, text: &mut Tagged, mut act: impl FnMut(&mut Tagged, usize)) {
        if !self.matches(text) {
            return;
        }
        let mut from = 0;
        while let Some(found) = self.all[0].find(text, from) {
            act(text, found);
            from = from.max(found) + 1;
        }
    }

    /// The element that the fewest words fit: without it the rule cannot match.
    fn anchor(&self, weight: &[u32]) -> u16 {
        let elements = self.all.iter().flat_map(|sequence| &sequence.elements);
        elements.min_by_key(|element| weight[usize::from(element.id)]).map_or(0, |element| element.id)
    }
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RuleError {
    #[error("unknown class @{0}")]
    UnknownClass(String),
    #[error("more than {ELEMENTS} distinct elements")]
    TooManyElements,
    #[error("expected a pattern: {0}")]
    Malformed(&'static str),
}

/// What an element accepts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Alternative {
    Class(u16),
    Word(Box<str>),
}

/// Gives every class and every distinct element a number.
#[derive(Default)]
pub(crate) struct Names {
    classes: FxHashMap<String, u16>,
    elements: FxHashMap<Vec<Alternative>, u16>,
}

impl Names {
    /// The number of a class, new or known.
    pub(crate) fn define(&mut self, class: &str) -> u16 {
        let next = u16::try_from(self.classes.len()).unwrap_or(u16::MAX);
        *self.classes.entry(class.to_owned()).or_insert(next)
    }

    /// The number of a known class.
    pub(crate) fn class(&self, class: &str) -> Result<u16, RuleError> {
        self.classes.get(class).copied().ok_or_else(|| RuleError::UnknownClass(class.to_owned()))
    }

    /// The elements that each class fits, by class.
    pub(crate) fn by_class(&self) -> Vec<Bits> {
        let mut all = vec![Bits::EMPTY; self.classes.len()];
        for (alternatives, &element) in &self.elements {
            for alternative in alternatives {
                if let Alternative::Class(class) = alternative {
                    all[usize::from(*class)].set(element);
                }
            }
        }
        all
    }

    /// The words that rules name directly, each with the elements that it fits.
    pub(crate) fn by_word(&self) -> impl Iterator<Item = (&str, u16)> {
        self.elements.iter().flat_map(|(alternatives, &element)| {
            alternatives.iter().filter_map(move |alternative| match alternative {
                Alternative::Word(word) => Some((&**word, element)),
                Alternative::Class(_) => None,
            })
        })
    }

    /// The number of an element such as `shot|@gunfire`.
    pub(crate) fn element(&mut self, text: &str) -> Result<u16, RuleError> {
        let mut alternatives = text
            .split('|')
            .map(|name| match name.strip_prefix('@') {
                Some(class) => self.class(class).map(Alternative::Class),
                None if name.is_empty() => Err(RuleError::Malformed("a word between bars")),
                None => Ok(Alternative::Word(name.into())),
            })
            .collect::<Result<Vec<_>, _>>()?;
        alternatives.sort_unstable_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
        alternatives.dedup();
        let next = u16::try_from(self.elements.len()).unwrap_or(u16::MAX);
        let id = *self.elements.entry(alternatives).or_insert(next);
        if usize::from(id) < ELEMENTS { Ok(id) } else { Err(RuleError::TooManyElements) }
    }

    /// How many blocks hold the elements that there are.
    pub(crate) fn blocks(&self) -> usize {
        self.elements.len().div_ceil(64)
    }

    /// Reads a pattern.
    pub(crate) fn pattern(&mut self, text: &str) -> Result<Pattern, RuleError> {
        let mut pattern = Pattern { all: SmallVec::new(), none: SmallVec::new() };
        let mut current = Sequence::default();
        let mut refuses = false;
        let mut gap = 0;
        for part in text.split_whitespace() {
            match part {
                "+" | "-" => {
                    pattern.close(std::mem::take(&mut current), refuses)?;
                    refuses = part == "-";
                }
                _ if part.starts_with('~') => {
                    gap = part[1..].parse().map_err(|_| RuleError::Malformed("a number after ~"))?;
                }
                _ if part.starts_with('!') => {
                    let id = self.element(&part[1..])?;
                    let before = current.elements.is_empty();
                    let beside = current.elements.len().saturating_sub(1);
                    current.guards.push(Guard { beside, before, span: usize::from(gap) + 1, id });
                    gap = 0;
                }
                _ => {
                    let marked = part.strip_prefix('[').and_then(|p| p.strip_suffix(']'));
                    if marked.is_some() {
                        current.mark = current.elements.len();
                    }
                    let id = self.element(marked.unwrap_or(part))?;
                    current.elements.push(Element { id, gap });
                    gap = 0;
                }
            }
        }
        pattern.close(current, refuses)?;
        Ok(pattern)
    }
}

impl Pattern {
    fn close(&mut self, sequence: Sequence, refuses: bool) -> Result<(), RuleError> {
        if sequence.elements.is_empty() {
            return Err(RuleError::Malformed("a word in every sequence"));
        }
        if refuses {
            self.none.push(sequence);
        } else {
            self.all.push(sequence);
        }
        Ok(())
    }
}

/// Where a rule stands in the lexicon's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) text: &'static str,
}

/// A rule: when it matches, what it says, where it stands.
pub(crate) type Rule<T> = (Pattern, T, Origin);

/// Rules with what they say, found through their rarest element.
pub(crate) struct RuleSet<T> {
    rules: Vec<Rule<T>>,
    by_anchor: Vec<SmallVec<[u16; 4]>>,
    anchors: Bits,
}

impl<T: Copy> RuleSet<T> {
    /// Builds the index. `weight` is how many words fit each element.
    pub(crate) fn new(rules: Vec<Rule<T>>, weight: &[u32]) -> Self {
        let mut by_anchor = vec![SmallVec::new(); ELEMENTS];
        let mut anchors = Bits::EMPTY;
        for ((pattern, ..), index) in rules.iter().zip(0_u16..) {
            let anchor = pattern.anchor(weight);
            by_anchor[usize::from(anchor)].push(index);
            anchors.set(anchor);
        }
        Self { rules, by_anchor, anchors }
    }

    /// The rules that may match, in order.
    fn candidates(&self, text: &Tagged) -> SmallVec<[u16; 32]> {
        let mut found: SmallVec<[u16; 32]> = SmallVec::new();
        for anchor in text.present.common(&self.anchors, text.blocks) {
            // Mostly one or two: pushing them costs less than making room for a slice.
            for &index in &self.by_anchor[usize::from(anchor)] {
                found.push(index);
            }
        }
        found.sort_unstable();
        found
    }

    /// Calls `act` for each rule that matches, in order.
    pub(crate) fn for_each(&self, text: &Tagged, mut act: impl FnMut(T, &Origin)) {
        for index in self.candidates(text) {
            let (pattern, says, origin) = &self.rules[usize::from(index)];
            if pattern.matches(text) {
                act(*says, origin);
            }
        }
    }

    /// Calls `act` for each marked word of each rule that matches, in order. `act` may change the text;
    /// rules see what earlier ones did, except that no rule joins in later.
    pub(crate) fn rewrite(&self, text: &mut Tagged, mut act: impl FnMut(&mut Tagged, usize, T)) {
        for index in self.candidates(text) {
            let (pattern, says, _) = &self.rules[usize::from(index)];
            pattern.for_each_mark(text, |text, at| act(text, at, *says));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Words;
    use crate::vocabulary::Vocabulary;

    const ORIGIN: Origin = Origin { file: "test", line: 1, text: "" };

    /// Which of the patterns match a text, by number.
    fn matching(patterns: &[&str], text: &str) -> Vec<usize> {
        let mut names = Names::default();
        let mut vocabulary = Vocabulary::parse("crime: theft arson\nthing: car\n", &mut names).unwrap();
        let rules = patterns
            .iter()
            .enumerate()
            .map(|(index, pattern)| (names.pattern(pattern).unwrap(), index, ORIGIN))
            .collect();
        vocabulary.index(&names);
        let rules = RuleSet::new(rules, &vocabulary.weights());
        let mut tagged = Tagged::whole();
        vocabulary.read_narrative(&Words::new(text), &mut tagged);
        let mut found = Vec::new();
        rules.for_each(&tagged, |index, _| found.push(index));
        found
    }

    #[test]
    fn words_stand_side_by_side_or_within_the_gap() {
        let patterns = ["shots fired", "shots ~2 fired"];
        assert_eq!(matching(&patterns, "shots fired"), [0, 1]);
        assert_eq!(matching(&patterns, "shots were just fired"), [1]);
        assert_eq!(matching(&patterns, "shots were not yet fired"), [] as [usize; 0]);
        assert_eq!(matching(&patterns, "fired shots"), [] as [usize; 0]);
    }

    #[test]
    fn guards_look_at_the_words_beside() {
        let patterns = ["!no shots !heard|@thing", "~1 !no shots ~1 fired", "shots ~2 !heard"];
        assert_eq!(matching(&patterns, "shots"), [0, 2]);
        assert_eq!(matching(&patterns, "no shots fired"), [2]);
        assert_eq!(matching(&patterns, "no xx shots fired"), [0, 2]);
        assert_eq!(matching(&patterns, "no xx xx shots were fired"), [0, 1, 2]);
        assert_eq!(matching(&patterns, "shots car"), [2]);
        assert_eq!(matching(&patterns, "shots were heard, then shots"), [0, 2]);
    }

    #[test]
    fn plus_wants_all_in_any_order_and_minus_refuses() {
        let patterns = ["@crime + @thing - bike", "@crime|bike"];
        assert_eq!(matching(&patterns, "car theft"), [0, 1]);
        assert_eq!(matching(&patterns, "arson of a car"), [0, 1]);
        assert_eq!(matching(&patterns, "car theft bike"), [1]);
        assert_eq!(matching(&patterns, "car"), [] as [usize; 0]);
    }

    #[test]
    fn a_later_start_is_tried_when_an_earlier_one_fails() {
        assert_eq!(matching(&["no ~1 hit ~1 run"], "no xx hit xx xx no hit run"), [0]);
        assert_eq!(matching(&["no ~3 hit run"], "no hit xx hit run"), [0]);
    }

    #[test]
    fn the_marked_word_is_the_one_acted_on() {
        let mut names = Names::default();
        let mut vocabulary = Vocabulary::parse("thing: car\n", &mut names).unwrap();
        let pattern = names.pattern("no ~1 [@thing]").unwrap();
        vocabulary.index(&names);
        let rules = RuleSet::new(vec![(pattern, (), ORIGIN)], &vocabulary.weights());
        let mut tagged = Tagged::whole();
        vocabulary.read_narrative(&Words::new("no red car no car car"), &mut tagged);
        let mut marks = Vec::new();
        rules.rewrite(&mut tagged, |_, at, ()| marks.push(at));
        assert_eq!(marks, [2, 4]);
    }

    #[test]
    fn mistakes_are_named() {
        let mut names = Names::default();
        assert_eq!(names.pattern("@nothing").unwrap_err(), RuleError::UnknownClass("nothing".into()));
        for wrong in ["", "a +", "- a", "a ~x b", "a||b"] {
            assert!(matches!(names.pattern(wrong), Err(RuleError::Malformed(_))), "{wrong}");
        }
    }
}
