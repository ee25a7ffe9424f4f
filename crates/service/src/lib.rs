//! The skeleton that every service stands on, so that all of them behave alike under operations.
//!
//! | module | what it gives |
//! |---|---|
//! | [`config`] | typed settings from file and environment, every mistake reported at once |
//! | [`telemetry`] | logs, OTLP traces and metrics, the Prometheus page |
//! | [`propagation`] | one trace across the broker's hops |
//! | [`admin`] | `/live`, `/ready`, `/metrics` on a port of their own |
//! | [`grpc`] | a gRPC server with health and reflection, and its drain |
//! | [`lifecycle`] | readiness, signals, drain within a deadline |
//!
//! The order in a process: configuration, logging, bind, build, run, drain, flush.

pub mod admin;
pub mod config;
pub mod grpc;
pub mod lifecycle;
pub mod propagation;
pub mod telemetry;
