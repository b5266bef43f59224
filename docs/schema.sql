-- SimRelay's database, explained.
--
-- The statements are those of crates/core/src/store/schema/ taken together, and a test holds them
-- against a fresh database. The file itself is simrelay.db in the data directory.
--
-- Throughout:
-- * Times are whole milliseconds since 1970 in UTC, durations whole milliseconds.
-- * Columns are NOT NULL. What is unknown is '' or 0, so that no query needs IS NULL.
--   The exceptions are inbox.delivery_key and phone_rows.inbox_seq, because UNIQUE must pass many
--   rows without a value.
-- * Row numbers are AUTOINCREMENT, so a number is never used a second time, even after a delete.
-- * The header holds the schema's version (user_version) and "SmRl" (application_id). A database
--   with a newer version or another application_id is refused, untouched.

-- Facts about this installation, one row each:
--   device_id        32 lower-case hex digits, made once, the deviceId of every webhook body unless
--                    the setting device.id takes over another
--   created_at       when the data directory was made
--   user, password   the credentials of the local API, in clear (docs/security.md says why)
--   port             where a phone serves the API, missing means 8080
--   token_secret     what tokens are signed with, 48 random characters (from version 2 on)
--   last_ping_at     when the last system:ping was made, so that a restart keeps the interval
--   removed_dead     how many dead deliveries were removed for their age so far
--   removed_dead_at  when that happened last, for the warning in health
--   boot             the phone's boot at which it was opened last (version 2)
--   inbox_refused    1 while the phone does not let its message store be read
--   inbox_granted_at when it became readable after that; what is older is no event
--   inbox_set_back_at  stands in for created_at while the clock stands before that, else 0
--   requeues         how often deliveries that were there before became due again
--   recovered_at     when the database was recovered after damage, or its log mended; 0 once the owner
--                    said that he has seen it
--   recovered_lost   how many rows are known to have been lost by that
--   probe            empty, written to see whether a storage that failed can be written again
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL                    -- numbers as decimal text
) STRICT, WITHOUT ROWID;

-- The settings that differ from their default. Missing means default.
CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,       -- "group.name", for example webhooks.retry_count
    value TEXT NOT NULL                    -- JSON text
) STRICT, WITHOUT ROWID;

-- Who wants to be told of what.
CREATE TABLE webhooks (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,  -- ours, the id is the owner's
    source     TEXT    NOT NULL CHECK (source IN ('local', 'cloud')),
                                           -- by the device's own API, or by a server in Cloud or
                                           -- Private mode. The two sets never meet
    id         TEXT    NOT NULL,           -- as registered, 1 to 64 printable characters
    url        TEXT    NOT NULL,           -- exactly as registered, may hold a key in its query
    event      TEXT    NOT NULL,           -- for example sms:received
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,           -- when it was last replaced
    failing_since INTEGER NOT NULL DEFAULT 0,  -- when the first of its failed attempts was settled
                                           -- since the last that arrived, 0 while they arrive
    UNIQUE (source, id)                    -- the key that people know, POST replaces by it
) STRICT;
-- Finds the receivers of an event, oldest registration first.
CREATE INDEX webhooks_by_event ON webhooks (event, key);
-- How many fail. Costs nothing while none does.
CREATE INDEX webhooks_failing ON webhooks (failing_since) WHERE failing_since > 0;

