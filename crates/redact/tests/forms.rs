//! One table of forms: what is found in a text, by type and rule.

use callbox_redact::{Config, Engine, Known, Mode, SpanType};

/// The values found in a text, as `TYPE=value`.
fn found(text: &str) -> Vec<String> {
    let spans = Engine::builtin().redact(text, &Known::none(), Mode::Balanced).spans;
    spans.iter().map(|span| format!("{}={}", span.kind.as_str(), &text[span.start..span.end])).collect()
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(found(text), expected, "in {text:?}");
}

#[test]
fn telephones() {
    for number in [
        "(414) 555-0137",
        "414.555.0137",
        "414-5550137",
        "4145550137",
        "1-414-555-0137",
        "+1 414 555 0137",
        "414/555-0137",
        "(414)555-0137 x22",
        "414 555 0137 EXT 9",
        "555-0137",
    ] {
        finds(&format!("CB {number}"), &[&format!("PHONE={number}")]);
    }
    finds("CELL4145550137CALL FIRST", &["PHONE=4145550137"]);
    finds("TEL FIVE FIVE FIVE 0 1 4 3", &["PHONE=FIVE FIVE FIVE 0 1 4 3"]);
    finds("SEEN 2024-01-02 08:00 AND 03/27/2011", &[]);
}

#[test]
fn identifiers() {
    finds("SSN 219-09-9999", &["SSN=219-09-9999"]);
    finds("LAST 4 OF SOC 9999", &["SSN=9999"]);
    finds("1M8GDM9AXKP042788 ON DASH", &["VIN=1M8GDM9AXKP042788"]);
    finds("VIN ENDING KP042788", &["VIN=KP042788"]);
    finds("OLN S535-0128-4672 FL", &["LICENSE=S535-0128-4672"]);
    finds("LIC KVR 4482 TX", &["PLATE=KVR 4482"]);
    finds("TAN BUICK KY C9D 027", &["PLATE=C9D 027"]);
    finds("PLATE ADAM NORA 4 TOM 221", &["PLATE=ADAM NORA 4 TOM 221"]);
    finds("CARD 4111 1111 1111 1111", &["ACCOUNT=4111 1111 1111 1111"]);
    finds("GATE CODE #2580", &["ACCOUNT=#2580"]);
    finds("CODE 4, 2 FT OF SNOW", &[]);
}

/// A plate of each arrangement of letters and digits, without a label.
#[test]
fn plates_in_the_layouts_of_the_states() {
    for plate in [
        "KVR 448", "448 KVR", "KVR-4482", "KVR448", "1KVR448", "KVR J12", "KV1 23J", "KVJR12", "KVR 12J",
        "KV 12345", "4482 KV", "1KV2345", "1KV 2345", "1KVR 23", "12K V34", "KV1 J2M", "12-K345", "12K-345",
        "K12-VRJ", "K12 3VR", "1K2 345", "1K V2345", "K12-34V", "1-12345K",
    ] {
        let found_beside = |text: &str| {
            assert!(found(text).contains(&format!("PLATE={plate}")), "{:?} in {text:?}", found(text));
        };
        found_beside(&format!("TRAFFIC STOP {plate} TX, NO OCCUPANTS"));
        found_beside(&format!("SUSP IN GRY HONDA CIVIC TX {plate}, LEFT NB"));
    }
    finds("CRASH ON I-40 EB MM 186, NO INJ", &["ADDRESS=MM 186"]);
    finds("FORD F150 XLT 2019, NO PLATES", &[]);
}

#[test]
fn electronic_addresses() {
    finds("EMAIL a.b+c@mail.example.com.", &["EMAIL=a.b+c@mail.example.com"]);
    finds("JDOE AT GMAIL DOT COM", &["EMAIL=JDOE AT GMAIL DOT COM"]);
    finds("SEE https://x.example/a?b=1, THEN CALL", &["URL=https://x.example/a?b=1"]);
    finds("FROM 192.0.2.4 AND 2001:db8::1", &["IP=192.0.2.4", "IP=2001:db8::1"]);
    finds("VERSION 1.2.3.400", &[]);
}

#[test]
fn coordinates() {
    finds("AT 33.74910, -84.39021", &["GPS=33.74910, -84.39021"]);
    finds("34°03'15.2\"N 112°08'44.9\"W", &["GPS=34°03'15.2\"N 112°08'44.9\"W"]);
    finds("COORD 17T 512340 4790120", &["GPS=17T 512340 4790120"]);
    finds("PIN 849VCWC8+R9", &["GPS=849VCWC8+R9"]);
    finds("///filled.count.soap", &["GPS=///filled.count.soap"]);
}

