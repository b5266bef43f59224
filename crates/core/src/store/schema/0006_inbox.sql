-- Every row and column is explained in docs/schema.sql, which a test holds against this file.
ALTER TABLE inbox ADD COLUMN twin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN details TEXT NOT NULL DEFAULT '';
DROP INDEX inbox_by_time;
CREATE INDEX inbox_by_time ON inbox (received_at, seq, twin);
CREATE INDEX inbox_delayed ON inbox (created_at, twin)
    WHERE abs(created_at - received_at) > 600000;

CREATE TABLE phone_rows (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_seq   INTEGER UNIQUE REFERENCES inbox (seq) ON DELETE SET NULL,
    twin        INTEGER NOT NULL,
    sent_at     INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('silent', 'told', 'broadcast'))
) STRICT;
CREATE INDEX phone_rows_by_name ON phone_rows (twin, sent_at, received_at);
CREATE INDEX phone_rows_late ON phone_rows (twin, received_at, sent_at) WHERE state <> 'broadcast';
CREATE INDEX phone_rows_orphaned ON phone_rows (received_at) WHERE inbox_seq IS NULL;

CREATE TABLE inbox_jobs (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    kinds       TEXT    NOT NULL,
    delivery    TEXT    NOT NULL CHECK (delivery IN ('Disabled', 'Individual', 'Batch')),
    again       INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL DEFAULT 0,
    found       INTEGER NOT NULL DEFAULT 0,
    told        INTEGER NOT NULL DEFAULT 0,
    told_until  INTEGER NOT NULL DEFAULT -9223372036854775808,
    told_seq    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL
) STRICT;
