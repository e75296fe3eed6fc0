CREATE TABLE serving (
  replica text COLLATE "C" NOT NULL REFERENCES replica ON DELETE CASCADE,
  tenant text COLLATE "C" NOT NULL,
  mapping text COLLATE "C" NOT NULL,
  PRIMARY KEY (replica, tenant)
);
