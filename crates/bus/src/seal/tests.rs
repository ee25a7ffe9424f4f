use super::*;

const WHERE: Associated<'static> =
    Associated { stage: "redact", agency: "exampleville", incident: &[7; 16], submission_id: "one" };

fn ring(key: &PrivateKey) -> KeyRing {
    KeyRing::new().with("k1", key.clone())
}

/// A sealer and the opener for what it seals.
fn pair() -> (Sealer, Opener) {
    let key = PrivateKey::generate();
    let sealer = Sealer::new("k1", &key.public());
    let opener = ring(&key).opener(&sealer.header()).unwrap();
    (sealer, opener)
}

#[test]
fn records_open_in_their_order() {
    let (mut sealer, mut opener) = pair();
    let sealed: Vec<_> = [&b"first"[..], b"", b"third"].map(|text| sealer.seal(&WHERE, text)).into();
    assert_eq!(sealed[0].len(), "first".len() + OVERHEAD);
    assert_eq!(*opener.open(&WHERE, &sealed[0]).unwrap(), b"first");
    assert_eq!(*opener.open(&WHERE, &sealed[1]).unwrap(), b"");
    assert_eq!(*opener.open(&WHERE, &sealed[2]).unwrap(), b"third");
}

#[test]
fn records_do_not_open_in_another_order() {
    let (mut sealer, mut opener) = pair();
    let _first = sealer.seal(&WHERE, b"first");
    let second = sealer.seal(&WHERE, b"second");
    assert_eq!(opener.open(&WHERE, &second).unwrap_err(), OpenError::CannotOpen);
}

#[test]
fn records_do_not_open_elsewhere() {
    let elsewhere = [
        Associated { stage: "classify", ..WHERE },
        Associated { agency: "otherville", ..WHERE },
        Associated { incident: &[8; 16], ..WHERE },
        Associated { submission_id: "two", ..WHERE },
        // The same characters, cut at another place.
        Associated { stage: "redactexampleville", agency: "", ..WHERE },
    ];
    for associated in elsewhere {
        let (mut sealer, mut opener) = pair();
        let sealed = sealer.seal(&WHERE, b"text");
        assert_eq!(opener.open(&associated, &sealed).unwrap_err(), OpenError::CannotOpen);
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let key = PrivateKey::generate();
    let mut sealer = Sealer::new("k1", &key.public());
    let sealed = sealer.seal(&WHERE, b"text");
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        let mut opener = ring(&key).opener(&sealer.header()).unwrap();
        assert_eq!(opener.open(&WHERE, &changed).unwrap_err(), OpenError::CannotOpen, "byte {index}");
    }
    let mut opener = ring(&key).opener(&sealer.header()).unwrap();
    assert_eq!(opener.open(&WHERE, &sealed[..OVERHEAD - 1]).unwrap_err(), OpenError::CannotOpen);
}

#[test]
fn another_key_does_not_open() {
    let sealer_key = PrivateKey::generate();
    let mut sealer = Sealer::new("k1", &sealer_key.public());
    let sealed = sealer.seal(&WHERE, b"text");
    let mut opener = ring(&PrivateKey::generate()).opener(&sealer.header()).unwrap();
    assert_eq!(opener.open(&WHERE, &sealed).unwrap_err(), OpenError::CannotOpen);
}

#[test]
fn the_key_is_found_by_its_id() {
    let (old, new) = (PrivateKey::generate(), PrivateKey::generate());
    let ring = KeyRing::new().with("2026-01", old.clone()).with("2026-02", new.clone());
    assert_eq!(ring.key_ids(), ["2026-01", "2026-02"]);
    for (id, key) in [("2026-01", &old), ("2026-02", &new)] {
        let mut sealer = Sealer::new(id, &key.public());
        let sealed = sealer.seal(&WHERE, b"text");
        let opened = ring.opener(&sealer.header()).unwrap().open(&WHERE, &sealed).unwrap();
        assert_eq!(*opened, b"text");
    }
    let sealer = Sealer::new("2025-12", &old.public());
    assert_eq!(ring.opener(&sealer.header()).err(), Some(OpenError::UnknownKey));
}

#[test]
fn a_degenerate_encapsulated_key_is_refused() {
    let key = PrivateKey::generate();
    for bytes in [vec![0; 32], vec![1; 31], Vec::new()] {
        let seal = Seal { key_id: "k1".to_owned(), encapsulated_key: bytes.into() };
        assert_eq!(ring(&key).opener(&seal).err(), Some(OpenError::InvalidSeal));
    }
}

#[test]
fn keys_survive_their_text_form() {
    let key = PrivateKey::generate();
    let again: PrivateKey = key.to_text().parse().unwrap();
    assert_eq!(again.public(), key.public());
    let public: PublicKey = format!(" {}\n", key.public()).parse().unwrap();
    assert_eq!(public, key.public());
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    // The last one is the point of order one.
    for text in ["", "key", "AAAA", "A".repeat(43).as_str(), &format!("{}=", "A".repeat(43))] {
        assert_eq!(text.parse::<PublicKey>(), Err(InvalidKey), "{text}");
    }
    assert_eq!("AAAA".parse::<PrivateKey>().err(), Some(InvalidKey));
}

#[test]
fn private_keys_do_not_print_themselves() {
    let key = PrivateKey::generate();
    assert_eq!(format!("{key:?}"), "PrivateKey(..)");
    assert!(!format!("{:?}", ring(&key)).contains(key.to_text().as_str()));
}

/// RFC 9180, appendix A.2.1 (base mode of our suite), first two encryptions.
#[test]
fn agrees_with_the_known_answers_of_the_rfc() {
    let hex = |text: &str| hex::decode(text).unwrap();
    let private = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
    let encapsulated = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let info = hex("4f6465206f6e2061204772656369616e2055726e");
    let key = HpkePrivateKey::from_bytes(&private).unwrap();
    let encapsulated = EncapsulatedKey::from_bytes(&encapsulated).unwrap();
    let mut context: ReceiverContext =
        hpke::setup_receiver(&OpModeR::Base, &key, &encapsulated, &info).unwrap();
    let plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
    let known = [
        (
            "436f756e742d30",
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        ),
        (
            "436f756e742d31",
            "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c",
        ),
    ];
    for (associated, ciphertext) in known {
        assert_eq!(context.open(&hex(ciphertext), &hex(associated)).unwrap(), plaintext);
    }
}
