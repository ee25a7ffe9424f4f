//! Conditions and medications. Weapons and injuries are the call's own matter and stay.

use super::name_rules::closes;
use crate::board::Board;
use crate::class::Class;
use crate::lexicon::{Words, words};
use crate::lexicon_flags as flag;
use crate::span::{RuleId, SpanType};

pub(super) fn run(board: &mut Board<'_>) {
    // An unknown word is a condition or a medication only after a cue, or before a dose.
    let cued = board.seen & (flag::MEDCUE | flag::DRUGCUE | flag::MISC) != 0;
    let seek = |board: &Board<'_>, from: usize| {
        if cued {
            board.seek(from, [Class::Medical, Class::Unknown])
        } else {
            board.seek(from, [Class::Medical])
        }
    };
    let mut at = seek(board, 0);
    while at < board.len() {
        if board.is_one_of(at, words!("PREGNANT", "PREG", "GESTATION")) && at >= 2 && pregnancy(board, at - 2)
        {
        } else if board.is_free(at)
            && board.is_word(at)
            && let Some((last, rule, confidence)) = medical_at(board, at)
        {
            // HX 2 STENTS
            let counted =
                board.is_one_of(at, words!("STENT", "STENTS")) && board.digits(at.wrapping_sub(1)) == 1;
            let first = if counted && !board.starts_line(at) { at - 1 } else { at };
            board.claim(first, last, SpanType::Medical, rule, confidence);
            at = last;
        }
        at = seek(board, at + 1);
    }
}

fn medical_at(board: &Board<'_>, at: usize) -> Option<(usize, RuleId, f32)> {
    if let Some(last) = phrase_end(board, at) {
        return Some((last, RuleId::MedicalCondition, 0.9));
    }
    if let Some(last) = condition_end(board, at) {
        return Some((last, RuleId::MedicalCondition, 0.92));
    }
    // SELLING FENTANYL: goods, and nobody's medication.
    let sold = board.is_one_of(
        at.wrapping_sub(1),
        words!("SELLING", "SOLD", "SELLS", "BUYING", "DEALING", "BUY", "SELL"),
    );
    if board.has(at, flag::DRUG) && !sold {
        let dependent = board.is_one_of(at + 1, words!("DEPENDENT", "DEP", "PUMP", "INJECTIONS", "THERAPY"));
        return Some((if dependent { at + 1 } else { at }, RuleId::MedicalDrug, 0.95));
    }
    cued_end(board, at).map(|last| (last, RuleId::MedicalCued, 0.75))
}

/// What somebody may depend on.
pub(crate) const SUBSTANCES: Words = *words!("OPIOID", "OPIATE", "ALCOHOL", "SUBSTANCE", "ETOH", "DRUG");

/// How many vessels a bypass leads around.
pub(crate) const MULTIPLES: Words = *words!("DOUBLE", "TRIPLE", "QUADRUPLE", "QUAD");

/// Short codes that are words or other codes too: only near a medical cue.
const NEEDS_CUE: Words = *words!(
    "CKD",
    "RABIES",
    "CAD",
    "SEPTIC",
    "MS",
    "MI",
    "ADD",
    "ALS",
    "AIDS",
    "TB",
    "SZ",
    "BLIND",
    "DEAF",
    "ULCER",
    "EDEMA",
    "ASD",
    "ICD",
    "DM",
    "OCD",
    "PREGNANCY",
    "HERNIA",
    "UTI",
    "TRACH",
    "ALCOHOLIC",
    "ANXIETY",
    "DEPRESSED",
    "DEPRESSION",
    "HALLUCINATING",
    "HALLUCINATIONS",
    "ADDICTION",
    "BORDERLINE",
    "PARANOIA",
    "PARALYZED",
    "DOWNS"
);

