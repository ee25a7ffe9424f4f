//! Compiles the schemas without protoc.

use std::path::PathBuf;

use prost::Message as _;

/// The schemas that carry no raw data, in the order of an incident's way.
const SCHEMAS: &[&str] = &[
    "callbox/bus/v1/envelope.proto",
    "callbox/incident/v1/incident.proto",
    "callbox/alert/v1/alert.proto",
    "callbox/redact/v1/redact.proto",
    "callbox/classify/v1/classify.proto",
    "callbox/notify/v1/notify.proto",
];

/// Messages with text as it came from an agency or a caller: they must not be printable.
const UNPRINTABLE: &[&str] = &[
    ".callbox.redact.v1.RedactTextRequest",
    ".callbox.redact.v1.RedactBatchRequest",
    ".callbox.redact.v1.KnownValue",
    ".callbox.classify.v1.ClassifyRequest",
    ".callbox.classify.v1.ClassifyBatchRequest",
    ".callbox.classify.v1.ExplainRequest",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../../proto");
    let descriptors = protox::compile(SCHEMAS, ["../../proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("descriptors.bin");
    let mut config = tonic_prost_build::Config::new();
    config.bytes(["."]).skip_debug(UNPRINTABLE);
    std::fs::write(out, descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?;
    Ok(())
}
