ALTER TABLE inbox ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox_jobs ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
UPDATE inbox_jobs SET repeats = again;
UPDATE inbox SET acknowledged = 1 WHERE id IN (
    SELECT substr(CAST(body AS TEXT), instr(CAST(body AS TEXT), '"messageId":"') + 13, 21)
    FROM deliveries
    WHERE state = 'delivered' AND settled_at > 0
        AND event IN ('sms:received', 'sms:data-received', 'mms:received', 'mms:downloaded'));
