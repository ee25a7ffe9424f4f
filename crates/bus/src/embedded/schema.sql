-- The embedded broker's file. Rows of one stream lie together: a key is the stream's id times 2^40 plus the sequence.

CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    subject_stem TEXT NOT NULL UNIQUE,
    work_queue INTEGER NOT NULL,
    age_max_ms INTEGER NOT NULL,
    bytes_max INTEGER NOT NULL,
    duplicate_window_ms INTEGER NOT NULL,
    -- Seconds since 1970-01-01 UTC.
    epoch INTEGER NOT NULL,
    -- What follows is kept in step with `messages` by every transaction.
    last_sequence INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE consumers (
    stream_id INTEGER PRIMARY KEY REFERENCES streams (id),
    name TEXT NOT NULL,
    ack_wait_ms INTEGER NOT NULL,
    ack_pending_max INTEGER NOT NULL,
    -- The highest sequence that was delivered once; it may lag a little behind.
    delivered INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    -- Milliseconds since 1970-01-01 UTC.
    stored_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    -- A Record, protobuf.
    record BLOB NOT NULL
) STRICT;

-- The ids of messages stored within the duplicate window, also of those that are gone. One row for each group of
-- messages that were stored together: their sequences follow one another from that in the key.
CREATE TABLE recent (
    key INTEGER PRIMARY KEY,
    stored_ms INTEGER NOT NULL,
    -- An Ids, protobuf.
    ids BLOB NOT NULL
) STRICT;

-- Deliveries that were given back, and when they are due again.
CREATE TABLE deferred (
    key INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL,
    due_ms INTEGER NOT NULL
) STRICT;
