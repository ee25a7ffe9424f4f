//! The book of what can happen: kinds of calls with their types and sentences, read once from `data/`.

use std::sync::LazyLock;

use crate::gold::{Category, Sensitive};
use crate::phrasebook::Template;

/// Groups of kinds, in the order of their weights in the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Public,
    Never,
    Trap,
    Plain,
}

/// A call type as the agency writes it; the code may be empty.
pub(crate) struct CallType {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
}

/// A kind of call.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    weight: u32,
    /// 1, most urgent, to 5.
    pub(crate) priority: u32,
    pub(crate) category: Option<Category>,
    pub(crate) sensitive: Vec<Sensitive>,
    /// Whether the type alone does not tell whether it is one of the eight.
    pub(crate) unclear: bool,
    /// Begun by officers: nobody called.
    pub(crate) on_view: bool,
    pub(crate) types: Vec<CallType>,
    pub(crate) cold_types: Vec<CallType>,
    from: Vec<&'static str>,
    pub(crate) open: Vec<Template>,
    pub(crate) past: Vec<Template>,
    pub(crate) more: Vec<Template>,
    pub(crate) spanish: Vec<Template>,
}

/// Sentences for calls of any kind, by section of `data/common.txt`.
#[derive(Default)]
pub(crate) struct Common {
    pub(crate) contact: Vec<Template>,
    pub(crate) place: Vec<Template>,
    pub(crate) suspect: Vec<Template>,
    pub(crate) record: Vec<Template>,
    pub(crate) update: Vec<Template>,
    pub(crate) unfounded: Vec<Template>,
    pub(crate) cancelled: Vec<Template>,
    pub(crate) duplicate: Vec<Template>,
    pub(crate) gone: Vec<Template>,
    pub(crate) report: Vec<Template>,
    pub(crate) handled: Vec<Template>,
    pub(crate) spanish_contact: Vec<Template>,
    pub(crate) keys: Vec<Template>,
}

/// The whole book.
pub(crate) struct Book {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) common: Common,
    /// Weights of the kinds of each group, by index of the kind; 0 for those of other groups.
    pub(crate) weights: [Vec<u32>; 4],
    /// For each kind the indices of the kinds under which it is sometimes opened.
    pub(crate) opened_as: Vec<Vec<usize>>,
}

/// The book in `data/`.
pub(crate) fn book() -> &'static Book {
    static BOOK: LazyLock<Book> = LazyLock::new(|| {
        Book::parse(include_str!("../data/kinds.txt"), include_str!("../data/common.txt"))
            .expect("the book is part of the program, and a test reads it")
    });
    &BOOK
}

impl Book {
    /// Reads the book; the error names the line.
    fn parse(kinds: &'static str, common: &'static str) -> Result<Self, String> {
        let mut all: Vec<Kind> = Vec::new();
        for (number, line) in lines(kinds) {
            let (word, rest) = line.split_once(' ').ok_or_else(|| format!("line {number}: one word"))?;
            let told = match (word, all.last_mut()) {
                ("kind", _) => Kind::parse(rest).map(|kind| all.push(kind)),
                (_, Some(kind)) => kind.add(word, rest),
                (_, None) => Err("before the first kind".to_owned()),
            };
            told.map_err(|mistake| format!("line {number}: {mistake}"))?;
        }
        let index = |name: &&str| {
            all.iter().position(|kind| kind.name == *name).ok_or_else(|| format!("no kind is named {name}"))
        };
        let opened_as =
            all.iter().map(|kind| kind.from.iter().map(index).collect()).collect::<Result<_, _>>()?;
        let weights = [Group::Public, Group::Never, Group::Trap, Group::Plain]
            .map(|group| all.iter().map(|kind| if kind.group == group { kind.weight } else { 0 }).collect());
        Ok(Self { kinds: all, common: Common::parse(common)?, weights, opened_as })
    }
}

impl Kind {
    fn parse(head: &'static str) -> Result<Self, String> {
        let mut words = head.split_whitespace();
        let mut next = |what: &str| words.next().ok_or_else(|| format!("no {what}"));
        let name = next("name")?;
        let group = match next("group")? {
            "public" => Group::Public,
            "never" => Group::Never,
            "trap" => Group::Trap,
            "plain" => Group::Plain,
            other => return Err(format!("no group is named {other}")),
        };
        let number = |text: &str| text.parse().map_err(|_| format!("{text} is not a number"));
        let (weight, priority) = (number(next("weight")?)?, number(next("priority")?)?);
        let mut kind = Self {
            name,
            group,
            weight,
            priority,
            category: None,
            sensitive: Vec::new(),
            unclear: false,
            on_view: false,
            types: Vec::new(),
            cold_types: Vec::new(),
            from: Vec::new(),
            open: Vec::new(),
            past: Vec::new(),
            more: Vec::new(),
            spanish: Vec::new(),
        };
        for word in words {
            kind.set(word)?;
        }
        Ok(kind)
    }

