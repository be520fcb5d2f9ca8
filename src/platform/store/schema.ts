/**
 * The database, one step a version (`PRAGMA user_version` counts them). Steps that have been released are never
 * edited: a change is a new step, and every one is tested from every earlier version.
 */
export const MIGRATIONS: readonly string[] = [
  /* 1: spaces, apps, config vars, what they are placed on, and the audit log. */ `
  CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE regions (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    facts        TEXT NOT NULL,
    internal     INTEGER NOT NULL CHECK (internal IN (0, 1)),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;

  CREATE TABLE stacks (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    region       TEXT NOT NULL REFERENCES regions (name),
    base         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('public', 'beta', 'deprecated')),
    is_default   INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_default_stack ON stacks (is_default) WHERE is_default = 1;

  CREATE TABLE organizations (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;

  CREATE TABLE spaces (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    compliance   TEXT NOT NULL CHECK (compliance IN
                   ('', 'socs', 'prod', 'internal', 'socs,prod', 'socs,internal', 'prod,internal', 'socs,prod,internal')),
    stack        TEXT NOT NULL REFERENCES stacks (name),
    description  TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER compliance_is_for_ever BEFORE UPDATE OF id, name, compliance, stack ON spaces
  BEGIN SELECT RAISE(ABORT, 'name, compliance and stack of a space never change'); END;
  -- REPLACE removes the row in the way without an UPDATE or, unless triggers are recursive, a DELETE trigger.
  CREATE TRIGGER spaces_are_not_replaced BEFORE INSERT ON spaces
  WHEN EXISTS (SELECT 1 FROM spaces WHERE id = NEW.id OR name = NEW.name OR rowid = NEW.rowid)
  BEGIN SELECT RAISE(ABORT, 'a space is there already and never replaced'); END;

  CREATE TABLE blocks (
    number       INTEGER PRIMARY KEY,
    space        TEXT REFERENCES spaces (name) ON DELETE SET NULL
  ) STRICT;
  CREATE INDEX blocks_of_space ON blocks (space) WHERE space IS NOT NULL;
  CREATE INDEX free_blocks ON blocks (number) WHERE space IS NULL;

  CREATE TABLE apps (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    space        TEXT NOT NULL REFERENCES spaces (name),
    organization TEXT NOT NULL REFERENCES organizations (name),
    address      INTEGER NOT NULL UNIQUE,
    description  TEXT NOT NULL,
    labels       TEXT NOT NULL,
    maintenance  INTEGER NOT NULL CHECK (maintenance IN (0, 1)),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (space, name)
  ) STRICT;
  CREATE UNIQUE INDEX apps_by_name ON apps (name, space);
  CREATE TRIGGER apps_never_move BEFORE UPDATE OF id, name, space, address ON apps
  BEGIN SELECT RAISE(ABORT, 'an app keeps its name, space and address'); END;
  CREATE TRIGGER apps_are_not_replaced BEFORE INSERT ON apps
  WHEN EXISTS (SELECT 1 FROM apps WHERE id = NEW.id OR address = NEW.address OR (space, name) = (NEW.space, NEW.name)
               OR rowid = NEW.rowid)
  BEGIN SELECT RAISE(ABORT, 'an app is there already and never replaced'); END;

  CREATE TABLE config_vars (
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    value        BLOB NOT NULL,
    PRIMARY KEY (app, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY,
    record       TEXT NOT NULL,
    hash         TEXT NOT NULL,
    space        TEXT GENERATED ALWAYS AS (json_extract(record, '$.space')) VIRTUAL,
    app          TEXT GENERATED ALWAYS AS (json_extract(record, '$.app')) VIRTUAL,
    username     TEXT GENERATED ALWAYS AS (json_extract(record, '$.username')) VIRTUAL
  ) STRICT;
  CREATE INDEX audit_of_space ON audit (space, seq);
  CREATE INDEX audit_of_app ON audit (app, seq);
  CREATE INDEX audit_of_user ON audit (username, seq);
  CREATE TRIGGER audit_has_no_gaps BEFORE INSERT ON audit
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  BEGIN SELECT RAISE(ABORT, 'audit records are only added at the end'); END;
  CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit records are never removed'); END;

  CREATE TABLE answers (
    caller       TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    answer       BLOB NOT NULL,
    at           TEXT NOT NULL,
    PRIMARY KEY (caller, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX answers_by_age ON answers (at);
  `,
  /* 2: what apps run, and how the platform runs it. */ `
  DELETE FROM meta WHERE name = 'router_port';

  CREATE TABLE settings (
    name         TEXT PRIMARY KEY,
    value        TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE formations (
    id           TEXT PRIMARY KEY,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    type         TEXT NOT NULL,
    command      TEXT,
    quantity     INTEGER NOT NULL,
    size         TEXT NOT NULL,
    port         INTEGER,
    healthcheck  TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (app, type)
  ) STRICT;

  -- What builds made: a folder each, named by the digest of what is in it. Nothing of one ever changes.
  CREATE TABLE slugs (
    digest       TEXT PRIMARY KEY,
    facts        TEXT NOT NULL,
    created_at   TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER slugs_never_change BEFORE UPDATE ON slugs
  BEGIN SELECT RAISE(ABORT, 'a slug never changes'); END;

  CREATE TABLE builds (
    id           TEXT PRIMARY KEY,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('queued', 'pending', 'succeeded', 'failed')),
    reason       TEXT,
    source       TEXT NOT NULL,
    user         TEXT NOT NULL,
    -- The digest of everything that goes into it: the same again needs no building.
    made_of      TEXT,
    slug         TEXT REFERENCES slugs (digest),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (app, number)
  ) STRICT;
  CREATE INDEX builds_to_do ON builds (created_at) WHERE status IN ('queued', 'pending');
  CREATE INDEX builds_of_slug ON builds (slug) WHERE slug IS NOT NULL;

  CREATE TABLE releases (
    id           TEXT PRIMARY KEY,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    version      INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    reason       TEXT,
    description  TEXT NOT NULL,
    build        TEXT REFERENCES builds (id) ON DELETE SET NULL,
    slug         TEXT REFERENCES slugs (digest),
    -- The config vars of then, sealed.
    config       BLOB NOT NULL,
    user         TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (app, version)
  ) STRICT;
  CREATE INDEX releases_pending ON releases (app) WHERE status = 'pending';
  CREATE INDEX releases_of_slug ON releases (slug) WHERE slug IS NOT NULL;
  CREATE INDEX releases_of_build ON releases (build) WHERE build IS NOT NULL;
  CREATE TRIGGER releases_never_change BEFORE UPDATE OF id, app, version, slug ON releases
  BEGIN SELECT RAISE(ABORT, 'what a release runs never changes'); END;

  -- What the daemon has running, as it last wrote it; of no meaning while there is no daemon.
  CREATE TABLE dynos (
    id           TEXT PRIMARY KEY,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    release      TEXT REFERENCES releases (id) ON DELETE CASCADE,
    type         TEXT NOT NULL,
    number       INTEGER NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT,
    address      INTEGER NOT NULL,
    port         INTEGER,
    size         TEXT NOT NULL,
    command      TEXT NOT NULL,
    restarts     INTEGER NOT NULL,
    -- The last app of its space whose discovery vars it has, by when that was created.
    knows_until  TEXT NOT NULL,
    -- Somebody wants another in its place.
    renew        INTEGER NOT NULL CHECK (renew IN (0, 1)),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;
  CREATE INDEX dynos_of_app ON dynos (app);
  CREATE INDEX dynos_of_release ON dynos (release) WHERE release IS NOT NULL;

  -- Services of this machine that the dynos of a space may reach.
  CREATE TABLE allowed_hosts (
    space        TEXT NOT NULL REFERENCES spaces (name) ON DELETE CASCADE,
    port         INTEGER NOT NULL,
    name         TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (space, port)
  ) STRICT, WITHOUT ROWID;
  `,
  /* 3: what compliance is kept by. */ `
  -- Who may come in over the network.
  --
  -- What must be well before a build is applied.
  --
  -- Apps from review to production.
  --
  -- Credentials that apps share.
  --
  -- Mail to administrators.
  -- Settings that are secrets.
  CREATE TABLE sealed_settings (
    name         TEXT PRIMARY KEY,
    value        BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- From where the next digest of a socs space tells. A space that is no more keeps it until its last one is made.
  CREATE TABLE digest_marks (
    space_id     TEXT PRIMARY KEY,
    space        TEXT NOT NULL,
    since        TEXT NOT NULL,
    after        INTEGER NOT NULL,
    ended_at     TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO digest_marks
  SELECT id, name, created_at, 0, NULL FROM spaces WHERE compliance LIKE 'socs%';

  -- Digests to be mailed, and those that were. What they tell is the audit records between two numbers.
  CREATE TABLE digests (
    message_id   TEXT PRIMARY KEY,
    space_id     TEXT NOT NULL,
    space        TEXT NOT NULL,
    since        TEXT NOT NULL,
    until        TEXT NOT NULL,
    after        INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    -- The state of the audit log when it was made.
    chain        TEXT NOT NULL,
    -- Who has it already, as a list.
    reached      TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    next_at      TEXT NOT NULL,
    -- While somebody tries to mail it.
    leased_until TEXT,
    sent_at      TEXT,
    -- What the mail server said last, or why it said nothing.
    answer       TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX digests_waiting ON digests (next_at) WHERE sent_at IS NULL;
  CREATE INDEX digests_sent ON digests (sent_at);
  CREATE INDEX digests_of_space ON digests (space_id, sent_at);
  --
  -- What may be shown.
  --
  -- Who gave way.
  --
  -- Since when.
  ALTER TABLE audit ADD COLUMN at TEXT GENERATED ALWAYS AS (json_extract(record, '$.at')) VIRTUAL;
  CREATE INDEX audit_by_time ON audit (at);
  `,
];

/** The version of the database that this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks the file as ours (`PRAGMA application_id`): "aka" and a version byte. */
export const APPLICATION_ID = 0x616b6101;
