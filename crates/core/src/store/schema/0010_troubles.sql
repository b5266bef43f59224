-- Every row and column is explained in docs/schema.sql, which a test holds against this file.
ALTER TABLE webhooks ADD COLUMN failing_since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX webhooks_failing ON webhooks (failing_since) WHERE failing_since > 0;
CREATE INDEX logs_of_note ON logs (priority, seq) WHERE priority IN ('WARN', 'ERROR');
UPDATE deliveries SET state = 'cancelled'
    WHERE state = 'dead' AND webhook_key NOT IN (SELECT key FROM webhooks);
UPDATE webhooks SET failing_since = max(latest.at, 1)
    FROM (SELECT deliveries.webhook_key, attempts.class, max(attempts.started_at) AS at
          FROM attempts JOIN deliveries ON deliveries.seq = attempts.delivery_seq
          GROUP BY deliveries.webhook_key) AS latest
    WHERE latest.webhook_key = webhooks.key AND latest.class <> 'Success';
