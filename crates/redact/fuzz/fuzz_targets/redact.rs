//! Any text, both modes: spans in order and on characters, and redacting the result changes nothing.
#![no_main]

use std::sync::LazyLock;

use callbox_redact::{Engine, Known, Mode};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::builtin);

fuzz_target!(|text: &str| {
    for mode in [Mode::Balanced, Mode::Strict] {
        let result = ENGINE.redact(text, &Known::none(), mode);
        let mut end = 0;
        for span in &result.spans {
            assert!(span.start >= end && span.start < span.end, "spans overlap or are empty");
            assert!(text.get(span.start..span.end).is_some(), "a span cuts a character");
            end = span.end;
        }
        let again = ENGINE.redact(&result.text, &Known::none(), mode);
        assert_eq!(again.text, result.text, "redacting the result changes it");
    }
});
