ALTER TABLE journal ADD COLUMN planned_at bigint NOT NULL DEFAULT 0;
