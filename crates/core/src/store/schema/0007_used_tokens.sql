-- Every row and column is explained in docs/schema.sql, which a test holds against this file.
ALTER TABLE tokens ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
UPDATE tokens SET used_at = revoked_at WHERE use = 'refresh';
