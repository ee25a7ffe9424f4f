-- What notify keeps. Times are microseconds since 1970-01-01 UTC, what the domain type holds without rounding.
-- Cells are H3 indexes (never negative); 0 stands for the agency's whole area.

-- One row for each incident, also for suppressed ones: what decides whether a state is newer, and what was told.
CREATE TABLE notify.incident_state (
    incident bytea NOT NULL PRIMARY KEY CHECK (octet_length(incident) = 16),
    agency text NOT NULL,
    latest bytea NOT NULL CHECK (octet_length(latest) = 28),
    seen bytea NOT NULL,
    -- 0 open, 1 publishable, 2 withdrawn.
    standing smallint NOT NULL,
    standing_order bytea NOT NULL CHECK (octet_length(standing_order) = 28),
    -- Numbers of callbox.incident.v1.Category; 0 for none.
    standing_category smallint NOT NULL,
    fresh boolean NOT NULL,
    place bigint,
    received_time bigint,
    accepted_time bigint NOT NULL,
    alert uuid,
    revision integer NOT NULL,
    live boolean NOT NULL,
    alert_category smallint NOT NULL,
    -- A bit for each category that the alert ever had.
    alert_categories smallint NOT NULL,
    alert_place bigint NOT NULL,
    sent_time bigint NOT NULL
)
-- Most rows change a few times soon after they were made: room for that keeps the changes on their page.
WITH (fillfactor = 90);

-- Envelopes that were handled: redelivery changes nothing.
CREATE TABLE notify.handled_envelope (
    id uuid NOT NULL PRIMARY KEY,
    handled_time bigint NOT NULL
);
CREATE INDEX handled_envelope_by_time ON notify.handled_envelope (handled_time);

-- The latest revision of each alert.
CREATE TABLE notify.alert (
    id uuid NOT NULL PRIMARY KEY,
    revision integer NOT NULL,
    agency text NOT NULL,
    category smallint NOT NULL,
    retracted boolean NOT NULL,
    sent_time bigint NOT NULL,
    -- callbox.alert.v1.Alert.
    message bytea NOT NULL
);
CREATE INDEX alert_newest_first ON notify.alert (sent_time DESC, id DESC);

-- Revisions that are not yet known to be on the ALERTS stream.
CREATE TABLE notify.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert uuid NOT NULL,
    revision integer NOT NULL,
    agency text NOT NULL,
    categories smallint NOT NULL,
    accepted_time bigint NOT NULL,
    sent_time bigint NOT NULL,
    message bytea NOT NULL
);

-- How far the ALERTS stream is known to hold nothing of what is still in the outbox. At most one row.
CREATE TABLE notify.outbox_mark (
    id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch bigint NOT NULL,
    sequence bigint NOT NULL
);

-- How many submissions came to which outcome.
CREATE TABLE notify.outcome_count (
    agency text NOT NULL,
    outcome text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (agency, outcome)
)
WITH (fillfactor = 50);

CREATE TABLE notify.subscription (
    id uuid NOT NULL PRIMARY KEY,
    request uuid UNIQUE,
    -- callbox.notify.v1.AlertFilter.
    filter bytea NOT NULL,
    create_time bigint NOT NULL
);
