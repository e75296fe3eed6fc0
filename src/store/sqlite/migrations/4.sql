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
