//! The demo: the simulator's invented city, played into this process in real time.

use std::time::Duration;

use anyhow::Result;
use callbox_ingest::accept::Acceptor;
use callbox_notify::config::{AgencyConfig, EXPIRES_HOURS, FRESHNESS_MINUTES, LabelConfig};
use callbox_place::jurisdiction::{Bounds, Jurisdiction, Unlocated};
use callbox_service::lifecycle::ComponentResult;
use callbox_simulator::{Seed, Settings, Simulator, city};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::agencies::{Agencies, Agency};

/// The fewest and most calls a second that a demo makes.
const RATE: std::ops::RangeInclusive<f64> = 0.1..=1_000.0;

/// Adds the invented city.
///
/// # Errors
/// If an agency of its slug is configured.
pub(crate) fn add_agency(agencies: &mut Agencies) -> Result<()> {
    let city = city();
    let bounds = &city.bounds;
    let labels = city.neighbourhoods.iter().map(|place| LabelConfig {
        name: place.name.to_owned(),
        latitude: place.latitude,
        longitude: place.longitude,
    });
    let agency = Agency {
        jurisdiction: Jurisdiction {
            bounds: Some(Bounds {
                south: bounds.south,
                west: bounds.west,
                north: bounds.north,
                east: bounds.east,
            }),
            placeholders: Vec::new(),
            unlocated: Unlocated::Hold,
        },
        code_map: None,
        narratives: true,
        public: AgencyConfig {
            name: city.name.to_owned(),
            time_zone: city.time_zone.to_owned(),
            place_label: city.name.to_owned(),
            freshness_minutes: FRESHNESS_MINUTES,
            expires_hours: EXPIRES_HOURS,
            labels: labels.collect(),
        },
    };
    agencies.add(city.slug.parse()?, agency)
}

/// Plays calls from now on until `drain`. The start time is part of every call's number and of the seed: a demo that is
/// started again on the same data makes new calls, and never one that was told already.
pub(crate) async fn play(acceptor: Acceptor, rate: f64, drain: CancellationToken) -> ComponentResult {
    let start = jiff::Timestamp::now();
    let settings = Settings {
        start,
        gap: Duration::from_secs_f64(1.0 / rate.clamp(*RATE.start(), *RATE.end())),
        // Later states come within a minute rather than ten, so that a visitor sees updates and retractions.
        pace: 0.1,
        ..Settings::default()
    };
    let begin = Instant::now();
    for event in Simulator::new(Seed(start.as_second().unsigned_abs()), settings) {
        tokio::select! {
            () = tokio::time::sleep_until(begin + Duration::from_millis(event.at)) => {}
            () = drain.cancelled() => return Ok(()),
        }
        let submitted = acceptor.enqueue(event.submission, event.request_id.as_deref()).await;
        if let Err(error) = submitted {
            tracing::warn!(reason = error.reason(), "a call of the demo was not accepted");
        }
    }
    Ok(())
}
