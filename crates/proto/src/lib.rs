//! The schemas that Callbox's services share, and the domain types that they are parsed into.
//!
//! The generated messages stand in one module for each package. At the edge of a service they are parsed, once, into
//! the types of [`domain`], where nothing that is required can be missing. Raw calls are not here: see the crate
//! `callbox-proto-raw`.

/// What travels between the services.
pub mod bus {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.bus.v1");
    }
}

/// Incidents without their people.
pub mod incident {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.incident.v1");
    }
}

/// What the public sees.
pub mod alert {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.alert.v1");
    }
}

/// Redaction as a service.
pub mod redact {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.redact.v1");
    }
}

/// Classification as a service.
pub mod classify {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.classify.v1");
    }
}

/// Alerts and subscriptions as a service.
pub mod notify {
    /// Version 1.
    #[allow(missing_docs, clippy::pedantic, unreachable_pub)]
    pub mod v1 {
        tonic::include_proto!("callbox.notify.v1");
    }
}

pub mod domain;

/// The compiled descriptors of these schemas, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("descriptors");
