ALTER TABLE deliveries ADD COLUMN forgiven INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_dead ON deliveries (webhook_key, seq) WHERE state = 'dead';
ALTER TABLE attempts ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN about TEXT NOT NULL DEFAULT '';
