//! The lexicon: the vocabulary and the rules, read from the files in `lexicon/`.

use std::sync::{Arc, LazyLock};

use crate::category::Category;
use crate::evidence::Evidence;
use crate::rules::{Bits, Names, Origin, Rule, RuleError, RuleSet, Tagged};
use crate::verdict::{Ended, Sensitive};
use crate::vocabulary::Vocabulary;

/// What a rule says of the text that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The text reports this crime, with a confidence in percent.
    Crime(Category, u8),
    /// The text does not report this crime, whatever words stand in it; `None` for all eight.
    Not(Option<Category>),
    /// A crime near to one of the eight that a person must judge.
    Unclear,
    /// What the text says is too uncertain to publish unseen.
    Unsure,
    /// A report after the fact.
    Cold,
    /// A never-publish class.
    Sensitive(Sensitive),
    /// What the call turned out to be.
    Ended(Ended),
    /// Surely another subject.
    Other,
}

/// Everything that was read from the files.
pub(crate) struct Lexicon {
    pub(crate) vocabulary: Vocabulary,
    /// Phrases that make one notion: they add a class to a word.
    tags: RuleSet<u16>,
    /// The elements that each class fits.
    by_class: Vec<Bits>,
    /// Negative contexts: they take a word's classes away.
    clears: RuleSet<()>,
    /// Settings of narratives that take a word's classes away.
    contexts: RuleSet<()>,
    /// How many blocks of elements call types and outcomes need.
    pub(crate) type_blocks: usize,
    /// Settings that take the meaning of a never-publish word away.
    exempts: RuleSet<()>,
    /// Crimes in call types.
    pub(crate) types: RuleSet<Says>,
    /// Crimes in narratives.
    pub(crate) narratives: RuleSet<Says>,
    /// What narratives say against a crime.
    pub(crate) denials: RuleSet<Says>,
    /// Never-publish classes, in every field.
    pub(crate) sensitive: RuleSet<Says>,
    /// Never-publish classes that only call types can tell.
    pub(crate) sensitive_types: RuleSet<Says>,
    /// What the words of narratives say one by one.
    pub(crate) evidence: Evidence,
    /// Dispositions and statuses.
    pub(crate) outcomes: RuleSet<Says>,
    /// Closing notes in narratives.
    pub(crate) notes: RuleSet<Says>,
    /// The element of words for a report after the fact.
    pub(crate) report: u16,
    /// The element of words for something that happened earlier.
    pub(crate) cold: u16,
    /// The element of words of other subjects.
    pub(crate) other: u16,
}

static BUILTIN: LazyLock<Arc<Lexicon>> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the files are compiled in and parsed by a test")]
    Arc::new(Lexicon::parse().expect("the built-in lexicon is well-formed"))
});

impl Lexicon {
    /// The one that is compiled in, read once.
    pub(crate) fn builtin() -> Arc<Self> {
        Arc::clone(&BUILTIN)
    }

    fn parse() -> Result<Self, FileError> {
        let mut names = Names::default();
        let words = concat!(include_str!("../lexicon/words.txt"), "\n", include_str!("../lexicon/plain.txt"));
        let mut vocabulary = Vocabulary::parse(words, &mut names).map_err(|e| FileError {
            file: "words.txt",
            line: 0,
            reason: e,
        })?;
        let tags = read("tags.rules", include_str!("../lexicon/tags.rules"), &mut names, |names, head| {
            Ok(names.define(head))
        })?;
        let clears =
            read("clears.rules", include_str!("../lexicon/clears.rules"), &mut names, |_, _| Ok(()))?;
        let exempts =
            read("exempt.rules", include_str!("../lexicon/exempt.rules"), &mut names, |_, _| Ok(()))?;
        let says = |file, text, names: &mut Names| read(file, text, names, |_, head| parse_says(head));
        let types = says("types.rules", include_str!("../lexicon/types.rules"), &mut names)?;
        let sensitive = says("sensitive.rules", include_str!("../lexicon/sensitive.rules"), &mut names)?;
        let sensitive_types =
            says("sensitive_types.rules", include_str!("../lexicon/sensitive_types.rules"), &mut names)?;
        let outcomes = says("outcomes.rules", include_str!("../lexicon/outcomes.rules"), &mut names)?;
        let notes = says("notes.rules", include_str!("../lexicon/notes.rules"), &mut names)?;
        let mut element =
            |class| names.element(class).map_err(|reason| FileError { file: "words.txt", line: 0, reason });
        let (report, cold, other) = (element("@report")?, element("@cold")?, element("@other")?);
        // What only narratives use comes last, so that call types can leave it out.
        let type_blocks = names.blocks();
        let contexts =
            read("contexts.rules", include_str!("../lexicon/contexts.rules"), &mut names, |_, _| Ok(()))?;
        let narratives = says("narratives.rules", include_str!("../lexicon/narratives.rules"), &mut names)?;
        let denials = says("denials.rules", include_str!("../lexicon/denials.rules"), &mut names)?;
        let evidence =
            Evidence::parse(include_str!("../lexicon/evidence.txt")).map_err(|line| FileError {
                file: "evidence.txt",
                line,
                reason: RuleError::Malformed("a stem, once, and a weight for each category"),
            })?;
        vocabulary.index(&names);
        let weights = vocabulary.weights();
        let set = |rules| RuleSet::new(rules, &weights);
        Ok(Self {
            tags: RuleSet::new(tags, &weights),
            clears: RuleSet::new(clears, &weights),
            contexts: RuleSet::new(contexts, &weights),
            type_blocks,
            types: set(types),
            narratives: set(narratives),
            denials: set(denials),
            evidence,
            sensitive: set(sensitive),
            sensitive_types: set(sensitive_types),
            outcomes: set(outcomes),
            notes: set(notes),
            exempts: RuleSet::new(exempts, &weights),
            by_class: names.by_class(),
            report,
            cold,
            other,
            vocabulary,
        })
    }

