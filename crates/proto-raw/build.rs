//! Compiles the raw schemas without protoc.

use std::path::PathBuf;

use prost::Message as _;

/// The schemas that carry raw calls.
const SCHEMAS: &[&str] = &["callbox/cad/v1/call.proto", "callbox/ingest/v1/ingest.proto"];

/// Everything that holds a raw call: none of it may be printable.
const UNPRINTABLE: &[&str] =
    &[".callbox.cad.v1", ".callbox.ingest.v1.SubmitCallRequest", ".callbox.ingest.v1.SubmitCallsRequest"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../../proto");
    let descriptors = protox::compile(SCHEMAS, ["../../proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("descriptors.bin");
    let mut config = tonic_prost_build::Config::new();
    config.skip_debug(UNPRINTABLE);
    std::fs::write(out, descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?;
    Ok(())
}