/// `HARD OF HEARING`, `HEP C`, `BREAST CA`, `LEGALLY BLIND`: conditions whose words are ordinary ones.
fn phrase_end(board: &Board<'_>, at: usize) -> Option<usize> {
    if board.is_one_of(at, words!("HARD"))
        && board.is_one_of(at + 1, words!("OF"))
        && board.is_one_of(at + 2, words!("HEARING"))
    {
        return Some(at + 2);
    }
    // END STAGE RENAL DISEASE, TRIPLE BYPASS.
    if board.is_one_of(at, words!("END"))
        && board.is_one_of(at + 1, words!("STAGE"))
        && let Some(last) = condition_end(board, at + 2)
    {
        return Some(last);
    }
    // ADHD AND ODD
    let beside = board.is_one_of(at, words!("ODD"))
        && board.is_one_of(at.wrapping_sub(1), words!("AND"))
        && board.is_claimed(at.wrapping_sub(2), SpanType::Medical);
    if beside {
        return Some(at);
    }
    // OPIOID USE DISORDER; HX ETOH ABUSE
    if board.is_one_of(at, &SUBSTANCES) {
        if board.is_one_of(at + 1, words!("USE")) && board.is_one_of(at + 2, words!("DISORDER")) {
            return Some(at + 2);
        }
        if board.is_one_of(at + 1, words!("ABUSE", "DEPENDENCE")) && near_cue(board, at) {
            return Some(at + 1);
        }
    }
    // LEWY BODY DEMENTIA
    if board.is_one_of(at, words!("LEWY")) && board.is_one_of(at + 1, words!("BODY", "BODIES")) {
        return Some(condition_tail(board, at + 1));
    }
    let two = board.is_one_of(at, &MULTIPLES) && board.is_one_of(at + 1, words!("BYPASS"))
        || board.is_one_of(at, words!("BIPOLAR"))
            && (board.is_one_of(at + 1, words!("I", "II")) || matches!(board.text(at + 1), b"1" | b"2"))
        || board.is_one_of(at, words!("HEP", "HEPATITIS")) && board.is_one_of(at + 1, words!("A", "B", "C"))
        || board.has(at, flag::ORGAN) && board.is_one_of(at + 1, words!("CA"))
        || board.is_one_of(at, words!("LEGALLY", "PARTIALLY"))
            && board.is_one_of(at + 1, words!("BLIND", "DEAF"))
        || board.is_one_of(at, words!("BORDERLINE")) && board.is_one_of(at + 1, words!("PD"));
    (two && !board.starts_line(at + 1)).then_some(at + 1)
}

/// `26 weeks pregnant`, `5 MOS PREG`: how far, and the fact.
fn pregnancy(board: &mut Board<'_>, number: usize) -> bool {
    let period =
        board.is_one_of(number + 1, words!("WEEKS", "WEEK", "WKS", "WK", "MONTHS", "MONTH", "MOS", "MO"));
    let fact = board.is_one_of(number + 2, words!("PREGNANT", "PREG", "GESTATION"));
    board.is_num(number)
        && period
        && fact
        && !board.starts_line(number + 2)
        && !board.starts_line(number + 1)
        && board.claim(number, number + 2, SpanType::Medical, RuleId::MedicalCondition, 0.92)
}

/// `TYPE 2 DIABETES`, `HIGH BLOOD PRESSURE`, `KIDNEY FAILURE`, `CHF`.
fn condition_end(board: &Board<'_>, at: usize) -> Option<usize> {
    // DIABETIC (TYPE 1)
    let told = board.is_one_of(at, words!("TYPE", "STAGE"))
        && board.digits(at + 1) == 1
        && board.sign(at.wrapping_sub(1)) == b'('
        && board.is_claimed(at.wrapping_sub(2), SpanType::Medical);
    if told {
        return Some(at + 1);
    }
    let mut i = at;
    let mut organs = 0;
    while i < at + 4 && is_organ(board, i) && (i == at || !board.starts_line(i)) {
        organs += 1;
        i += 1;
    }
    if organs > 0 {
        let typed = board.is_one_of(at, words!("TYPE", "STAGE")) && board.digits(at + 1) == 1;
        let core = if typed { at + 2 } else { i };
        if board.has(core, flag::COND) && !board.starts_line(core) {
            return Some(condition_tail(board, core));
        }
        if !typed && board.has(i, flag::CONDTAIL) && !board.starts_line(i) && is_complaint(board, at, i) {
            return Some(condition_tail(board, i));
        }
    }
    if board.is_one_of(at, words!("A"))
        && board.sign(at + 1) == b'-'
        && board.is_one_of(at + 2, words!("FIB", "FLUTTER"))
    {
        return Some(at + 2);
    }
    let named = board.is_one_of(at + 1, words!("DISORDER", "DISEASE", "SYNDROME", "DEPENDENT"));
    let known =
        board.has(at, flag::COND) && (named || !board.is_one_of(at, &NEEDS_CUE) || near_cue(board, at));
    // CANCER CENTER, DIALYSIS CLINIC: a place.
    let place = board.is_one_of(
        at + 1,
        words!("EVENT", "CENTER", "CLINIC", "CTR", "UNIT", "WARD", "INSTITUTE", "HOSPITAL"),
    );
    // MR HASHIMOTO: a disease has its doctor's name, a customer too.
    let person = board.has(at.wrapping_sub(1), flag::TITLE) && !board.starts_line(at);
    if !known || place || person || board.has(at, flag::GIVEN) && !near_cue(board, at) {
        return None;
    }
    Some(condition_tail(board, at))
}