-- Messages that came in. Kept for ever unless messages.log_lifetime_days is set.
CREATE TABLE inbox (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT    NOT NULL UNIQUE, -- the messageId of payloads, nanoid 21
    kind          TEXT    NOT NULL CHECK (kind IN ('SMS', 'DATA_SMS', 'MMS', 'MMS_DOWNLOADED')),
    delivery_key  TEXT    UNIQUE,          -- made by the shell once per broadcast. The same fact told
                                           -- twice has the same key and is one message. NULL = none
    sender        TEXT    NOT NULL,        -- '' if unknown
    recipient     TEXT    NOT NULL DEFAULT '',   -- our own number, '' if unknown
    sim_number    INTEGER NOT NULL DEFAULT 0,    -- the receiving SIM, 1-based, 0 if unknown
    text          TEXT    NOT NULL DEFAULT '',   -- text of an SMS or MMS, or the subject of an MMS
    data          BLOB    NOT NULL DEFAULT x'',  -- bytes of a data SMS
    received_at   INTEGER NOT NULL,        -- the service centre's time if believable, else ours (of
                                           -- a row of the phone's store: else the phone's)
    created_at    INTEGER NOT NULL,        -- when it was kept, by our clock
    twin          INTEGER NOT NULL DEFAULT 0,    -- the first 8 bytes of a SHA-256 over sender and text
                                           -- of a text message, never 0; 0 for all others and for
                                           -- messages that version 1 kept
    details       TEXT    NOT NULL DEFAULT '',   -- what only an MMS has, as a JSON object
                                           -- {transactionId, subject, size, contentClass, hasBody},
                                           -- so that an export tells the same as the first event
    acknowledged INTEGER NOT NULL DEFAULT 0    -- which events of it a receiver has acknowledged: 1 its
                                           -- own, 2 that of a batch, 3 both. An export tells what none
                                           -- has
) STRICT;
-- Pages of GET /inbox, exports, removal by age; with the twin, matching with rows of the phone's
-- store needs no look at messages of other senders and texts.
CREATE INDEX inbox_by_time ON inbox (received_at, seq, twin);
-- Pages of the kinds that are rare. Costs an SMS nothing.
CREATE INDEX inbox_rare ON inbox (kind, received_at, seq) WHERE kind <> 'SMS';
-- The few that were kept more than ten minutes away from their time, for that matching.
CREATE INDEX inbox_delayed ON inbox (created_at, twin)
    WHERE abs(created_at - received_at) > 600000;

