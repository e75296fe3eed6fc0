CREATE TABLE guard (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  counted_at bigint NOT NULL,
  PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX guard_at ON guard (tenant, counted_at);
CREATE TABLE guard_trip (
  tenant text COLLATE "C" PRIMARY KEY,
  since bigint NOT NULL
);
