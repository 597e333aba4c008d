CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
  );

CREATE TABLE "articles" (
  seq INTEGER NOT NULL,
  id VARCHAR(36) NOT NULL,
  source INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  live BOOLEAN NOT NULL,
  held VARCHAR(16) DEFAULT '' NOT NULL,
  published BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  arrived BIGINT NOT NULL,
  date BIGINT NOT NULL,
  date_kind VARCHAR(16) NOT NULL,
  content_hash VARCHAR(64) NOT NULL,
  body_hash VARCHAR(64) NOT NULL,
  title_hash VARCHAR(16) NOT NULL,
  title TEXT NOT NULL,
  link TEXT,
  image TEXT,
  language TEXT,
  authors TEXT NOT NULL,
  categories TEXT NOT NULL,
  tags TEXT NOT NULL,
  summary TEXT NOT NULL,
  content TEXT NOT NULL,
  trace TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (seq),
  FOREIGN KEY(source) REFERENCES scopes (id),
  UNIQUE (id)
  );

CREATE TABLE catalog (
  id INTEGER NOT NULL,
  digest VARCHAR(64) NOT NULL,
  removable TEXT NOT NULL,
  PRIMARY KEY (id)
  );

CREATE TABLE files (
  folder INTEGER NOT NULL,
  path TEXT NOT NULL,
  signature TEXT NOT NULL,
  digest VARCHAR(64) NOT NULL,
  recipe VARCHAR(64) NOT NULL,
  outcome VARCHAR(16) NOT NULL,
  missing INTEGER NOT NULL,
  source INTEGER,
  seq INTEGER,
  content_hash VARCHAR(64) NOT NULL,
  categories TEXT NOT NULL,
  media TEXT NOT NULL,
  PRIMARY KEY (folder, path),
  FOREIGN KEY(folder) REFERENCES folders (id),
  FOREIGN KEY(seq) REFERENCES articles (seq),
  FOREIGN KEY(source) REFERENCES scopes (id)
  )
  WITHOUT ROWID;

CREATE TABLE folders (
  id INTEGER NOT NULL,
  path TEXT NOT NULL,
  scanned BIGINT,
  failures INTEGER NOT NULL,
  error TEXT NOT NULL, planned BIGINT,
  PRIMARY KEY (id),
  UNIQUE (path)
  );

CREATE TABLE members (
  scope INTEGER NOT NULL,
  arrived BIGINT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (scope, arrived, seq),
  FOREIGN KEY(scope) REFERENCES scopes (id),
  FOREIGN KEY(seq) REFERENCES articles (seq)
  )
  WITHOUT ROWID;

CREATE TABLE notices (
  id INTEGER NOT NULL,
  place TEXT NOT NULL,
  message TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (id)
  );

CREATE TABLE problems (
  id INTEGER NOT NULL,
  folder INTEGER NOT NULL,
  path TEXT NOT NULL,
  source TEXT NOT NULL,
  field TEXT NOT NULL,
  line INTEGER,
  message TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(folder) REFERENCES folders (id)
  );

CREATE TABLE runs (
  id INTEGER NOT NULL,
  folder INTEGER NOT NULL,
  started BIGINT NOT NULL,
  finished BIGINT NOT NULL,
  counts TEXT NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(folder) REFERENCES folders (id)
  );

CREATE TABLE scopes (
  id INTEGER NOT NULL,
  kind VARCHAR(16) NOT NULL,
  path TEXT NOT NULL,
  title TEXT NOT NULL,
  names TEXT NOT NULL,
  parent INTEGER,
  revision BIGINT NOT NULL,
  size BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  withdrawn BIGINT,
  link TEXT NOT NULL,
  language TEXT NOT NULL,
  opened BIGINT,
  gone BOOLEAN NOT NULL,
  definition VARCHAR(64) NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(parent) REFERENCES scopes (id),
  UNIQUE (path)
  );

CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', columnsize=0, detail='none', tokenize='ascii');

CREATE TABLE search_queue (
  id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (id)
  );

CREATE TABLE search_state (
  id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  revision BIGINT NOT NULL,
  edited BIGINT NOT NULL,
  PRIMARY KEY (id)
  );

CREATE TABLE search_texts (
  seq INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (seq)
  );

CREATE TABLE state (
  id INTEGER NOT NULL,
  revision BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  PRIMARY KEY (id)
  );

CREATE INDEX articles_by_body ON articles (body_hash, source);

CREATE INDEX articles_by_content ON articles (content_hash, source);

CREATE INDEX articles_by_key ON articles ("key", source);

CREATE INDEX articles_by_publication ON articles (source, live, held, published, id);

CREATE INDEX articles_by_title ON articles (title_hash, source);

CREATE INDEX files_by_article ON files (seq);

CREATE INDEX members_by_article ON members (seq);

CREATE INDEX problems_by_file ON problems (folder, path);

CREATE INDEX runs_by_folder ON runs (folder, started);

CREATE INDEX scopes_by_kind ON scopes (kind);

CREATE TRIGGER search_queue_changed AFTER UPDATE ON articles
  WHEN OLD.live <> NEW.live OR OLD.held <> NEW.held OR OLD.title <> NEW.title OR OLD.content <> NEW.content
  BEGIN INSERT INTO search_queue (seq) VALUES (NEW.seq); END;

CREATE TRIGGER search_queue_deleted AFTER DELETE ON articles
  BEGIN INSERT INTO search_queue (seq) VALUES (OLD.seq); END;

INSERT INTO alembic_version VALUES ('0004');

INSERT INTO search_state VALUES (1, 0, 0, 0);