fn is_organ(board: &Board<'_>, at: usize) -> bool {
    board.has(at, flag::ORGAN) && board.is_free(at)
}

/// A complaint such as CHEST PAIN, and not MENTAL ILLNESS as a call type, MAJOR PROBLEM or OPEN ISSUE.
fn is_complaint(board: &Board<'_>, first: usize, tail: usize) -> bool {
    let vague = board
        .is_one_of(tail, words!("PROBLEMS", "ISSUES", "CONDITION", "STAGE", "DELAY", "ILLNESS", "INJURY"));
    let weak = board.is_one_of(
        first,
        words!(
            "MAJOR", "SEVERE", "HIGH", "LOW", "OPEN", "BACK", "EARLY", "TYPE", "STAGE", "MENTAL", "PANIC",
            "MULTIPLE"
        ),
    ) && tail == first + 1;
    (!vague && !weak) || near_cue(board, first)
}

/// `BIPOLAR DISORDER`, `LUNG CANCER STAGE 4`.
fn condition_tail(board: &Board<'_>, at: usize) -> usize {
    let mut last = at;
    while board.has(last + 1, flag::CONDTAIL | flag::COND)
        && board.is_free(last + 1)
        && !board.starts_line(last + 1)
    {
        last += 1;
    }
    if board.is_one_of(last, words!("HIV")) && board.is_one_of(last + 1, words!("POS", "POSITIVE")) {
        last += 1;
    }
    if board.is_one_of(last, words!("STAGE")) && board.digits(last + 1) == 1 {
        last += 1;
    }
    last
}

fn near_cue(board: &Board<'_>, at: usize) -> bool {
    board.cue_before(at, flag::MEDCUE | flag::DRUGCUE, 5)
        || board.is_one_of(at.wrapping_sub(2), words!("C"))
        || (at > 0 && board.is_claimed(at.wrapping_sub(1), SpanType::Medical))
        || (at > 1 && board.is_claimed(at.wrapping_sub(2), SpanType::Medical))
}

/// An unknown word after DX, or one that ends like a medication after TAKES: the rest of the lists' gaps.
fn cued_end(board: &Board<'_>, at: usize) -> Option<usize> {
    if at == 0 || board.flags(at) != 0 || board.text(at).len() < 4 {
        return None;
    }
    let before = if matches!(board.sign(at.wrapping_sub(1)), b':' | b',')
        || board.is_one_of(at.wrapping_sub(1), words!("OF", "TO", "WITH", "AND", "W"))
    {
        at.saturating_sub(2)
    } else {
        at.wrapping_sub(1)
    };
    let listed =
        board.is_claimed(before, SpanType::Medical) && board.is_one_of(at.wrapping_sub(1), words!("AND"));
    let drug = (board.has(before, flag::DRUGCUE) || listed || board.cue_before(at, flag::DRUGCUE, 4))
        && ends_like_drug(board.text(at));
    let condition = board.is_one_of(before, words!("HX", "DX", "DIAGNOSED", "DIAG", "ALLERGIC", "SUFFERS"))
        && closes(board, at + 1)
        || board.is_one_of(before, words!("HX", "DX", "DIAGNOSED")) && board.has(at + 1, flag::CONDTAIL);
    let dosed = board.is_num(at + 1) && board.is_one_of(at + 2, words!("MG", "MCG", "ML"));
    if dosed {
        return Some(at);
    }
    (drug || condition).then(|| condition_tail(board, at))
}

/// Endings that the naming councils reserve for classes of medication.
fn ends_like_drug(word: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 26] = [
        b"INE", b"OLOL", b"PRIL", b"SARTAN", b"STATIN", b"AZOLE", b"MYCIN", b"CILLIN", b"PAM", b"LAM",
        b"DONE", b"TINE", b"ZOLE", b"FORMIN", b"GLIPTIN", b"MAB", b"XABAN", b"IPINE", b"SONE", b"OXACIN",
        b"PROFEN", b"TRIPTAN", b"ZEPAM", b"BITAL", b"GLUTIDE", b"PRAZOLE",
    ];
    word.len() >= 6
        && ENDINGS.iter().any(|ending| {
            word.len() > ending.len() && word[word.len() - ending.len()..].eq_ignore_ascii_case(ending)
        })
}
