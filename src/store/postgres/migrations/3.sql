CREATE UNLOGGED TABLE rate (
  tenant text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  first bigint NOT NULL DEFAULT 0,
  next bigint NOT NULL DEFAULT 0,
  slice bigint NOT NULL DEFAULT 0,
  taken bigint[] NOT NULL DEFAULT '{}',
  granted bigint NOT NULL DEFAULT 0,
  closed bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, name)
);
