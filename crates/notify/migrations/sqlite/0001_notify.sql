-- What notify keeps: the tables of ../postgres, see there for what the columns mean.

CREATE TABLE incident_state (
    incident BLOB NOT NULL PRIMARY KEY CHECK (length(incident) = 16),
    agency TEXT NOT NULL,
    latest BLOB NOT NULL CHECK (length(latest) = 28),
    seen BLOB NOT NULL,
    standing INTEGER NOT NULL,
    standing_order BLOB NOT NULL CHECK (length(standing_order) = 28),
    standing_category INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    place INTEGER,
    received_time INTEGER,
    accepted_time INTEGER NOT NULL,
    alert BLOB,
    revision INTEGER NOT NULL,
    live INTEGER NOT NULL,
    alert_category INTEGER NOT NULL,
    alert_categories INTEGER NOT NULL,
    alert_place INTEGER NOT NULL,
    sent_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE handled_envelope (
    id BLOB NOT NULL PRIMARY KEY,
    handled_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handled_envelope_by_time ON handled_envelope (handled_time);

CREATE TABLE alert (
    id BLOB NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    agency TEXT NOT NULL,
    category INTEGER NOT NULL,
    retracted INTEGER NOT NULL,
    sent_time INTEGER NOT NULL,
    message BLOB NOT NULL
) STRICT;
CREATE INDEX alert_newest_first ON alert (sent_time DESC, id DESC);

CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    alert BLOB NOT NULL,
    revision INTEGER NOT NULL,
    agency TEXT NOT NULL,
    categories INTEGER NOT NULL,
    accepted_time INTEGER NOT NULL,
    sent_time INTEGER NOT NULL,
    message BLOB NOT NULL
) STRICT;

CREATE TABLE outbox_mark (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE outcome_count (
    agency TEXT NOT NULL,
    outcome TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (agency, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
    id BLOB NOT NULL PRIMARY KEY,
    request BLOB UNIQUE,
    filter BLOB NOT NULL,
    create_time INTEGER NOT NULL
) STRICT;
