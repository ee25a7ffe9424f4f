//! Code systems that mean the same wherever they are used, for feeds that send codes without text.
//!
//! A number such as 459 means nothing by itself: these tables are only asked when the agency's map
//! declares the family. Sections are those of the California Penal Code, Vehicle Code and the radio
//! codes derived from them; of the Louisiana signal codes; and of the Las Vegas 400 series.

use crate::apco::Meaning;
use crate::category::Category;
use crate::verdict::{Family, Sensitive};

/// What a code says in a family, by its longest known beginning: agencies append letters (`459R`,
/// `211A`, `34S`). `None` when the family does not know it.
pub(crate) fn meaning(family: Family, code: &str) -> Option<Meaning> {
    let table = match family {
        Family::Apco => return None,
        Family::California => CALIFORNIA,
        Family::Louisiana => LOUISIANA,
        Family::Nevada => NEVADA,
    };
    let code = compact(code);
    let letters = code.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let digits = &code[..code.len() - letters.len()];
    let find = |wanted: &str| table.iter().find(|(known, _)| *known == wanted).map(|&(_, meaning)| meaning);
    find(&code).or_else(|| if digits.is_empty() { None } else { find(digits) })
}

/// Upper case, without spaces, hyphens and the trailing `PC` or `VC` of a section.
fn compact(code: &str) -> String {
    let kept = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.');
    let code: String = kept.map(|c| c.to_ascii_uppercase()).collect();
    match code.strip_suffix("PC").or_else(|| code.strip_suffix("VC")) {
        Some(section) if !section.is_empty() => section.to_owned(),
        _ => code,
    }
}

const CALIFORNIA: &[(&str, Meaning)] = &[
    ("187", Meaning::Unclear),
    ("207", Meaning::Unclear),
    ("209", Meaning::Unclear),
    ("211", Meaning::Crime(Category::Robbery)),
    ("211SIL", Meaning::Other),
    ("211S", Meaning::Other),
    ("212.5", Meaning::Crime(Category::Robbery)),
    ("215", Meaning::Crime(Category::Robbery)),
    ("217", Meaning::Unclear),
    ("220", Meaning::Sensitive(Sensitive::Sexual)),
    ("240", Meaning::Other),
    ("242", Meaning::Other),
    ("243", Meaning::Other),
    ("245", Meaning::Unclear),
    ("246", Meaning::Crime(Category::ShotsFired)),
    ("246.3", Meaning::Crime(Category::ShotsFired)),
    ("247", Meaning::Crime(Category::ShotsFired)),
    ("261", Meaning::Sensitive(Sensitive::Sexual)),
    ("273A", Meaning::Sensitive(Sensitive::Juvenile)),
    ("273.5", Meaning::Sensitive(Sensitive::Domestic)),
    ("273.6", Meaning::Sensitive(Sensitive::Domestic)),
    ("288", Meaning::Sensitive(Sensitive::Sexual)),
    ("290", Meaning::Sensitive(Sensitive::Sexual)),
    ("311", Meaning::Sensitive(Sensitive::Sexual)),
    ("314", Meaning::Sensitive(Sensitive::Sexual)),
    ("368", Meaning::Sensitive(Sensitive::Domestic)),
    ("415", Meaning::Other),
    ("417", Meaning::Other),
    ("422", Meaning::Other),
    ("447", Meaning::Crime(Category::Arson)),
    ("451", Meaning::Crime(Category::Arson)),
    ("452", Meaning::Unclear),
    ("459", Meaning::Crime(Category::Burglary)),
    ("459A", Meaning::Other),
    ("459S", Meaning::Other),
    ("459V", Meaning::Crime(Category::Vehicle)),
    ("459VEH", Meaning::Crime(Category::Vehicle)),
    ("459AUTO", Meaning::Crime(Category::Vehicle)),
    ("460", Meaning::Crime(Category::Burglary)),
    ("470", Meaning::Other),
    ("484", Meaning::Other),
    ("487", Meaning::Other),
    ("487H", Meaning::Crime(Category::Vehicle)),
    ("488", Meaning::Other),
    ("496", Meaning::Other),
    ("503", Meaning::Other),
    ("518", Meaning::Other),
    ("594", Meaning::Other),
    ("602", Meaning::Other),
    ("646.9", Meaning::Sensitive(Sensitive::Stalking)),
    ("647", Meaning::Other),
    ("647B", Meaning::Sensitive(Sensitive::Sexual)),
    ("5150", Meaning::Sensitive(Sensitive::MentalHealth)),
    ("10851", Meaning::Crime(Category::Vehicle)),
    ("10851R", Meaning::Unclear),
    ("10852", Meaning::Unclear),
    ("20001", Meaning::Other),
    ("20002", Meaning::Other),
    ("23152", Meaning::Other),
];

