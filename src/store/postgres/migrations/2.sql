CREATE TABLE journal (
  tenant text COLLATE "C" NOT NULL, number text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'settling', 'dead')),
  durable boolean NOT NULL,
  intent text NOT NULL,
  accepted_at bigint NOT NULL,
  due_at bigint NOT NULL,
  attempts bigint NOT NULL,
  progress text NOT NULL,
  error text,
  PRIMARY KEY (tenant, number)
);
CREATE UNIQUE INDEX journal_order ON journal (tenant, kind, id, seq);
CREATE INDEX journal_due ON journal (tenant, due_at) WHERE state <> 'dead';
CREATE INDEX journal_state ON journal (tenant, state, accepted_at);
CREATE SEQUENCE fence;
CREATE TABLE replica (
  id text COLLATE "C" PRIMARY KEY,
  until timestamptz NOT NULL
);
CREATE TABLE lease (
  tenant text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  owner text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY (tenant, name)
);
CREATE INDEX lease_owner ON lease (owner);
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
