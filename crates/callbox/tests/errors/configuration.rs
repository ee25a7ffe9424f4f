//! Profiles, configuration files and keys with mistakes.

use crate::{Folder, PROFILE, USAGE, good_rows, replay, run_with};

#[test]
fn a_profile_with_mistakes_is_wrong_configuration() {
    let folder = Folder::new();
    let file = folder.write("good.csv", good_rows());
    let text = PROFILE
        .replace("FORMAT", "csv")
        .replace("priority =", "prioritty =")
        .replace("America/Chicago", "America/Chikago");
    let profile = folder.write("wrong.toml", &text);
    let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    let expected = [
        "2 mistakes in the feed profile".to_owned(),
        format!("wrong.toml:{}: unknown time zone", line("Chikago")),
        format!("wrong.toml:{}: ", line("prioritty")),
        "did you mean".to_owned(),
    ];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    replay(&profile, &file).0.says(USAGE, &expected);
    run_with(["feed".as_ref(), "check".as_ref(), profile.as_os_str(), file.as_os_str()])
        .says(USAGE, &expected);
    run_with(["map".as_ref(), "propose".as_ref(), "--feed".as_ref(), profile.as_os_str(), file.as_os_str()])
        .says(USAGE, &expected);
    let absent = folder.path("absent.toml");
    replay(&absent, &file).0.says(USAGE, &["absent.toml", "cannot be read"]);

    let config = folder.write("callbox.toml", "[feeds]\nprofiles = [\"wrong.toml\"]\n");
    let served = run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), config.as_os_str()]);
    served.says(USAGE, &["feeds.profiles", expected[1], expected[2]]);
}

#[test]
fn several_configuration_mistakes_come_at_once() {
    let folder = Folder::new();
    folder.profile("csv");
    let config = folder.write(
        "callbox.toml",
        "[bus]\nurl = \"http://127.0.0.1:4222\"\n[store]\nurl = \"mysql://root:hidden-word@127.0.0.1/x\"\n\
         [listen]\ngrpc = \"nowhere\"\n[drain]\ndeadline_seconds = \"hidden-word\"\n[telemetry]\nlog_formt = \"json\"\n\
         [feeds]\nprofiles = [\"csv.toml\", \"absent.toml\"]\n[agencies.atlantis]\nname = \"Atlantis\"\n",
    );
    let ended = run_with(["serve".as_ref(), "notify".as_ref(), "--config".as_ref(), config.as_os_str()]);
    ended.says(
        USAGE,
        &[
            "7 mistakes in the configuration",
            "bus.url: expected an address such as nats://",
            "store.url: expected an address such as postgres://",
            "listen.grpc: ",
            "drain.deadline_seconds: ",
            "telemetry.log_formt: unknown setting; did you mean telemetry.log_format?",
            "absent.toml",
            "agencies.atlantis: no feed profile is of this agency",
        ],
    );
    assert!(!ended.err.contains("hidden-word"), "{}", ended.err);

    let absent = folder.path("absent-config.toml");
    run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), absent.as_os_str()])
        .says(USAGE, &["absent-config.toml", "cannot be read"]);
}

#[test]
fn a_malformed_configuration_is_not_shown_since_it_may_hold_a_secret() {
    let folder = Folder::new();
    let broken = folder.write("broken.toml", "[keys]\nidentity = hidden-word\n");
    let ended = run_with(["serve".as_ref(), "ingest".as_ref(), "--config".as_ref(), broken.as_os_str()]);
    ended.says(USAGE, &["broken.toml", "line 2"]);
    assert!(!ended.err.contains("hidden-word"), "{}", ended.err);
}

#[test]
fn missing_keys_and_wrong_keys() {
    let folder = Folder::new();
    folder.profile("csv");
    let serve = |role: &str, keys: &str| {
        let config = folder.write(
            "callbox.toml",
            format!(
                "[bus]\nurl = \"nats://127.0.0.1:4222\"\n[feeds]\nprofiles = [\"csv.toml\"]\n[keys]\n{keys}"
            ),
        );
        run_with(["serve".as_ref(), role.as_ref(), "--config".as_ref(), config.as_os_str()])
    };
    let how = "callbox keys generate";
    serve("ingest", "")
        .says(USAGE, &["2 mistakes", "keys.redact_public: missing", "keys.identity: missing", how]);
    serve("redact", "").says(USAGE, &["2 mistakes", "keys.redact_private", "keys.classify_public", how]);
    serve("classify", "").says(USAGE, &["1 mistake ", "keys.classify_private: missing", how]);
    serve("classify", "classify_private_file = \"nowhere.key\"")
        .says(USAGE, &["keys.classify_private_file", "nowhere.key cannot be read"]);
    let wrong = serve("classify", "classify_private = \"hidden-word\"");
    wrong.says(USAGE, &["keys.classify_private: expected lines of `<key id>:<base64>`"]);
    assert!(!wrong.err.contains("hidden-word"), "{}", wrong.err);
}
