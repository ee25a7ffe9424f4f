//! The raw side of Callbox: calls as a dispatch system tells them, with the people in them.
//!
//! This crate stands apart so that the compiler keeps invariant I2: only ingest, redact, the simulator and the binary
//! depend on it (`tests/readers.rs` checks the dependency graph). Its messages do not implement `Debug`.

/// The raw call.
pub mod cad {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.cad.v1");
    }
}

/// How calls come in.
pub mod ingest {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.ingest.v1");
    }
}

/// The compiled descriptors of these schemas, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("descriptors");
