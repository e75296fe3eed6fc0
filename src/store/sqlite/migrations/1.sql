CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE resource (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  vendor_key TEXT,
  gone_at INTEGER,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX resource_key ON resource (tenant, kind, vendor_key)
  WHERE vendor_key IS NOT NULL AND gone_at IS NULL;
CREATE TABLE gone_value (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  attribute TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, id, attribute),
  FOREIGN KEY (tenant, kind, id) REFERENCES resource ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX gone_value_of ON gone_value (tenant, kind, attribute, value);
CREATE TABLE mark (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('unfinished', 'made', 'adopted')),
  vendor_key TEXT,
  since INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mark_key ON mark (tenant, kind, vendor_key) WHERE vendor_key IS NOT NULL;
CREATE TABLE mark_value (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  attribute TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, name, attribute),
  FOREIGN KEY (tenant, kind, name) REFERENCES mark ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX mark_value_of ON mark_value (tenant, kind, attribute, value);
CREATE TABLE kept (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  path TEXT NOT NULL,
  value TEXT NOT NULL,
  folded TEXT,
  PRIMARY KEY (tenant, kind, id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_exact ON kept (tenant, kind, path, value)
  WHERE substr(value, 1, 1) NOT IN ('[', '{');
CREATE INDEX kept_folded ON kept (tenant, kind, path, folded) WHERE folded IS NOT NULL;
CREATE TABLE kept_group (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  display_folded TEXT NOT NULL,
  external_id TEXT,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_group_name ON kept_group (tenant, kind, display_folded);
CREATE INDEX kept_group_external ON kept_group (tenant, kind, external_id)
  WHERE external_id IS NOT NULL;
CREATE TABLE member (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, group_id TEXT NOT NULL,
  member_kind TEXT NOT NULL, member_id TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, group_id, member_kind, member_id),
  FOREIGN KEY (tenant, kind, group_id) REFERENCES kept_group ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX member_of ON member (tenant, kind, member_kind, member_id);
