ALTER TABLE journal ADD COLUMN acknowledged boolean NOT NULL DEFAULT false;
CREATE INDEX journal_acknowledged ON journal (tenant, state, kind, id, seq) WHERE acknowledged;