    fn set(&mut self, word: &str) -> Result<(), String> {
        match word.split_once('=') {
            Some(("category", name)) => {
                self.category = Category::ALL.iter().copied().find(|it| it.as_str() == name);
                self.category.map(|_| ()).ok_or_else(|| format!("no category is named {name}"))
            }
            Some(("sensitive", names)) => {
                for name in names.split(',') {
                    let class = Sensitive::ALL.iter().copied().find(|it| it.as_str() == name);
                    self.sensitive.push(class.ok_or_else(|| format!("no class is named {name}"))?);
                }
                Ok(())
            }
            None if word == "unclear" => {
                self.unclear = true;
                Ok(())
            }
            None if word == "onview" => {
                self.on_view = true;
                Ok(())
            }
            _ => Err(format!("nothing is named {word}")),
        }
    }

    fn add(&mut self, word: &str, rest: &'static str) -> Result<(), String> {
        match word {
            "type" => self.types.push(call_type(rest)?),
            "cold" => self.cold_types.push(call_type(rest)?),
            "from" => self.from.push(rest.trim()),
            "open" => self.open.push(Template::parse(rest)?),
            "past" => self.past.push(Template::parse(rest)?),
            "more" => self.more.push(Template::parse(rest)?),
            "es" => self.spanish.push(Template::parse(rest)?),
            _ => return Err(format!("nothing is named {word}")),
        }
        Ok(())
    }
}

impl Common {
    fn parse(text: &'static str) -> Result<Self, String> {
        let mut common = Self::default();
        let mut section = "";
        for (number, line) in lines(text) {
            if let Some(name) = line.strip_prefix("section ") {
                section = name;
                continue;
            }
            let list = match section {
                "contact" => &mut common.contact,
                "place" => &mut common.place,
                "suspect" => &mut common.suspect,
                "record" => &mut common.record,
                "update" => &mut common.update,
                "unfounded" => &mut common.unfounded,
                "cancelled" => &mut common.cancelled,
                "duplicate" => &mut common.duplicate,
                "gone" => &mut common.gone,
                "report" => &mut common.report,
                "handled" => &mut common.handled,
                "es_contact" => &mut common.spanish_contact,
                "keys" => &mut common.keys,
                other => return Err(format!("line {number}: no section is named {other}")),
            };
            list.push(Template::parse(line).map_err(|mistake| format!("line {number}: {mistake}"))?);
        }
        Ok(common)
    }
}

fn call_type(text: &'static str) -> Result<CallType, String> {
    let (code, description) = text.split_once('|').ok_or("a type without `|`")?;
    Ok(CallType { code: code.trim(), description: description.trim() })
}

/// Lines with something on them, numbered from 1.
fn lines(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_is_whole() {
        let book = book();
        for kind in &book.kinds {
            assert!(!kind.types.is_empty(), "{} has no type", kind.name);
            assert!(!kind.open.is_empty(), "{} has no opening", kind.name);
            assert_eq!(kind.past.is_empty(), kind.cold_types.is_empty(), "{} is half cold", kind.name);
            assert_eq!(kind.group == Group::Public, kind.category.is_some() && kind.sensitive.is_empty());
            assert_eq!(kind.group == Group::Never, !kind.sensitive.is_empty(), "{}", kind.name);
        }
        let of = |category| book.kinds.iter().any(|kind| kind.category == Some(category));
        assert!(Category::ALL.iter().all(|&category| of(category)));
        let has = |class| book.kinds.iter().any(|kind| kind.sensitive.contains(class));
        assert!(Sensitive::ALL.iter().all(has));
        let common = &book.common;
        for section in [
            &common.contact,
            &common.place,
            &common.suspect,
            &common.record,
            &common.update,
            &common.unfounded,
            &common.cancelled,
            &common.duplicate,
            &common.gone,
            &common.report,
            &common.handled,
            &common.spanish_contact,
            &common.keys,
        ] {
            assert!(!section.is_empty());
        }
    }

    #[test]
    fn mistakes_name_their_line() {
        let mistake = |kinds| Book::parse(kinds, "").err().unwrap_or_default();
        assert_eq!(mistake("# a\nkind x nowhere 1 1"), "line 2: no group is named nowhere");
        assert_eq!(mistake("open x"), "line 1: before the first kind");
        assert_eq!(mistake("kind x plain 1 1\nopen {y}"), "line 2: unknown slot `y`");
        assert_eq!(mistake("kind x plain 1 1\nfrom y"), "no kind is named y");
    }
}
