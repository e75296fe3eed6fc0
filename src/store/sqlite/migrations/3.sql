CREATE TABLE outsider (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  said TEXT NOT NULL,
  owed INTEGER NOT NULL CHECK (owed IN (0, 1)),
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE outsider_value (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  attribute TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, id, attribute),
  FOREIGN KEY (tenant, kind, id) REFERENCES outsider ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX outsider_value_of ON outsider_value (tenant, kind, attribute, value);
