CREATE TABLE messages (
    seq                   INTEGER PRIMARY KEY AUTOINCREMENT,
    id                    TEXT    NOT NULL UNIQUE,
    kind                  TEXT    NOT NULL CHECK (kind IN ('text', 'data')),
    content               TEXT    NOT NULL,
    port                  INTEGER NOT NULL DEFAULT 0,
    is_encrypted          INTEGER NOT NULL DEFAULT 0,
    skips_validation      INTEGER NOT NULL DEFAULT 0,
    with_delivery_report  INTEGER NOT NULL DEFAULT 1,
    sim_number            INTEGER NOT NULL DEFAULT 0,
    priority              INTEGER NOT NULL DEFAULT 0,
    ttl                   INTEGER NOT NULL DEFAULT 0,
    valid_until           INTEGER NOT NULL DEFAULT 0,
    schedule_at           INTEGER NOT NULL DEFAULT 0,
    created_at            INTEGER NOT NULL,
    waits                 TEXT    NOT NULL CHECK (waits IN ('ready', 'scheduled', 'no')),
    state                 TEXT    NOT NULL DEFAULT 'Pending'
                          CHECK (state IN ('Pending', 'Cancelled', 'Processed', 'Sent',
                                           'Delivered', 'Failed')),
    parts_count           INTEGER NOT NULL DEFAULT 0,
    processed_at          INTEGER NOT NULL DEFAULT 0,
    sent_at               INTEGER NOT NULL DEFAULT 0,
    delivered_at          INTEGER NOT NULL DEFAULT 0,
    failed_at             INTEGER NOT NULL DEFAULT 0,
    cancelled_at          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_time ON messages (created_at, seq);
CREATE INDEX messages_ready ON messages (priority, seq) WHERE waits = 'ready';
CREATE INDEX messages_scheduled ON messages (schedule_at) WHERE waits = 'scheduled';
CREATE INDEX messages_expiring ON messages (valid_until) WHERE waits <> 'no' AND valid_until > 0;
CREATE INDEX messages_failed ON messages (failed_at) WHERE failed_at > 0;

CREATE TABLE recipients (
    message_seq     INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    phone_number    TEXT    NOT NULL,
    dialled         TEXT    NOT NULL DEFAULT '',
    state           TEXT    NOT NULL DEFAULT 'Pending'
                    CHECK (state IN ('Pending', 'Cancelled', 'Processed', 'Sent', 'Delivered',
                                     'Failed')),
    error           TEXT    NOT NULL DEFAULT '',
    sim_number      INTEGER NOT NULL DEFAULT 0,
    parts           INTEGER NOT NULL DEFAULT 0,
    sent_parts      BLOB    NOT NULL DEFAULT x'',
    delivered_parts BLOB    NOT NULL DEFAULT x'',
    handed_at       INTEGER NOT NULL DEFAULT 0,
    counts          INTEGER NOT NULL DEFAULT 0,
    overdue_at      INTEGER NOT NULL DEFAULT 0,
    interrupted     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_seq, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_overdue ON recipients (overdue_at) WHERE state = 'Processed';
CREATE INDEX recipients_handed ON recipients (handed_at, counts) WHERE handed_at > 0;
