CREATE TABLE journal (
  tenant TEXT NOT NULL, number TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'settling', 'dead')),
  durable INTEGER NOT NULL CHECK (durable IN (0, 1)),
  intent TEXT NOT NULL,
  accepted_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  progress TEXT NOT NULL,
  error TEXT,
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX journal_order ON journal (tenant, kind, id, seq);
CREATE INDEX journal_due ON journal (tenant, due_at) WHERE state <> 'dead';
CREATE INDEX journal_state ON journal (tenant, state, accepted_at);
CREATE TABLE guard (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  counted_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guard_at ON guard (tenant, counted_at);
CREATE TABLE guard_trip (
  tenant TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
