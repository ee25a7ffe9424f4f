//! APCO ANS 2.103.2-2019, common incident types: what each code says for a public alert.
//!
//! The codes are the standard's; what they mean here is our own reading of its definitions. Codes that
//! are not listed below are of the standard too, but name no crime of the eight and nothing sensitive.

use rustc_hash::FxHashMap;

use crate::category::Category;
use crate::verdict::Sensitive;

/// What a code of a well-known system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// One of the eight.
    Crime(Category),
    /// Near to one of the eight; a person must judge.
    Unclear,
    /// A never-publish class.
    Sensitive(Sensitive),
    /// Surely none of the eight.
    Other,
}

/// A code of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApcoCode(&'static str);

impl ApcoCode {
    /// The reason code: `apco:` and the code.
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

/// The table by code.
pub(crate) struct Apco(FxHashMap<&'static str, (ApcoCode, Meaning)>);

impl Apco {
    pub(crate) fn new() -> Self {
        let crimes = CRIMES.iter().map(|&(code, category)| (code, Meaning::Crime(category)));
        let unclear = UNCLEAR.iter().map(|&code| (code, Meaning::Unclear));
        let sensitive = SENSITIVE.iter().map(|&(code, class)| (code, Meaning::Sensitive(class)));
        let other = OTHER.iter().map(|&code| (code, Meaning::Other));
        let all = crimes.chain(unclear).chain(sensitive).chain(other);
        Self(all.map(|(name, meaning)| (&name[PREFIX.len()..], (ApcoCode(name), meaning))).collect())
    }

    /// Looks a code up, whatever its case.
    pub(crate) fn get(&self, code: &str) -> Option<(ApcoCode, Meaning)> {
        let code = code.trim();
        if code.is_empty() || code.len() > LONGEST {
            return None;
        }
        let mut upper = [0; LONGEST];
        let upper = &mut upper[..code.len()];
        upper.copy_from_slice(code.as_bytes());
        upper.make_ascii_uppercase();
        self.0.get(std::str::from_utf8(upper).ok()?).copied()
    }
}

const PREFIX: &str = "apco:";

/// The longest code is NCRTASKFORCE.
const LONGEST: usize = 12;

const CRIMES: &[(&str, Category)] = &[
    ("apco:ACTSHOOT", Category::Shooting),
    ("apco:BURGLARY", Category::Burglary),
    // The standard's ROBBERY leaves carjacking out; the published category takes it in.
    ("apco:CARJACK", Category::Robbery),
    ("apco:FARSON", Category::Arson),
    ("apco:HOSTAGE", Category::Hostage),
    ("apco:ROBBERY", Category::Robbery),
    ("apco:SHOOT", Category::Shooting),
    ("apco:STABBING", Category::Stabbing),
    ("apco:VEHSTLN", Category::Vehicle),
];

/// Homicide does not say by what; WEAPON takes in unlawful discharge among much else; a kidnapping, a
/// barricade or a hijacking may or may not be a hostage-taking.
const UNCLEAR: &[&str] = &[
    "apco:ABDUCTF",
    "apco:ABDUCTNF",
    "apco:AIR",
    "apco:BARICADE",
    "apco:HOMICIDE",
    "apco:MAJORINC",
    "apco:NCRASLTWF",
    "apco:NCRNONE",
    "apco:TERROR",
    "apco:TRAUMAP",
    "apco:TROUBLE",
    "apco:WEAPON",
];

const SENSITIVE: &[(&str, Sensitive)] = &[
    ("apco:ABUSE", Sensitive::Domestic),
    ("apco:CUST", Sensitive::Domestic),
    ("apco:DVA", Sensitive::Domestic),
    ("apco:DVNA", Sensitive::Domestic),
    ("apco:FAM", Sensitive::Domestic),
    ("apco:NEGLECT", Sensitive::Domestic),
    ("apco:ORDERV", Sensitive::Domestic),
    ("apco:HARR", Sensitive::Stalking),
    ("apco:STKX", Sensitive::Stalking),
    ("apco:HATE", Sensitive::HateCrime),
    ("apco:INDECENT", Sensitive::Sexual),
    ("apco:INTERNET", Sensitive::Sexual),
    ("apco:SEXOFFNS", Sensitive::Sexual),
    ("apco:VICE", Sensitive::Sexual),
    ("apco:CURFEW", Sensitive::Juvenile),
    ("apco:JUV", Sensitive::Juvenile),
    ("apco:SCH", Sensitive::Juvenile),
    ("apco:TRUANT", Sensitive::Juvenile),
    ("apco:MISBOATR", Sensitive::Missing),
    ("apco:PERMISS", Sensitive::Missing),
    ("apco:PERFND", Sensitive::Missing),
    ("apco:RUNAWAY", Sensitive::Missing),
    ("apco:EDP", Sensitive::MentalHealth),
    ("apco:MNTL", Sensitive::MentalHealth),
    ("apco:MTLV", Sensitive::MentalHealth),
    ("apco:SUICIDE", Sensitive::Suicide),
    ("apco:SUICTHRT", Sensitive::Suicide),
    ("apco:OD", Sensitive::Overdose),
    ("apco:WELFARE", Sensitive::Welfare),
    ("apco:HLP1", Sensitive::OfficerSafety),
    ("apco:MAYDAY", Sensitive::OfficerSafety),
    ("apco:PERWANT", Sensitive::Warrant),
    ("apco:WARRANT", Sensitive::Warrant),
    ("apco:SUBJSTP", Sensitive::Stop),
    ("apco:TSTOP", Sensitive::Stop),
    ("apco:NCRTESTF", Sensitive::Test),
    ("apco:ABDOM", Sensitive::Medical),
    ("apco:ALLERGIC", Sensitive::Medical),
    ("apco:ALRMED", Sensitive::Medical),
    ("apco:ALS", Sensitive::Medical),
    ("apco:BACK", Sensitive::Medical),
    ("apco:BLEEDING", Sensitive::Medical),
    ("apco:BLS", Sensitive::Medical),
    ("apco:BURN", Sensitive::Medical),
    ("apco:CARDIAC", Sensitive::Medical),
    ("apco:CHESPAIN", Sensitive::Medical),
    ("apco:CHOKE", Sensitive::Medical),
    ("apco:DEATH", Sensitive::Medical),
    ("apco:DEATHNTF", Sensitive::Medical),
    ("apco:DIABETIC", Sensitive::Medical),
    ("apco:DROWN", Sensitive::Medical),
    ("apco:EXPOSURE", Sensitive::Medical),
    ("apco:EYE", Sensitive::Medical),
    ("apco:FALL", Sensitive::Medical),
    ("apco:HEADACHE", Sensitive::Medical),
    ("apco:HEMRG", Sensitive::Medical),
    ("apco:NCRCPRF", Sensitive::Medical),
    ("apco:NCRFACTR", Sensitive::Medical),
    ("apco:PANDEMIC", Sensitive::Medical),
    ("apco:PERUNCON", Sensitive::Medical),
    ("apco:PREG", Sensitive::Medical),
    ("apco:RESP", Sensitive::Medical),
    ("apco:RESPARR", Sensitive::Medical),
    ("apco:SEIZURE", Sensitive::Medical),
    ("apco:SICK", Sensitive::Medical),
    ("apco:STROKE", Sensitive::Medical),
    ("apco:TRANSFER", Sensitive::Medical),
    ("apco:TRAUMA", Sensitive::Medical),
];

const OTHER: &[&str] = &[
    "apco:911H",
    "apco:911OPN",
    "apco:ACCIND",
    "apco:ADMIN",
    "apco:AIRINC",
    "apco:ALIEN",
    "apco:ALMA",
    "apco:ALMB",
    "apco:ALMH",
    "apco:ALMR",
    "apco:ALRBA",
    "apco:ALRBOX",
    "apco:ALRBS",
    "apco:ALRCO",
    "apco:ALRCO2",
    "apco:ALRDEFIB",
    "apco:ALRF",
    "apco:ALRGAS",
    "apco:ALRHEAT",
    "apco:ALRKPAD",
    "apco:ALRNGAS",
    "apco:ALRPANA",
    "apco:ALRPANS",
    "apco:ALRPROPN",
    "apco:ALRPULL",
    "apco:ALRROBA",
    "apco:ALRROBS",
    "apco:ALRU",
    "apco:ALRVEH",
    "apco:ALRWTR",
    "apco:ANIMAL",
    "apco:ASSAULT",
    "apco:ASSIST",
    "apco:ATL",
    "apco:BIO",
    "apco:BITE",
    "apco:BLDCLPSE",
    "apco:BOMB",
    "apco:BRGCLPSE",
    "apco:CDX",
    "apco:CHEMICAL",
    "apco:CITASST",
    "apco:CIVDIS",
    "apco:CIVIL",
    "apco:CNTRFT",
    "apco:COURT",
    "apco:CRIMPS",
    "apco:CRIMTRAF",
    "apco:CRWD",
    "apco:CU1",
    "apco:CU2",
    "apco:CU3",
    "apco:DISORD",
    "apco:DISVEH",
    "apco:DMPX",
    "apco:DRUGPAR",
    "apco:DRUGS",
    "apco:DUI",
    "apco:ELEC",
    "apco:ELECHZD",
    "apco:ELUDING",
    "apco:ENTRAP",
    "apco:ESCAPE",
    "apco:EXPLOS",
    "apco:EXTORT",
    "apco:FAIRC",
    "apco:FAPT",
    "apco:FAS",
    "apco:FASX",
    "apco:FBRUSH",
    "apco:FELEC",
    "apco:FFUEL",
    "apco:FIGHT",
    "apco:FIREWRKS",
    "apco:FMARINE",
    "apco:FORCENTR",
    "apco:FOTHER",
    "apco:FRAUD",
    "apco:FREPORT",
    "apco:FSMOKE",
    "apco:FSTRU",
    "apco:FTRAILER",
    "apco:FTRAIN",
    "apco:FTRASH",
    "apco:FTRUCK",
    "apco:FUNK",
    "apco:FVEH",
    "apco:GASLEAK",
    "apco:GASLEAKI",
    "apco:GASLEAKO",
    "apco:HAZ",
    "apco:HAZMAT",
    "apco:HLP2",
    "apco:HOLD",
    "apco:IMP",
    "apco:INFO",
    "apco:INTOX",
    "apco:INVEST",
    "apco:LARCENY",
    "apco:LIQUOR",
    "apco:MCI",
    "apco:MISCON",
    "apco:MVA",
    "apco:MVAHR",
    "apco:MVAINJY",
    "apco:MVAUNK",
    "apco:MVCP",
    "apco:NCIC",
    "apco:NCRELEV",
    "apco:NCRMUAIDF",
    "apco:NCRNDE",
    "apco:NCRTASKFORCE",
    "apco:NCRTRANS",
    "apco:NOISE",
    "apco:ODOR",
    "apco:OPEN",
    "apco:PARKING",
    "apco:PERSUSP",
    "apco:PHANDLE",
    "apco:PROPFND",
    "apco:PROPLOST",
    "apco:PROPSTLN",
    "apco:PROW",
    "apco:PUBWKS",
    "apco:PURSUIT",
    "apco:RADIAT",
    "apco:RECKDRV",
    "apco:REPO",
    "apco:RESCUE",
    "apco:RESIST",
    "apco:SAR",
    "apco:SCRM",
    "apco:SHOPLIFT",
    "apco:SLMP",
    "apco:SMOKING",
    "apco:SOL",
    "apco:STDBY",
    "apco:SUSP",
    "apco:THAZ",
    "apco:THREATS",
    "apco:TOW",
    "apco:TRAIN",
    "apco:TRAINDRL",
    "apco:TRESPASS",
    "apco:VAG",
    "apco:VANDAL",
    "apco:VEHABND",
    "apco:VEHASST",
    "apco:VEHLOCK",
    "apco:VEHREC",
    "apco:VEHSUSP",
    "apco:WATER",
    "apco:WILDLIFE",
    "apco:WIRES",
    "apco:XTRICATE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_standard_is_there_once() {
        let total = CRIMES.len() + UNCLEAR.len() + SENSITIVE.len() + OTHER.len();
        assert_eq!(Apco::new().0.len(), total, "a code is listed twice");
        // The standard's table has 251 rows less its header, with DIABETIC and FALL twice.
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/data/codes/apco_common_incident_types_2.103.2-2019.csv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("skipped: ../shared is absent");
            return;
        };
        let apco = Apco::new();
        let mut missing = Vec::new();
        for row in csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes()).records() {
            let code = row.unwrap()[0].to_owned();
            if apco.get(&code).is_none() {
                missing.push(code);
            }
        }
        assert!(missing.is_empty(), "missing: {missing:?}");
    }

    #[test]
    fn codes_are_found_in_any_case() {
        let apco = Apco::new();
        assert_eq!(apco.get(" shoot ").unwrap().1, Meaning::Crime(Category::Shooting));
        assert_eq!(apco.get("SHOOT").unwrap().0.reason(), "apco:SHOOT");
        assert!(apco.get("SHOOTS").is_none());
        assert!(apco.get("A CODE LONGER THAN ANY").is_none());
    }
}
