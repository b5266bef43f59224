-- Every row and column is explained in docs/schema.sql, which a test holds against this file.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhooks (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    source     TEXT    NOT NULL CHECK (source IN ('local', 'cloud')),
    id         TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (source, id)
) STRICT;
CREATE INDEX webhooks_by_event ON webhooks (event, key);

CREATE TABLE inbox (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT    NOT NULL UNIQUE,
    kind          TEXT    NOT NULL CHECK (kind IN ('SMS', 'DATA_SMS', 'MMS', 'MMS_DOWNLOADED')),
    delivery_key  TEXT    UNIQUE,
    sender        TEXT    NOT NULL,
    recipient     TEXT    NOT NULL DEFAULT '',
    sim_number    INTEGER NOT NULL DEFAULT 0,
    text          TEXT    NOT NULL DEFAULT '',
    data          BLOB    NOT NULL DEFAULT x'',
    received_at   INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_by_time ON inbox (received_at, seq);

CREATE TABLE inbox_attachments (
    inbox_seq    INTEGER NOT NULL REFERENCES inbox (seq) ON DELETE CASCADE,
    part_id      INTEGER NOT NULL,
    content_type TEXT    NOT NULL DEFAULT '',
    name         TEXT    NOT NULL DEFAULT '',
    data         BLOB    NOT NULL DEFAULT x'',
    PRIMARY KEY (inbox_seq, part_id)
) STRICT;

CREATE TABLE deliveries (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL,
    webhook_key    INTEGER NOT NULL,
    webhook_source TEXT    NOT NULL,
    webhook_id     TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    body           BLOB    NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'pending'
                   CHECK (state IN ('pending', 'delivered', 'dead', 'cancelled')),
    attempts       INTEGER NOT NULL DEFAULT 0,
    due_at         INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    settled_at     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_key, seq);
CREATE INDEX deliveries_first ON deliveries (webhook_key, seq)
    WHERE state = 'pending' AND attempts = 0;
CREATE INDEX deliveries_retry ON deliveries (webhook_key, due_at, seq, attempts)
    WHERE state = 'pending' AND attempts > 0;
CREATE INDEX deliveries_settled ON deliveries (state, settled_at) WHERE settled_at > 0;

CREATE TABLE attempts (
    delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    duration     INTEGER NOT NULL,
    class        TEXT    NOT NULL,
    status       INTEGER NOT NULL DEFAULT 0,
    reason       TEXT    NOT NULL DEFAULT '',
    answer_head  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_seq, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL,
    priority   TEXT    NOT NULL CHECK (priority IN ('DEBUG', 'INFO', 'WARN', 'ERROR')),
    module     TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    context    TEXT    NOT NULL DEFAULT ''
) STRICT;
