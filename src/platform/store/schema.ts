/** Of a row that is written: whether its app is in a socs space. */
const IN_SOCS =
  "EXISTS (SELECT 1 FROM apps a JOIN spaces s ON s.name = a.space WHERE a.id = NEW.app AND s.compliance LIKE 'socs%')";

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
  UPDATE formations SET size = size || '-prod' WHERE size NOT LIKE '%-prod' AND app IN
    (SELECT apps.id FROM apps JOIN spaces ON spaces.name = apps.space WHERE spaces.compliance LIKE '%prod%');

  -- Who may come in over the network.
  CREATE TABLE tokens (
    name         TEXT PRIMARY KEY,
    role         TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    -- The SHA-256 of a secret that is kept nowhere.
    digest       BLOB NOT NULL UNIQUE,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT,
    used_at      TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER tokens_never_change BEFORE UPDATE OF name, role, digest, expires_at ON tokens
  BEGIN SELECT RAISE(ABORT, 'a token keeps its name, role, secret and end'); END;
  CREATE TABLE token_spaces (
    token        TEXT NOT NULL REFERENCES tokens (name) ON DELETE CASCADE,
    -- Another space of the same name is not what was given to it.
    space        TEXT NOT NULL REFERENCES spaces (name) ON DELETE CASCADE,
    PRIMARY KEY (token, space)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_of_space ON token_spaces (space);
  -- Who made which, also of those that are gone: whoever made a token knows its secret.
  CREATE TABLE token_makers (
    token        TEXT NOT NULL,
    -- In lower case.
    maker        TEXT NOT NULL,
    PRIMARY KEY (token, maker)
  ) STRICT, WITHOUT ROWID;

  -- Who may report of which check of builds.
  CREATE TABLE reporters (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    context      TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('token', 'webhook', 'user')),
    -- Of a token: the SHA-256 of its secret.
    digest       BLOB UNIQUE,
    -- Of a webhook: its secret, sealed; and which of the checks of its repository counts.
    secret       BLOB,
    follows      TEXT,
    -- Of a user: their name.
    user         TEXT,
    added_by     TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    CHECK ((kind = 'token') = (digest IS NOT NULL) AND (kind = 'webhook') = (secret IS NOT NULL)
           AND (kind = 'webhook') = (follows IS NOT NULL) AND (kind = 'user') = (user IS NOT NULL))
  ) STRICT;
  CREATE INDEX reporters_of_context ON reporters (context);

  -- What a webhook said of commits, which may be before there is a build of them.
  CREATE TABLE commit_states (
    reporter     TEXT NOT NULL REFERENCES reporters (id) ON DELETE CASCADE,
    sha          TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failure', 'error')),
    description  TEXT NOT NULL,
    target_url   TEXT NOT NULL,
    -- By the clock of the repository, and by ours.
    at           TEXT NOT NULL,
    seen_at      TEXT NOT NULL,
    PRIMARY KEY (reporter, sha)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX commit_states_by_age ON commit_states (reporter, seen_at);

  -- What a build needs before it is built; one that needs nothing has none.
  CREATE TABLE build_checks (
    build        TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    context      TEXT NOT NULL,
    id           TEXT NOT NULL UNIQUE,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failure', 'error')),
    name         TEXT NOT NULL,
    description  TEXT NOT NULL,
    target_url   TEXT NOT NULL,
    image_url    TEXT NOT NULL,
    reporter     TEXT REFERENCES reporters (id) ON DELETE SET NULL,
    reported_by  TEXT,
    overruled_by TEXT,
    because      TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    PRIMARY KEY (build, context),
    CHECK ((overruled_by IS NULL) = (because IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX build_checks_missing ON build_checks (build) WHERE state <> 'success' AND overruled_by IS NULL;
  CREATE INDEX build_checks_by_reporter ON build_checks (reporter) WHERE reporter IS NOT NULL;

  -- What an app of a socs space may run: the slugs of builds that passed.
  CREATE TABLE passed_slugs (
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    slug         TEXT NOT NULL REFERENCES slugs (digest) ON DELETE CASCADE,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (app, slug)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX passed_slugs_of_slug ON passed_slugs (slug);

  CREATE TRIGGER builds_begin_by_waiting BEFORE INSERT ON builds
  WHEN NEW.status = 'queued' AND ${IN_SOCS}
  BEGIN SELECT RAISE(ABORT, 'a build in a socs space waits for its checks'); END;
  CREATE TRIGGER builds_wait_for_checks BEFORE UPDATE OF status ON builds
  WHEN NEW.status IN ('queued', 'succeeded') AND (
    EXISTS (SELECT 1 FROM build_checks WHERE build = NEW.id AND state <> 'success' AND overruled_by IS NULL)
    OR (${IN_SOCS} AND NOT EXISTS (SELECT 1 FROM build_checks WHERE build = NEW.id)))
  BEGIN SELECT RAISE(ABORT, 'a build waits for its checks'); END;
  -- What ran before there were checks may go on, as when its config changes; nothing else that never passed is released.
  CREATE TRIGGER releases_passed_checks BEFORE INSERT ON releases
  WHEN NEW.slug IS NOT NULL AND ${IN_SOCS}
    AND NOT EXISTS (SELECT 1 FROM passed_slugs WHERE app = NEW.app AND slug = NEW.slug)
    AND NEW.slug IS NOT (SELECT slug FROM releases WHERE app = NEW.app ORDER BY version DESC LIMIT 1)
    AND NEW.slug IS NOT
      (SELECT slug FROM releases WHERE app = NEW.app AND status = 'succeeded' ORDER BY version DESC LIMIT 1)
  BEGIN SELECT RAISE(ABORT, 'what a socs space releases has passed its checks'); END;
  UPDATE builds SET status = 'failed', reason = 'it was asked for before builds here had to pass checks'
    WHERE status IN ('queued', 'pending') AND app IN
      (SELECT a.id FROM apps a JOIN spaces s ON s.name = a.space WHERE s.compliance LIKE 'socs%');

  -- Apps from review to production.
  CREATE TABLE pipelines (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    description  TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;

  -- Which app is at which stage of which pipeline.
  CREATE TABLE couplings (
    id           TEXT PRIMARY KEY,
    pipeline     TEXT NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    stage        TEXT NOT NULL CHECK (stage IN ('review', 'development', 'staging', 'production')),
    -- The contexts that must be well before something is promoted to it: a JSON list.
    required     TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (pipeline, app)
  ) STRICT;
  CREATE INDEX couplings_of_app ON couplings (app);

  -- What others say about releases.
  CREATE TABLE release_statuses (
    id           TEXT PRIMARY KEY,
    release      TEXT NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    context      TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failure', 'error')),
    name         TEXT NOT NULL,
    description  TEXT NOT NULL,
    target_url   TEXT NOT NULL,
    image_url    TEXT NOT NULL,
    user         TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (release, context)
  ) STRICT;

  -- Where what an app was given by a promotion is from; source and pipeline by the names they had then.
  CREATE TABLE promotions (
    id           TEXT NOT NULL,
    target       TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    release      TEXT REFERENCES releases (id) ON DELETE CASCADE,
    -- One that waits for the checks of its app, which then makes the release.
    build        TEXT REFERENCES builds (id) ON DELETE CASCADE,
    pipeline     TEXT NOT NULL,
    source       TEXT NOT NULL,
    version      INTEGER NOT NULL,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (id, target)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX promotions_to ON promotions (target);
  CREATE INDEX promotions_of_release ON promotions (release) WHERE release IS NOT NULL;
  CREATE INDEX promotions_of_build ON promotions (build) WHERE build IS NOT NULL;
  -- Credentials that apps share.
  CREATE TABLE credentials (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    plan         TEXT NOT NULL,
    -- The app it was created for; null for one of the platform.
    owner        TEXT REFERENCES apps (id),
    -- What a space must have for its apps to get it: because of its plan, and of its owner's space.
    requires     TEXT NOT NULL CHECK (requires IN
                   ('', 'socs', 'prod', 'internal', 'socs,prod', 'socs,internal', 'prod,internal', 'socs,prod,internal')),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL
  ) STRICT;
  CREATE INDEX credentials_of_owner ON credentials (owner) WHERE owner IS NOT NULL;
  CREATE TRIGGER credentials_keep_their_plan BEFORE UPDATE OF id, name, plan, owner, requires ON credentials
  BEGIN SELECT RAISE(ABORT, 'a credential keeps its plan, its owner and what it requires'); END;

  CREATE TABLE credential_vars (
    credential   TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    value        BLOB NOT NULL,
    PRIMARY KEY (credential, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attachments (
    id           TEXT PRIMARY KEY,
    credential   TEXT NOT NULL REFERENCES credentials (id),
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    -- What the names of its vars begin with in that app.
    prefix       TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    UNIQUE (credential, app)
  ) STRICT;
  CREATE INDEX attachments_of_app ON attachments (app);
  CREATE TRIGGER attachments_never_change BEFORE UPDATE ON attachments
  BEGIN SELECT RAISE(ABORT, 'an attachment never changes'); END;
  -- Neither an app's space nor a space's compliance ever changes, so what holds here holds for ever.
  CREATE TRIGGER attachments_follow_compliance BEFORE INSERT ON attachments
  WHEN EXISTS (
    SELECT 1 FROM credentials c, apps a JOIN spaces s ON s.name = a.space
    WHERE c.id = NEW.credential AND a.id = NEW.app
      AND ((c.requires LIKE '%socs%' AND s.compliance NOT LIKE '%socs%')
        OR (c.requires LIKE '%prod%' AND s.compliance NOT LIKE '%prod%')
        OR (c.requires LIKE '%internal%' AND s.compliance NOT LIKE '%internal%')))
  BEGIN SELECT RAISE(ABORT, 'the space lacks a compliance that the credential requires'); END;

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
  CREATE INDEX digests_sent ON digests (sent_at) WHERE sent_at IS NOT NULL;
  CREATE INDEX digests_of_space ON digests (space_id, sent_at);

  -- Where dynos of formations are to be, and who gave way.
  CREATE TABLE places (
    app          TEXT NOT NULL,
    type         TEXT NOT NULL,
    number       INTEGER NOT NULL,
    -- Who came first is served first.
    since        TEXT NOT NULL,
    -- Why no dyno is in it, where that is for want of room; NULL where nothing is in the way.
    lack         TEXT CHECK (lack IN ('evicted', 'waiting', 'down')),
    reason       TEXT,
    lack_since   TEXT,
    PRIMARY KEY (app, type, number),
    FOREIGN KEY (app, type) REFERENCES formations (app, type) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 32)
  INSERT INTO places (app, type, number, since)
    SELECT app, type, number, created_at FROM formations JOIN numbers ON number <= quantity;
  -- Since when.
  ALTER TABLE audit ADD COLUMN at TEXT GENERATED ALWAYS AS (json_extract(record, '$.at')) VIRTUAL;
  CREATE INDEX audit_by_time ON audit (at);
  `,
  /* 4: what clients of Akkeris ask for besides: tokens that say for whom they ask, and favourites. */ `
  ALTER TABLE tokens ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0 CHECK (trusted IN (0, 1));

  CREATE TABLE favorites (
    -- Whose: the name in the audit log.
    username     TEXT NOT NULL,
    app          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id           TEXT NOT NULL UNIQUE,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (username, app)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX favorites_of_app ON favorites (app);
  `,
  /* 5: who is called when something happens to an app. */ `
  CREATE TABLE hooks (
    id           TEXT PRIMARY KEY,
    -- The id of its app. It outlives that until it has told that the app is gone.
    app          TEXT NOT NULL,
    -- Both sealed: a URL may have a secret in it.
    url          BLOB NOT NULL,
    secret       BLOB NOT NULL,
    -- A JSON list.
    events       TEXT NOT NULL,
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Where it may call: an administrator's anywhere, a user's nothing that is private.
    reach        TEXT NOT NULL CHECK (reach IN ('any', 'public')),
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    -- When its app was destroyed.
    ended_at     TEXT
  ) STRICT;
  CREATE INDEX hooks_of_app ON hooks (app, created_at);

  -- What hooks are to be called with, and what came of it.
  CREATE TABLE hook_deliveries (
    -- Counts up, so that they are told in the order in which they happened.
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    hook         TEXT NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    event        TEXT NOT NULL,
    payload      TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- When it is tried next; NULL once it is over.
    next_at      TEXT,
    -- The tries so far, and the last answer in full: JSON.
    tries        TEXT NOT NULL,
    answer       TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    CHECK ((status = 'pending') = (next_at IS NOT NULL))
  ) STRICT;
  CREATE INDEX hook_deliveries_of_hook ON hook_deliveries (hook, number);
  CREATE INDEX hook_deliveries_next ON hook_deliveries (hook, next_at) WHERE next_at IS NOT NULL;
  CREATE INDEX hook_deliveries_over ON hook_deliveries (updated_at) WHERE next_at IS NULL;
  `,
  /* 6: addresses of destroyed apps that dynos still have in their environment. */ `
  -- The number of the last change when its environment was made; 0 before that.
  ALTER TABLE dynos ADD COLUMN environment_seq INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE left_addresses (
    address      INTEGER PRIMARY KEY,
    space        TEXT NOT NULL REFERENCES spaces (name) ON DELETE CASCADE,
    -- The name of the app, when it was created, and the number of the last change before it was destroyed.
    app          TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    seq          INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX left_addresses_of_space ON left_addresses (space);
  `,
  /* 7: the checksum of the source that a reporter approved. */ `
  ALTER TABLE build_checks ADD COLUMN checksum TEXT;
  CREATE INDEX build_checks_approved ON build_checks (context) WHERE checksum IS NOT NULL;
  `,
  /* 8: how long the dynos of a process type may take to end, in seconds; NULL for the default. */ `
  ALTER TABLE formations ADD COLUMN grace INTEGER;
  `,
  /* 9: browsers that are logged in to the console. */ `
  CREATE TABLE sessions (
    name         TEXT PRIMARY KEY,
    username     TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    -- The token that it was opened with and ends with; NULL for the user of the machine.
    token        TEXT REFERENCES tokens (name) ON DELETE CASCADE,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    used_at      TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_token ON sessions (token);

  -- What opens a session. There are several for a moment, while a browser takes the next one.
  CREATE TABLE session_secrets (
    digest       BLOB PRIMARY KEY,
    session      TEXT NOT NULL REFERENCES sessions (name) ON DELETE CASCADE,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    -- Whether the browser has sent it, and so has it.
    confirmed    INTEGER NOT NULL CHECK (confirmed IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX secrets_of_session ON session_secrets (session);

  CREATE TABLE login_codes (
    digest       BLOB PRIMARY KEY,
    username     TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    token        TEXT REFERENCES tokens (name) ON DELETE CASCADE,
    expires_at   TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX codes_of_token ON login_codes (token);
  `,
];

/** The version of the database that this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks the file as ours (`PRAGMA application_id`): "aka" and a version byte. */
export const APPLICATION_ID = 0x616b6101;
