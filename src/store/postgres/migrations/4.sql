ALTER TABLE lease ADD COLUMN taken_from text COLLATE "C";
CREATE TABLE watch (
  tenant text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  until timestamptz NOT NULL,
  reports bigint NOT NULL DEFAULT 0,
  looked bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, name)
);
CREATE TABLE watched (
  tenant text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  intent text NOT NULL,
  PRIMARY KEY (tenant, name, seq)
);
