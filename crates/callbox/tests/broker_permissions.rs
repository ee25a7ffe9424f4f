//! Invariant I2 on the broker: with the users of `deploy/nats/callbox.conf` the pipeline works, and no service reaches
//! what is another's.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::fs;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use callbox_simulator::{Seed, Settings, Simulator, write};
use callbox_testkit::Durability;
use futures::StreamExt as _;

use crate::support::{Deployment, callbox, run, workspace};

/// How long an answer may take that is expected not to come. A permitted request is answered in milliseconds.
const NO_ANSWER: Duration = Duration::from_millis(500);

/// The shipped configuration, with each user's name as its password.
fn configuration() -> String {
    let shipped = fs::read_to_string(workspace().join("deploy/nats/callbox.conf")).unwrap();
    ["ingest", "redact", "classify", "notify", "operator"]
        .iter()
        .fold(shipped, |text, user| text.replace(&format!("$CALLBOX_NATS_{}", user.to_uppercase()), user))
}

async fn connect(deployment: &Deployment, user: &str) -> Client {
    ConnectOptions::with_user_and_password(user.into(), user.into())
        .custom_inbox_prefix(format!("_INBOX_{user}"))
        .connect(deployment.nats.url())
        .await
        .unwrap()
}

/// Whether the broker answers a request of this client.
async fn answered(client: &Client, subject: &str, payload: &'static str) -> bool {
    let answer = tokio::time::timeout(NO_ANSWER, client.request(subject.to_owned(), payload.into())).await;
    matches!(answer, Ok(Ok(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pipeline_works_and_nobody_reaches_what_is_anothers() {
    let folder = tempfile::tempdir().unwrap();
    let (feed, profile) = (folder.path().join("calls.ndjson"), folder.path().join("vellgrove.toml"));
    let mut rows = Vec::new();
    for event in Simulator::new(Seed(3), Settings::default()).take(300) {
        write::row(&event, &mut rows).unwrap();
    }
    fs::write(&feed, rows).unwrap();
    fs::write(&profile, write::PROFILE).unwrap();
    let mut deployment = Deployment::prepare_with(&[&profile], Durability::Process, &configuration()).await;
    deployment.start_all().await;
    let table =
        run(callbox().arg("replay").arg(&feed).arg("--feed").arg(&profile).args(deployment.replay_target()));
    assert!(table.contains("sum of outcomes    300"), "{table}");

    // What each may not ask. A request that it may ask comes first, so that silence means a refusal.
    let forbidden: [(&str, &str, &[&str]); 4] = [
        (
            "ingest",
            "$JS.API.INFO",
            &["$JS.API.CONSUMER.MSG.NEXT.RAW.redact", "$JS.API.STREAM.MSG.GET.RAW", "callbox.alerts.x"],
        ),
        (
            "redact",
            "$JS.API.STREAM.INFO.RAW",
            &["$JS.API.STREAM.PURGE.RAW", "$JS.API.STREAM.MSG.GET.RAW", "callbox.raw.x"],
        ),
        (
            "classify",
            "$JS.API.STREAM.INFO.INCIDENTS",
            &["$JS.API.CONSUMER.MSG.NEXT.RAW.redact", "$JS.API.STREAM.MSG.GET.RAW", "callbox.incidents.x"],
        ),
        (
            "notify",
            "$JS.API.STREAM.INFO.ALERTS",
            &[
                "$JS.API.CONSUMER.MSG.NEXT.INCIDENTS.classify",
                "$JS.API.STREAM.MSG.GET.RAW",
                "$JS.API.STREAM.DELETE.ALERTS",
            ],
        ),
    ];
    for (user, allowed, refused) in forbidden {
        let client = connect(&deployment, user).await;
        assert!(answered(&client, allowed, "").await, "{user} may ask {allowed}");
        for subject in refused {
            assert!(!answered(&client, subject, "{\"seq\":1}").await, "{user} may not ask {subject}");
        }
    }
    nobody_listens_to_others(&deployment).await;
}

/// Messages that are delivered to one service travel to its inbox: no other may listen there, nor to raw subjects.
async fn nobody_listens_to_others(deployment: &Deployment) {
    let operator = connect(deployment, "operator").await;
    for user in ["ingest", "classify", "notify"] {
        let client = connect(deployment, user).await;
        let mut raw = client.subscribe("callbox.raw.>").await.unwrap();
        let mut inboxes = client.subscribe("_INBOX_redact.>").await.unwrap();
        let mut all = client.subscribe(">").await.unwrap();
        client.flush().await.unwrap();
        operator.publish("callbox.raw.vellgrove", "x".into()).await.unwrap();
        operator.flush().await.unwrap();
        let heard = async {
            tokio::select! {
                Some(_) = raw.next() => {}
                Some(_) = inboxes.next() => {}
                Some(_) = all.next() => {}
                else => std::future::pending().await,
            }
        };
        assert!(tokio::time::timeout(NO_ANSWER, heard).await.is_err(), "{user} hears what is not for it");
    }
}
