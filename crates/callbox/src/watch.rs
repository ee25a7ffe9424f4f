//! `callbox watch`: alerts as they come.

use std::time::Duration;

use anyhow::{Context as _, Result};
use callbox_place::cover;
use callbox_proto::domain::{Category, LatLon};
use callbox_proto::incident::v1 as incident;
use callbox_proto::notify::v1::alert_service_client::AlertServiceClient;
use callbox_proto::notify::v1::watch_alerts_request::Audience;
use callbox_proto::notify::v1::{AlertFilter, WatchAlertsRequest, WatchAlertsResponse};
use tonic::transport::Channel;
use tonic::{Code, Streaming};

use crate::Usage;
use crate::alert_text;
use crate::cli::Watch;
use crate::output::print_line;

/// One statute mile in metres.
const METRES_PER_MILE: f64 = 1_609.344;
/// How long to wait before the next attempt to connect.
const RECONNECT: Duration = Duration::from_secs(2);

/// Parses `LAT,LON`.
///
/// # Errors
/// What was expected.
pub(crate) fn parse_point(text: &str) -> Result<LatLon, String> {
    let expected = || "expected latitude and longitude in degrees, such as 36.16,-86.78".to_owned();
    let (latitude, longitude) = text.split_once(',').ok_or_else(expected)?;
    let latitude: f64 = latitude.trim().parse().map_err(|_| expected())?;
    let longitude: f64 = longitude.trim().parse().map_err(|_| expected())?;
    if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
        Ok(LatLon { latitude, longitude })
    } else {
        Err(expected())
    }
}

/// Prints alerts until interrupted. A broken connection is made again, going on where it broke.
///
/// # Errors
/// If the arguments make no area, or the service refuses the watch.
pub(crate) async fn watch(arguments: &Watch) -> Result<()> {
    let filter = filter(arguments)?;
    let mut token = arguments.resume.clone().unwrap_or_default();
    let mut first = true;
    loop {
        match open(arguments, &filter, &token).await {
            Ok(mut stream) => {
                if std::mem::take(&mut first) {
                    eprintln!("watching {}; Ctrl-C ends", arguments.from);
                }
                if let Err(status) = print_all(&mut stream, &mut token, arguments.json).await {
                    give_up_unless_passing(&status)?;
                }
            }
            Err(error) => {
                let passing = error.downcast_ref::<tonic::Status>().map(give_up_unless_passing);
                match passing {
                    Some(result) => result?,
                    None if first => return Err(error),
                    None => {}
                }
            }
        }
        eprintln!("connection lost; trying again");
        tokio::select! {
            () = tokio::time::sleep(RECONNECT) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// An outage passes; a refusal does not.
fn give_up_unless_passing(status: &tonic::Status) -> Result<()> {
    match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal => Ok(()),
        Code::OutOfRange => anyhow::bail!("{}; start without --resume to watch from now", status.message()),
        _ => anyhow::bail!("{}", status.message()),
    }
}

async fn open(
    arguments: &Watch,
    filter: &AlertFilter,
    token: &str,
) -> Result<Streaming<WatchAlertsResponse>> {
    let channel = Channel::from_shared(arguments.from.clone())
        .map_err(|_| {
            Usage(format!("--from {}: expected a URL such as http://127.0.0.1:7100", arguments.from))
        })?
        .connect()
        .await
        .with_context(|| format!("nobody answers at {}; is `callbox up` running?", arguments.from))?;
    let request = WatchAlertsRequest {
        audience: Some(Audience::Filter(filter.clone())),
        resume_token: token.to_owned(),
    };
    Ok(AlertServiceClient::new(channel).watch_alerts(request).await?.into_inner())
}

/// Prints what comes and keeps the token.
async fn print_all(
    stream: &mut Streaming<WatchAlertsResponse>,
    token: &mut String,
    json: bool,
) -> Result<(), tonic::Status> {
    while let Some(answer) = stream.message().await? {
        token.clone_from(&answer.resume_token);
        let Some(alert) = answer.alert else { continue };
        if json {
            let mut value = alert_text::json(&alert);
            value["resumeToken"] = answer.resume_token.into();
            print_line(&value.to_string());
        } else {
            print_line(&alert_text::lines(&alert));
        }
    }
    Ok(())
}

/// What the arguments ask for. The circle becomes cells here.
fn filter(arguments: &Watch) -> Result<AlertFilter> {
    let cells = match (arguments.near, arguments.within) {
        (Some(centre), Some(miles)) => cover::circle(centre, miles * METRES_PER_MILE).ok_or_else(|| {
            Usage(format!("--within {miles}: expected more than 0 and at most some hundred miles"))
        })?,
        _ => Vec::new(),
    };
    Ok(AlertFilter {
        agency_area: true,
        cells: cells.into_iter().map(|cell| format!("{:015x}", cell.index())).collect(),
        categories: arguments
            .category
            .iter()
            .map(|category: &Category| incident::Category::from(*category).into())
            .collect(),
        agencies: arguments.agency.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse_point;

    #[test]
    fn points() {
        assert!(parse_point("36.16,-86.78").is_ok());
        assert!(parse_point(" 36.16 , -86.78 ").is_ok());
        for bad in ["", "36.16", "a,b", "91,0", "0,181", "nan,0"] {
            assert!(parse_point(bad).is_err(), "{bad}");
        }
    }
}
