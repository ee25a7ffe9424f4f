//! What alerts say, and that nothing else can be in them (invariant I1).

use callbox_proto::domain::{
    AgencyId, Alert, AlertId, AlertState, Category, ClassifiedIncident, Ended, IncidentKey,
};
use proptest::prelude::*;

use super::compose;
use crate::domain::decide::{Revision, decide};
use crate::domain::fixtures::{POLICY, RECEIVED, agency, at, cell, robbery};
use crate::domain::state::{Categories, Told};

fn revision(state: AlertState, category: Category) -> Revision {
    let told = Told {
        id: AlertId::random(),
        revision: 1,
        live: true,
        category,
        categories: Categories::default().with(category),
        place: cell(40.0, 7),
        sent_time: at(RECEIVED + 90),
    };
    Revision { state, told, received_time: at(RECEIVED + 299) }
}

#[test]
fn says_what_where_when_and_what_it_rests_on() {
    let alert = compose(&agency("springfield"), &revision(AlertState::Published, Category::ShotsFired));
    assert_eq!(alert.headline, "Shots fired reported in Old Mill");
    assert_eq!(
        alert.body,
        "Shots fired reported in Old Mill around 3:15 PM on March 4. Police dispatch call, not confirmed."
    );
    assert_eq!(alert.occurred_time, at(RECEIVED - 300));
    assert_eq!(alert.expires_time, at(RECEIVED + 90 + 86_400));
    assert!((5..=10).contains(&alert.place.outline.len()));
}

#[test]
fn a_retraction_says_nothing_of_the_call() {
    let texts = |category| {
        let alert = compose(&agency("springfield"), &revision(AlertState::Retracted, category));
        (alert.headline, alert.body)
    };
    assert_eq!(texts(Category::Arson), texts(Category::Stabbing));
    let (headline, body) = texts(Category::Arson);
    assert!(!headline.contains("arson") && !body.contains("Old Mill"));
}

#[test]
fn wording_is_calm() {
    for category in Category::ALL {
        let alert = compose(&agency("springfield"), &revision(AlertState::Published, category));
        let text = format!("{} {}", alert.headline, alert.body);
        assert!(!text.contains('!') && !text.contains("  "));
        assert!(alert.headline.len() <= 120);
    }
}

/// Everything of an incident that the public must not be able to tell.
fn private() -> impl Strategy<Value = (IncidentKey, String, Vec<String>, f32)> {
    (any::<[u8; 16]>(), "[a-z0-9]{1,32}", prop::collection::vec("[a-z:_]{1,20}", 0..4), 0.5..1.0_f32)
        .prop_map(|(key, submission, reasons, confidence)| {
            (IncidentKey(key), submission, reasons, confidence)
        })
}

/// The alerts of a history with what is private in it, ids aside.
fn alerts(
    steps: &[(Category, u8, Option<Ended>)],
    private: &[(IncidentKey, String, Vec<String>, f32)],
) -> Vec<Alert> {
    let agency = agency("springfield");
    let mut state = None;
    let mut alerts = Vec::new();
    for (index, (category, place, ended)) in (1..).zip(steps) {
        let (key, submission, reasons, confidence) = &private[usize::try_from(index).unwrap() - 1];
        let incident = ClassifiedIncident {
            key: *key,
            submission_id: format!("{submission}-{index}").parse().unwrap(),
            reasons: reasons.clone(),
            confidence: *confidence,
            category: Some(*category),
            place: Some(cell(40.0 + f64::from(*place) * 0.02, 7)),
            ended: *ended,
            agency: AgencyId::clone(&agency.id),
            ..robbery(1, index)
        };
        let decision = decide(state.as_ref(), &incident, POLICY);
        state = decision.state.or(state);
        alerts.extend(decision.revision.map(|revision| compose(&agency, &revision)));
    }
    let nobody = AlertId(uuid::Uuid::nil());
    alerts.into_iter().map(|alert| Alert { id: nobody, ..alert }).collect()
}

proptest! {
    /// Two histories with the same answers of the classifier, the same cells and the same clock give the same alerts.
    #[test]
    fn alerts_are_a_function_of_what_is_public(
        steps in prop::collection::vec(
            (prop::sample::select(Category::ALL.to_vec()), 0_u8..3, prop::option::weighted(0.2, Just(Ended::Cancelled))),
            1..8,
        ),
        one in prop::collection::vec(private(), 8),
        other in prop::collection::vec(private(), 8),
    ) {
        use prost::Message as _;
        let bytes = |alerts: Vec<Alert>| -> Vec<Vec<u8>> {
            alerts.iter().map(|alert| callbox_proto::alert::v1::Alert::from(alert).encode_to_vec()).collect()
        };
        prop_assert_eq!(bytes(alerts(&steps, &one)), bytes(alerts(&steps, &other)));
    }
}