-- How many messages of each kind lie in a block of the list by time: after the block before, up to
-- the place in the key. A block is closed with 1,024 messages; those after the last one are counted
-- by reading them. So a page tells how many there are, and skips them, without reading them.
CREATE TABLE inbox_blocks (
    last_at  INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,          -- received_at and seq of its last place
    class    TEXT    NOT NULL,          -- as inbox.kind
    entries  INTEGER NOT NULL,          -- never 0, such a row goes
    PRIMARY KEY (last_at, last_seq, class)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER inbox_block_gains AFTER INSERT ON inbox BEGIN
    INSERT INTO inbox_blocks (last_at, last_seq, class, entries)
        SELECT last_at, last_seq, NEW.kind, 1 FROM
            (SELECT last_at, last_seq FROM inbox_blocks
             WHERE (last_at, last_seq) >= (NEW.received_at, NEW.seq)
             ORDER BY last_at, last_seq LIMIT 1) WHERE true
        ON CONFLICT (last_at, last_seq, class) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER inbox_block_loses AFTER DELETE ON inbox BEGIN
    UPDATE inbox_blocks SET entries = entries - 1
        WHERE class = OLD.kind AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM inbox_blocks
             WHERE (last_at, last_seq) >= (OLD.received_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
    DELETE FROM inbox_blocks
        WHERE entries = 0 AND class = OLD.kind AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM inbox_blocks
             WHERE (last_at, last_seq) >= (OLD.received_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
END;

-- Rows of the phone's own message store that were read, and which message each of them is. So a row
-- that is offered again is known, and a message that was removed by age does not come again. A row
-- without a message is removed when it is eight days old.
--
-- State       What was told of the message
-- silent      nothing: a refresh read it; a later reading, a broadcast or an export tells it
-- told        its event, by a reading or an export; its broadcast has not come
-- broadcast   its event, by its broadcast, before or after the row was read
CREATE TABLE phone_rows (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_seq   INTEGER UNIQUE REFERENCES inbox (seq) ON DELETE SET NULL,
                                           -- NULL once the message was removed by age
    twin        INTEGER NOT NULL,          -- as in inbox
    sent_at     INTEGER NOT NULL,          -- the service centre's second as the phone has it, 0 if it
                                           -- has none
    received_at INTEGER NOT NULL,          -- when the phone received it, by its clock
    state       TEXT    NOT NULL CHECK (state IN ('silent', 'told', 'broadcast'))
) STRICT;
-- Whether a row is known: the nth of a twin and second, or of a twin and time of receiving.
CREATE INDEX phone_rows_by_name ON phone_rows (twin, sent_at, received_at);
-- Whether a broadcast is late: rows of that twin that no broadcast told of.
CREATE INDEX phone_rows_late ON phone_rows (twin, received_at, sent_at) WHERE state <> 'broadcast';
-- Removal by age.
CREATE INDEX phone_rows_orphaned ON phone_rows (received_at) WHERE inbox_seq IS NULL;

-- Refreshes and exports of the inbox that were answered and are not done: the row is the job, and
-- goes when it is done.
CREATE TABLE inbox_jobs (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,   -- they are done in this order
    since       INTEGER NOT NULL,          -- first time of the range
    until       INTEGER NOT NULL,          -- last time of the range
    kinds       TEXT    NOT NULL,          -- kinds of inbox, with commas between
    delivery    TEXT    NOT NULL CHECK (delivery IN ('Disabled', 'Individual', 'Batch')),
    again       INTEGER NOT NULL,          -- 1 for an export: tell also what had its event
    last_seq    INTEGER NOT NULL DEFAULT 0,   -- messages before this inbox.seq are part of it; 0
                                           -- until the phone's store was read
    found       INTEGER NOT NULL DEFAULT 0,   -- messages that only the phone had
    told        INTEGER NOT NULL DEFAULT 0,   -- messages that were told so far
    told_until  INTEGER NOT NULL DEFAULT -9223372036854775808,   -- the message that was looked at
    told_seq    INTEGER NOT NULL DEFAULT 0,   -- last, by received_at and seq
    created_at  INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0     -- tell also what a receiver has acknowledged
) STRICT;

-- The parts of a downloaded MMS. They go with their message.
CREATE TABLE inbox_attachments (
    inbox_seq    INTEGER NOT NULL REFERENCES inbox (seq) ON DELETE CASCADE,
    part_id      INTEGER NOT NULL,              -- unique within the message
    content_type TEXT    NOT NULL DEFAULT '',   -- MIME type, '' when unknown
    name         TEXT    NOT NULL DEFAULT '',   -- file name, '' when unknown
    data         BLOB    NOT NULL DEFAULT x'',
    PRIMARY KEY (inbox_seq, part_id)
) STRICT;

-- One event for one webhook: the row is the job. Written in the transaction of its event.
--
-- State            Meaning                                      Leaves it by
-- pending          waits for its (next) attempt, or is just     the end of an attempt, or delete of
--                  attempted; only memory knows which           the webhook
-- delivered        a 2xx came, kept for 7 days                  age, or replay
-- dead             retries ran out, kept for 30 days            age, replay, discard, or delete of
--                                                               the webhook
-- cancelled        its webhook was deleted, or its owner        age
--                  discarded it, kept for 7 days
--
-- There is no foreign key to webhooks on purpose: what was delivered or cancelled outlives its
-- webhook, as a record.
CREATE TABLE deliveries (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,   -- first attempts go in this order
    id             TEXT    NOT NULL,         -- the id in the body, the same for every attempt. It
                                             -- begins with its time, so that its index grows at the
                                             -- end and costs no random page
    webhook_key    INTEGER NOT NULL,         -- webhooks.key. The url is read there at every attempt,
                                             -- so a new url takes over what is queued
    webhook_source TEXT    NOT NULL,         -- a copy, for the record
    webhook_id     TEXT    NOT NULL,         -- a copy, for the record and the log
    event          TEXT    NOT NULL,         -- the event at queueing time. A new event of the webhook
                                             -- leaves what is queued
    body           BLOB    NOT NULL,         -- the exact bytes that are posted, frozen at queueing
    state          TEXT    NOT NULL DEFAULT 'pending'
                   CHECK (state IN ('pending', 'delivered', 'dead', 'cancelled')),
    attempts       INTEGER NOT NULL DEFAULT 0,   -- attempts that ended. One that was cut off by a
                                                 -- crash or had no network does not count
    due_at         INTEGER NOT NULL,         -- not before this time, by the wall clock
    created_at     INTEGER NOT NULL,
    settled_at     INTEGER NOT NULL DEFAULT 0,   -- when it was delivered, dead or cancelled, else 0
    forgiven INTEGER NOT NULL DEFAULT 0          -- attempts before the last replay: they stay on
                                                 -- record and use up no retry
) STRICT;
-- The deliveries of a webhook, newest first.
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_key, seq);
-- Waiting first attempts of a webhook: one seek, however much is queued.
CREATE INDEX deliveries_first ON deliveries (webhook_key, seq)
    WHERE state = 'pending' AND attempts = 0;
-- Waiting retries of a webhook, the longest due first: one seek, however much is queued. The last
-- column is there so that the table itself is not read.
CREATE INDEX deliveries_retry ON deliveries (webhook_key, due_at, seq, attempts)
    WHERE state = 'pending' AND attempts > 0;
-- The delivery that people name by its id, and what a message led to, by the time in the id.
CREATE INDEX deliveries_by_id ON deliveries (id);
-- Tells the deliverer, which remembers what waits, to look at it again: a replay, say.
CREATE TRIGGER deliveries_requeued AFTER UPDATE OF state, due_at ON deliveries
WHEN NEW.state = 'pending' AND (OLD.state <> 'pending' OR NEW.due_at < OLD.due_at)
BEGIN
    INSERT INTO meta (key, value) VALUES ('requeues', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1;
END;
-- Pages and replay of what was given up. Costs nothing while all goes well.
CREATE INDEX deliveries_dead ON deliveries (webhook_key, seq) WHERE state = 'dead';
-- Removal by age.
CREATE INDEX deliveries_settled ON deliveries (state, settled_at) WHERE settled_at > 0;

-- What became of every counted attempt. They go with their delivery.
CREATE TABLE attempts (
    delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
    number       INTEGER NOT NULL,              -- from 1
    started_at   INTEGER NOT NULL,
    duration     INTEGER NOT NULL,
    class        TEXT    NOT NULL,              -- Success, Status, Redirect, Timeout, Connect, Tls,
                                                -- Dns, Closed, NotHttp or NotAllowed
    status       INTEGER NOT NULL DEFAULT 0,    -- the HTTP status, 0 if none came
    reason       TEXT    NOT NULL DEFAULT '',   -- one sentence for people, '' on success
    answer_head  TEXT    NOT NULL DEFAULT '',   -- the first 512 bytes of the answer
    cause TEXT NOT NULL DEFAULT '',             -- the reason as a word, and what it is about (a host
    about TEXT NOT NULL DEFAULT '',             -- or an authority), so that the page says it in
                                                -- every language
    PRIMARY KEY (delivery_seq, number)
) STRICT, WITHOUT ROWID;

-- What GET /logs shows. Never a message text, phone number, password, key or URL query.
-- Kept for logs.lifetime_days.
CREATE TABLE logs (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,   -- the id of a log entry
    created_at INTEGER NOT NULL,
    priority   TEXT    NOT NULL CHECK (priority IN ('DEBUG', 'INFO', 'WARN', 'ERROR')),
    module     TEXT    NOT NULL,              -- gateway, receiving, sending, webhooks, settings,
                                              -- device
    message    TEXT    NOT NULL,              -- one sentence
    context    TEXT    NOT NULL DEFAULT ''    -- a JSON object with details, '' if there are none
) STRICT;
-- The filters of the page. Only what went wrong stands in it, so that nothing else costs more.
CREATE INDEX logs_of_note ON logs (priority, seq) WHERE priority IN ('WARN', 'ERROR');

-- The times in each full 1,024 log entries, so that a range of times is found without an index of times,
-- which would cost every event a page.
CREATE TABLE log_blocks (
    last_seq INTEGER PRIMARY KEY,           -- a multiple of 1,024
    first_at INTEGER NOT NULL,              -- the earliest
    last_at  INTEGER NOT NULL               -- the latest
) STRICT;

-- The tokens that were issued. A token whose row is missing or revoked is worth nothing, whatever it
-- says and however well it is signed, so a change of the password empties the table. Rows go when
-- their token expires.
CREATE TABLE tokens (
    jti        TEXT    NOT NULL PRIMARY KEY,  -- nanoid 21, as it stands in the token
    use        TEXT    NOT NULL CHECK (use IN ('access', 'refresh')),
    family     TEXT    NOT NULL,              -- the jti of the first access token of the line: all
                                              -- that came of it by refreshing has the same
    pair       TEXT    NOT NULL DEFAULT '',   -- of a refresh token: the access token it came with
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0,    -- when it was revoked, or as a refresh token used; else 0
    used_at    INTEGER NOT NULL DEFAULT 0     -- of a refresh token: when it was exchanged; else 0
) STRICT, WITHOUT ROWID;
-- All refresh tokens of a line, when one of them is shown a second time.
CREATE INDEX tokens_by_family ON tokens (family) WHERE use = 'refresh';
-- The refresh token that goes with its access token.
CREATE INDEX tokens_by_pair ON tokens (pair) WHERE pair > '';
-- Removal by age.
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

-- Messages that go out. Those that are over go after messages.log_lifetime_days, if that is set.
CREATE TABLE messages (
    seq                   INTEGER PRIMARY KEY AUTOINCREMENT,
    id                    TEXT    NOT NULL UNIQUE,   -- the client's, or nanoid 21
    kind                  TEXT    NOT NULL CHECK (kind IN ('text', 'data')),
    content               TEXT    NOT NULL,          -- the text, or the data as base64, or what they
                                                     -- were encrypted to; exactly as it came
    port                  INTEGER NOT NULL DEFAULT 0,   -- of data
    is_encrypted          INTEGER NOT NULL DEFAULT 0,
    skips_validation      INTEGER NOT NULL DEFAULT 0,   -- of phone numbers; not part of the body
    with_delivery_report  INTEGER NOT NULL DEFAULT 1,
    sim_number            INTEGER NOT NULL DEFAULT 0,   -- that was asked for, 1-based, 0 for none
    priority              INTEGER NOT NULL DEFAULT 0,   -- -128 to 127, from 100 on nothing holds back
    ttl                   INTEGER NOT NULL DEFAULT 0,   -- seconds as asked for, 0 for none: a repeated
                                                        -- request is compared by it
    valid_until           INTEGER NOT NULL DEFAULT 0,   -- given, or from ttl; 0 for ever
    schedule_at           INTEGER NOT NULL DEFAULT 0,   -- 0 for at once
    created_at            INTEGER NOT NULL,
    waits                 TEXT    NOT NULL CHECK (waits IN ('ready', 'scheduled', 'no')),
                                                     -- in the queue, for its time, or not any more:
                                                     -- no recipient is Pending
    state                 TEXT    NOT NULL DEFAULT 'Pending'
                          CHECK (state IN ('Pending', 'Cancelled', 'Processed', 'Sent',
                                           'Delivered', 'Failed')),   -- of all its recipients
    parts_count           INTEGER NOT NULL DEFAULT 0,   -- as the modem cut it, 0 while unknown
    processed_at          INTEGER NOT NULL DEFAULT 0,   -- when it came to each state, 0 for not yet
    sent_at               INTEGER NOT NULL DEFAULT 0,
    delivered_at          INTEGER NOT NULL DEFAULT 0,
    failed_at             INTEGER NOT NULL DEFAULT 0,
    cancelled_at          INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Pages of GET /messages, and removal by age.
CREATE INDEX messages_by_time ON messages (created_at, seq);
-- The next to be sent: one seek, however much is queued.
CREATE INDEX messages_ready ON messages (priority, seq) WHERE waits = 'ready';
-- The next whose time comes, and the next that expires.
CREATE INDEX messages_scheduled ON messages (schedule_at) WHERE waits = 'scheduled';
CREATE INDEX messages_expiring ON messages (valid_until) WHERE waits <> 'no' AND valid_until > 0;
-- Those that failed lately, for health.
CREATE INDEX messages_failed ON messages (failed_at) WHERE failed_at > 0;

-- The same as inbox_blocks, for messages by created_at and their state.
CREATE TABLE message_blocks (
    last_at  INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    class    TEXT    NOT NULL,
    entries  INTEGER NOT NULL,
    PRIMARY KEY (last_at, last_seq, class)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER messages_block_gains AFTER INSERT ON messages BEGIN
    INSERT INTO message_blocks (last_at, last_seq, class, entries)
        SELECT last_at, last_seq, NEW.state, 1 FROM
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (NEW.created_at, NEW.seq)
             ORDER BY last_at, last_seq LIMIT 1) WHERE true
        ON CONFLICT (last_at, last_seq, class) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER messages_block_loses AFTER DELETE ON messages BEGIN
    UPDATE message_blocks SET entries = entries - 1
        WHERE class = OLD.state AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (OLD.created_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
    DELETE FROM message_blocks
        WHERE entries = 0 AND class = OLD.state AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (OLD.created_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
END;
CREATE TRIGGER messages_block_changes AFTER UPDATE OF state ON messages
WHEN OLD.state <> NEW.state BEGIN
    INSERT INTO message_blocks (last_at, last_seq, class, entries)
        SELECT last_at, last_seq, NEW.state, 1 FROM
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (NEW.created_at, NEW.seq)
             ORDER BY last_at, last_seq LIMIT 1) WHERE true
        ON CONFLICT (last_at, last_seq, class) DO UPDATE SET entries = entries + 1;
    UPDATE message_blocks SET entries = entries - 1
        WHERE class = OLD.state AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (OLD.created_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
    DELETE FROM message_blocks
        WHERE entries = 0 AND class = OLD.state AND (last_at, last_seq) =
            (SELECT last_at, last_seq FROM message_blocks
             WHERE (last_at, last_seq) >= (OLD.created_at, OLD.seq)
             ORDER BY last_at, last_seq LIMIT 1);
END;

-- One recipient of a message: the row is the job. They go with their message.
--
-- State       Meaning                                       Leaves it by
-- Pending     waits                                         hand-over, cancel, expiry, refusal
-- Processed   handed to the modem, committed before that    results of its parts, or its deadline
-- Sent        all parts are on the air                      reports, if they were asked for
-- Delivered, Failed, Cancelled                              nothing
CREATE TABLE recipients (
    message_seq     INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    number          INTEGER NOT NULL,            -- its place in the request, from 0
    phone_number    TEXT    NOT NULL,            -- exactly as it came
    dialled         TEXT    NOT NULL DEFAULT '', -- in international form, '' for as it came
    state           TEXT    NOT NULL DEFAULT 'Pending'
                    CHECK (state IN ('Pending', 'Cancelled', 'Processed', 'Sent', 'Delivered',
                                     'Failed')),
    error           TEXT    NOT NULL DEFAULT '', -- why it failed
    sim_number      INTEGER NOT NULL DEFAULT 0,  -- that it went by, 0 while unknown
    parts           INTEGER NOT NULL DEFAULT 0,  -- 0 while unknown
    sent_parts      BLOB    NOT NULL DEFAULT x'',   -- one bit a part, the first lowest
    delivered_parts BLOB    NOT NULL DEFAULT x'',
    handed_at       INTEGER NOT NULL DEFAULT 0,  -- when it was handed to the modem. Before that this
                                                 -- and overdue_at are -2^62, so that the row does not
                                                 -- grow then: a row that grows needs the pages beside
                                                 -- its own, and one of them may be damaged
    counts          INTEGER NOT NULL DEFAULT 0,  -- 1 as long as it counts for the limit: not any more
                                                 -- when it failed before it was on the air
    overdue_at      INTEGER NOT NULL DEFAULT 0,  -- when it fails, if nothing is heard of it
    interrupted     INTEGER NOT NULL DEFAULT 0,  -- the phone was down while the modem had it
    PRIMARY KEY (message_seq, number)
) STRICT, WITHOUT ROWID;
-- Deadlines.
CREATE INDEX recipients_overdue ON recipients (overdue_at) WHERE state = 'Processed';
-- The last one sent, and how many within a period.
CREATE INDEX recipients_handed ON recipients (handed_at, counts) WHERE handed_at > 0;

-- Who is signed in on the page. All go when the password changes.
CREATE TABLE sessions (
    token_hash BLOB    NOT NULL PRIMARY KEY,   -- SHA-256 of the token, which only the browser has
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
