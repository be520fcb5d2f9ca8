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
];

/** The version of the database that this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks the file as ours (`PRAGMA application_id`): "aka" and a version byte. */
export const APPLICATION_ID = 0x616b6101;