#[test]
fn addresses() {
    for address in [
        "1418 HOLLIS AVE APT 3B",
        "731 1/2 GARFIELD CT",
        "N58W23110 HICKORY RIDGE RD",
        "RR 2 BOX 118",
        "PO BOX 12",
        "1650 S 400 W",
        "9042 COUNTY ROAD 12",
        "912 CALLE ENCINO #4",
        "83-19 KESSLER TPKE",
        "5120 PRESTON HOLLOW CROSSING, SUITE 110",
        "700 MARTIN LUTHER KING BLVD",
    ] {
        finds(&format!("RP AT {address}."), &[&format!("ADDRESS={address}")]);
    }
    finds("LEFT NB ON HUNTER ST", &[]);
    finds("FIGHT ON PIERCE ST, 3 MALES", &[]);
}

#[test]
fn names() {
    finds("RP DANA WHITLOCK ADV", &["NAME=DANA WHITLOCK"]);
    finds("COMP GRANT, HUNTER M DOB 04/11/1988", &["NAME=GRANT, HUNTER M", "DOB=04/11/1988"]);
    finds("WHITLOCK, DANA R SR", &["NAME=WHITLOCK, DANA R SR"]);
    finds("SUSP AKA TITO. RP SAYS TITO LEFT", &["NAME=TITO", "NAME=TITO"]);
    finds("AUSTIN AUTO FINANCE CALLED, FORD RANGER ON GRANT AVE", &[]);
    finds("WILL CALL BACK IN MAY", &[]);
    finds("OFC T. NAKASHIMA #2218 ENRT", &["OFFICER=T. NAKASHIMA", "OFFICER=2218"]);
}

#[test]
fn people_in_numbers() {
    finds("71 YO M HX CHF, TAKES WARFARIN", &["AGE=71 YO", "MEDICAL=CHF", "MEDICAL=WARFARIN"]);
    finds("W/M 58 IN A COAT", &["AGE=58"]);
    finds("GUNSHOT WOUND TO LEG", &[]);
}

#[test]
fn strict_mode_keeps_the_meaning() {
    let text = "SUSP ZORBLAX SHOT AT THE CLERK WITH A HANDGUN AT 10:42 NEAR PLUMTHICKET, 3 ROUNDS, ID 99213";
    let result = Engine::builtin().redact(text, &Known::none(), Mode::Strict).text;
    assert_eq!(
        result,
        "SUSP [NAME] SHOT AT THE CLERK WITH A HANDGUN AT 10:42 NEAR [NAME], 3 ROUNDS, ID [ACCOUNT]"
    );
}

#[test]
fn known_values_go_in_any_spelling() {
    let known = Known::from_pairs([
        ("caller_name", "Whitfield, Darnell J"),
        ("phone", "414-555-0137"),
        ("address", "1418 Quiet Way"),
        ("vehicle_tag", "ZQX 771"),
    ]);
    let text = "DARNEL SAYS WHITFEILD IS AT 1418 QUIET, 555 0137, ZQX-771";
    let result = Engine::builtin().redact(text, &known, Mode::Balanced).text;
    assert_eq!(result, "[NAME] SAYS [NAME] IS AT [ADDRESS], [PHONE], [ACCOUNT]");
}

#[test]
fn an_agency_has_its_own_lists() {
    let config: Config = serde_json::from_str(
        r#"{"keep_types": ["AGE"], "placeholders": {"NAME": "[PERSON]"}, "names": ["Big Al"], "places": ["Whitlock"], "mask_street_names": true}"#,
    )
    .unwrap();
    let engine = Engine::new(config).unwrap();
    let result = engine.redact("BIG AL, 71 YO, ON HUNTER ST. RP DANA", &Known::none(), Mode::Balanced);
    assert_eq!(result.text, "[PERSON], 71 YO, ON [ADDRESS]. RP [PERSON]");
    assert!(result.spans.iter().all(|span| span.kind != SpanType::Age));
}

/// What a field of the record says goes, also where the agency keeps what the value looks like.
#[test]
fn known_values_go_though_their_type_is_kept() {
    let config: Config = serde_json::from_str(r#"{"keep_types": ["PLATE", "AGE"]}"#).unwrap();
    let known = Known::from_pairs([("vehicle_tag", "ZQX 771")]);
    let text = "SUSP VEH GRY HONDA CIVIC TX LP ZQX-771 LEFT NB";
    let result = Engine::new(config).unwrap().redact(text, &known, Mode::Balanced);
    assert!(!result.text.contains("771"), "{}", result.text);
}

/// What an agency lists as its places is no name, unless a rule is sure.
#[test]
fn places_of_an_agency_are_no_names() {
    let text = "BROTHER FOREST TOOK IT";
    let without = Engine::builtin().redact(text, &Known::none(), Mode::Balanced).text;
    assert!(!without.contains("FOREST"), "{without}");
    let config: Config = serde_json::from_str(r#"{"places": ["Forest"]}"#).unwrap();
    let result = Engine::new(config).unwrap().redact(text, &Known::none(), Mode::Balanced);
    assert_eq!(result.text, text);
}