const LOUISIANA: &[(&str, Meaning)] = &[
    ("30", Meaning::Unclear),
    ("30S", Meaning::Crime(Category::Shooting)),
    ("30C", Meaning::Crime(Category::Stabbing)),
    ("34", Meaning::Other),
    ("34S", Meaning::Crime(Category::Shooting)),
    ("34C", Meaning::Crime(Category::Stabbing)),
    ("42", Meaning::Sensitive(Sensitive::Sexual)),
    ("43", Meaning::Sensitive(Sensitive::Sexual)),
    ("51", Meaning::Crime(Category::Arson)),
    ("52", Meaning::Crime(Category::Arson)),
    ("60", Meaning::Crime(Category::Burglary)),
    ("62", Meaning::Crime(Category::Burglary)),
    ("62A", Meaning::Other),
    ("62C", Meaning::Crime(Category::Vehicle)),
    ("64", Meaning::Crime(Category::Robbery)),
    ("65", Meaning::Crime(Category::Robbery)),
    ("65P", Meaning::Unclear),
    ("67", Meaning::Other),
    ("67A", Meaning::Crime(Category::Vehicle)),
    ("94", Meaning::Crime(Category::ShotsFired)),
    ("94F", Meaning::Other),
    ("103M", Meaning::Sensitive(Sensitive::MentalHealth)),
];

const NEVADA: &[(&str, Meaning)] = &[
    ("404A", Meaning::Other),
    ("406", Meaning::Crime(Category::Burglary)),
    ("406A", Meaning::Other),
    ("406V", Meaning::Crime(Category::Vehicle)),
    ("407", Meaning::Crime(Category::Robbery)),
    ("407A", Meaning::Other),
    ("411", Meaning::Crime(Category::Vehicle)),
    ("413", Meaning::Other),
    ("415", Meaning::Other),
    ("417", Meaning::Sensitive(Sensitive::Domestic)),
    ("420", Meaning::Unclear),
    ("426", Meaning::Sensitive(Sensitive::Sexual)),
    ("434", Meaning::Crime(Category::ShotsFired)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_with_suffixes_and_spellings() {
        let crime = |code| meaning(Family::California, code);
        assert_eq!(crime("459"), Some(Meaning::Crime(Category::Burglary)));
        assert_eq!(crime("459 PC"), Some(Meaning::Crime(Category::Burglary)));
        assert_eq!(crime("459r"), Some(Meaning::Crime(Category::Burglary)));
        assert_eq!(crime("459-VEH"), Some(Meaning::Crime(Category::Vehicle)));
        assert_eq!(crime("10851"), Some(Meaning::Crime(Category::Vehicle)));
        assert_eq!(crime("10851VC"), Some(Meaning::Crime(Category::Vehicle)));
        assert_eq!(crime("4590"), None);
        assert_eq!(crime("PC"), None);
        assert_eq!(crime(""), None);
    }

    #[test]
    fn a_longer_entry_beats_its_beginning() {
        assert_eq!(meaning(Family::Louisiana, "62A"), Some(Meaning::Other));
        assert_eq!(meaning(Family::Louisiana, "62R"), Some(Meaning::Crime(Category::Burglary)));
        assert_eq!(meaning(Family::Nevada, "407"), Some(Meaning::Crime(Category::Robbery)));
    }

    #[test]
    fn no_table_lists_a_code_twice() {
        for table in [CALIFORNIA, LOUISIANA, NEVADA] {
            for (at, (code, _)) in table.iter().enumerate() {
                assert!(table[..at].iter().all(|(other, _)| other != code), "{code}");
                assert_eq!(*code, compact(code));
            }
        }
    }
}
