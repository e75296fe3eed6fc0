CREATE TABLE resource (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  version bigint NOT NULL DEFAULT 0,
  vendor_key text COLLATE "C",
  gone_at bigint,
  PRIMARY KEY (tenant, kind, id)
);
CREATE UNIQUE INDEX resource_key ON resource (tenant, kind, vendor_key)
  WHERE vendor_key IS NOT NULL AND gone_at IS NULL;
CREATE INDEX resource_gone_key ON resource (tenant, kind, vendor_key, gone_at)
  WHERE vendor_key IS NOT NULL AND gone_at IS NOT NULL;
CREATE TABLE gone_value (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  attribute text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, id, attribute),
  FOREIGN KEY (tenant, kind, id) REFERENCES resource ON DELETE CASCADE
);
CREATE INDEX gone_value_of ON gone_value (tenant, kind, attribute, md5(value));
CREATE TABLE mark (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('unfinished', 'made', 'adopted')),
  vendor_key text COLLATE "C",
  since bigint NOT NULL,
  PRIMARY KEY (tenant, kind, name)
);
CREATE UNIQUE INDEX mark_key ON mark (tenant, kind, vendor_key) WHERE vendor_key IS NOT NULL;
CREATE TABLE mark_value (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  attribute text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, name, attribute),
  FOREIGN KEY (tenant, kind, name) REFERENCES mark ON DELETE CASCADE
);
CREATE INDEX mark_value_of ON mark_value (tenant, kind, attribute, md5(value));
CREATE TABLE kept (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  folded text COLLATE "C",
  PRIMARY KEY (tenant, kind, id, path)
);
CREATE INDEX kept_exact ON kept (tenant, kind, path, md5(value))
  WHERE left(value, 1) NOT IN ('[', '{');
CREATE INDEX kept_folded ON kept (tenant, kind, path, md5(folded)) WHERE folded IS NOT NULL;
CREATE TABLE kept_group (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  display_name text COLLATE "C" NOT NULL,
  display_folded text COLLATE "C" NOT NULL,
  external_id text COLLATE "C",
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL,
  PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX kept_group_name ON kept_group (tenant, kind, md5(display_folded));
CREATE INDEX kept_group_external ON kept_group (tenant, kind, md5(external_id))
  WHERE external_id IS NOT NULL;
CREATE TABLE member (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, group_id text COLLATE "C" NOT NULL,
  member_kind text COLLATE "C" NOT NULL, member_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, group_id, member_kind, member_id),
  FOREIGN KEY (tenant, kind, group_id) REFERENCES kept_group ON DELETE CASCADE
);
CREATE INDEX member_of ON member (tenant, kind, member_kind, member_id);
CREATE TABLE outsider (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  said text NOT NULL,
  owed boolean NOT NULL,
  PRIMARY KEY (tenant, kind, id)
);
CREATE TABLE outsider_value (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  attribute text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, id, attribute),
  FOREIGN KEY (tenant, kind, id) REFERENCES outsider ON DELETE CASCADE
);
CREATE INDEX outsider_value_of ON outsider_value (tenant, kind, attribute, md5(value));
