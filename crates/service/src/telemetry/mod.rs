//! Logs, traces and metrics of a process.
//!
//! Libraries use `tracing` and `metrics`; only a process decides where they go. Logs go to standard error. Metrics are
//! always on the admin port's page, and with an OTLP endpoint they and the traces go there as well.

use std::io::IsTerminal as _;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

mod page;

pub use page::MetricsPage;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object a line, for machines.
    Json,
}

/// What a process tells of itself, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name in traces and metrics, such as `callbox-redact`.
    pub service_name: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which are written, in the syntax of `tracing_subscriber`'s `EnvFilter`.
    pub log_filter: String,
    /// Where traces and metrics go by OTLP over gRPC, such as `http://collector:4317`.
    pub otlp_endpoint: Option<String>,
}

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter is malformed.
    #[error(
        "telemetry.log_filter is not a filter: expected something like `info` or `info,callbox_bus=debug`"
    )]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The endpoint is malformed.
    #[error("telemetry.otlp_endpoint cannot be used")]
    Otlp(#[source] opentelemetry_otlp::ExporterBuildError),
    /// Another subscriber or recorder is installed.
    #[error("telemetry was set up twice")]
    Twice,
    /// The Prometheus page cannot be made.
    #[error("metrics cannot be collected")]
    Metrics(#[source] opentelemetry_sdk::error::OTelSdkError),
}

/// Telemetry in force; flush it at the end.
pub struct Telemetry {
    tracer: Option<SdkTracerProvider>,
    meter: SdkMeterProvider,
    /// The page of the admin port.
    pub page: MetricsPage,
}

/// How long exporters may take at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Histogram bounds in seconds, from a quarter of a millisecond to ten seconds: fine around the targets of 50 and
/// 100 ms.
const SECONDS_BOUNDS: &[f64] = &[
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

impl Telemetry {
    /// Installs logs, traces and metrics for the whole process.
    ///
    /// # Errors
    /// If a setting is wrong, or it was done before.
    pub fn install(settings: &Settings) -> Result<Self, Error> {
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let tracer = settings.otlp_endpoint.as_deref().map(|to| tracer(to, resource.clone())).transpose()?;
        let (meter, page) = meter(settings.otlp_endpoint.as_deref(), resource)?;
        let filter = EnvFilter::try_new(&settings.log_filter).map_err(Error::Filter)?;
        let logs = match settings.log_format {
            LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed(),
            LogFormat::Pretty => {
                let colours = std::io::stderr().is_terminal();
                tracing_subscriber::fmt::layer()
                    .compact()
                    .with_ansi(colours)
                    .with_writer(std::io::stderr)
                    .boxed()
            }
        };
        // Spans go to the exporter whatever the log filter says; only our own, so that the exporter's connection does
        // not trace itself.
        let spans = tracer.as_ref().map(|provider| {
            tracing_opentelemetry::layer().with_tracer(provider.tracer("callbox")).with_filter(
                tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with("callbox")),
            )
        });
        tracing_subscriber::registry()
            .with(spans)
            .with(logs.with_filter(filter))
            .try_init()
            .map_err(|_| Error::Twice)?;
        Ok(Self { tracer, meter, page })
    }

    /// Sends what is still to be sent. Blocks for at most some seconds, so call it off the runtime's workers.
    pub fn flush(self) {
        if let Some(tracer) = self.tracer {
            let _ = tracer.shutdown_with_timeout(FLUSH_TIMEOUT);
        }
        let _ = self.meter.shutdown_with_timeout(FLUSH_TIMEOUT);
    }
}

/// Traces by OTLP.
fn tracer(endpoint: &str, resource: Resource) -> Result<SdkTracerProvider, Error> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(Error::Otlp)?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Metrics on the page, and by OTLP if there is an endpoint.
fn meter(endpoint: Option<&str>, resource: Resource) -> Result<(SdkMeterProvider, MetricsPage), Error> {
    use opentelemetry::metrics::MeterProvider as _;
    let registry = prometheus::Registry::new();
    let page = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .without_counter_suffixes()
        .without_units()
        .build()
        .map_err(Error::Metrics)?;
    let mut builder = SdkMeterProvider::builder().with_reader(page).with_resource(resource);
    if let Some(endpoint) = endpoint {
        let exporter = opentelemetry_otlp::MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(Error::Otlp)?;
        builder = builder.with_periodic_exporter(exporter);
    }
    let provider = builder
        .with_view(|instrument: &opentelemetry_sdk::metrics::Instrument| {
            let bounds = instrument.name().ends_with("_seconds").then(|| SECONDS_BOUNDS.to_vec())?;
            opentelemetry_sdk::metrics::Stream::builder()
                .with_aggregation(opentelemetry_sdk::metrics::Aggregation::ExplicitBucketHistogram {
                    boundaries: bounds,
                    record_min_max: true,
                })
                .build()
                .ok()
        })
        .build();
    let recorder = metrics_opentelemetry::OpenTelemetryRecorder::new(
        metrics_opentelemetry::OpenTelemetryMetrics::new(provider.meter("callbox")),
    );
    metrics::set_global_recorder(recorder).map_err(|_| Error::Twice)?;
    Ok((provider, MetricsPage::new(registry)))
}