    /// Gives phrases their classes.
    pub(crate) fn tag(&self, text: &mut Tagged) {
        self.tags.rewrite(text, |text, at, class| text.tag(at, &self.by_class[usize::from(class)]));
    }

    /// Takes the meaning of words in negative contexts away; answers whether there were any.
    pub(crate) fn clear(&self, text: &mut Tagged) -> bool {
        clear(&self.clears, text)
    }

    /// The same for narratives, which have contexts of their own.
    pub(crate) fn clear_narrative(&self, text: &mut Tagged) -> bool {
        let by_context = clear(&self.contexts, text);
        clear(&self.clears, text) || by_context
    }

    /// Takes the meaning of never-publish words in harmless settings away.
    pub(crate) fn exempt(&self, text: &mut Tagged) {
        clear(&self.exempts, text);
    }
}

fn clear(rules: &RuleSet<()>, text: &mut Tagged) -> bool {
    let mut any = false;
    rules.rewrite(text, |text, at, ()| {
        text.clear(at);
        any = true;
    });
    if any {
        text.recount();
    }
    any
}

/// A line of a lexicon file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
struct FileError {
    file: &'static str,
    line: u32,
    reason: RuleError,
}

/// Reads lines of `head: pattern`.
fn read<T>(
    file: &'static str,
    text: &'static str,
    names: &mut Names,
    mut parse_head: impl FnMut(&mut Names, &str) -> Result<T, RuleError>,
) -> Result<Vec<Rule<T>>, FileError> {
    let mut rules = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parsed =
            line.split_once(':').ok_or(RuleError::Malformed("head: pattern")).and_then(|(head, pattern)| {
                let head = parse_head(names, head.trim())?;
                Ok((names.pattern(pattern)?, head, Origin { file, line: number, text: line }))
            });
        rules.push(parsed.map_err(|reason| FileError { file, line: number, reason })?);
    }
    Ok(rules)
}

fn parse_says(head: &str) -> Result<Says, RuleError> {
    let (kind, rest) = head.split_once(' ').unwrap_or((head, ""));
    let category = |name: &str| name.parse::<Category>();
    match (kind, rest) {
        ("unclear", "") => Ok(Says::Unclear),
        ("unsure", "") => Ok(Says::Unsure),
        ("cold", "") => Ok(Says::Cold),
        ("other", "") => Ok(Says::Other),
        ("not", "any") => Ok(Says::Not(None)),
        ("not", name) => {
            category(name).map(|c| Says::Not(Some(c))).map_err(|_| RuleError::Malformed("not CATEGORY"))
        }
        ("sensitive", name) => Sensitive::ALL
            .into_iter()
            .find(|class| class.as_str() == name)
            .map(Says::Sensitive)
            .ok_or(RuleError::Malformed("sensitive CLASS")),
        ("ended", name) => Ended::ALL
            .into_iter()
            .find(|ended| ended.as_str() == name)
            .map(Says::Ended)
            .ok_or(RuleError::Malformed("ended OUTCOME")),
        (name, percent) => {
            let percent = percent.parse().ok().filter(|p| *p <= 100);
            match (category(name), percent) {
                (Ok(category), Some(percent)) => Ok(Says::Crime(category, percent)),
                _ => Err(RuleError::Malformed(
                    "CATEGORY PERCENT, or not, unclear, unsure, cold, sensitive, ended, other",
                )),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_well_formed() {
        if let Err(error) = Lexicon::parse() {
            panic!("{error}");
        }
    }

    #[test]
    fn heads_are_checked() {
        assert_eq!(parse_says("vehicle 95"), Ok(Says::Crime(Category::Vehicle, 95)));
        assert_eq!(parse_says("not any"), Ok(Says::Not(None)));
        assert_eq!(parse_says("sensitive domestic"), Ok(Says::Sensitive(Sensitive::Domestic)));
        for wrong in ["vehicle", "vehicle 101", "vehicles 9", "not", "ended", "sensitive all", ""] {
            assert!(parse_says(wrong).is_err(), "{wrong}");
        }
    }
}
