-- Every row and column is explained in docs/schema.sql, which a test holds against this file.
CREATE TRIGGER deliveries_requeued AFTER UPDATE OF state, due_at ON deliveries
WHEN NEW.state = 'pending' AND (OLD.state <> 'pending' OR NEW.due_at < OLD.due_at)
BEGIN
    INSERT INTO meta (key, value) VALUES ('requeues', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1;
END;

CREATE TABLE inbox_blocks (
    last_at  INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    class    TEXT    NOT NULL,
    entries  INTEGER NOT NULL,
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
CREATE INDEX inbox_rare ON inbox (kind, received_at, seq) WHERE kind <> 'SMS';

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

CREATE TABLE log_blocks (
    last_seq INTEGER PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT;
