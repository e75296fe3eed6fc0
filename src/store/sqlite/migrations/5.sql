ALTER TABLE journal ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1));
CREATE INDEX journal_acknowledged ON journal (tenant, state, kind, id, seq) WHERE acknowledged = 1;
