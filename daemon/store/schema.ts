/**
 * The tables of the store, as numbered steps: a file at step N is brought forward by the steps after
 * N. A step that was released is never changed; a new need is a new step.
 */
export interface SchemaStep {
  readonly sql: string
}

const audit = `
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    phase TEXT NOT NULL,
    outcome TEXT,
    facts TEXT NOT NULL
  ) STRICT;`

/** Lists and flags of a token are JSON: they are read whole or not at all. */
const tokens = `
  CREATE TABLE tokens (
    serial TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    firmware TEXT NOT NULL,
    hardware TEXT NOT NULL,
    slot TEXT NOT NULL,
    module TEXT NOT NULL,
    pin TEXT NOT NULL,
    mechanisms TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL
  ) STRICT;
  CREATE TABLE token_certificates (
    serial TEXT NOT NULL REFERENCES tokens (serial) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    label TEXT NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (serial, position)
  ) STRICT;`

/** `fingerprint` is there only while an attempt is under way or its PIN must not be sent again. */
const pinAttempts = `
  CREATE TABLE pin_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    serial TEXT NOT NULL,
    fingerprint BLOB,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('attempting', 'ok', 'wrong', 'locked', 'not-sent', 'unknown'))
  ) STRICT;
  CREATE INDEX pin_attempts_of_token ON pin_attempts (serial, fingerprint);`

/** `text` is the request as it is sent; `file` is there once the answer made it whole. */
const signingRequests = `
  CREATE TABLE signing_requests (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'signed')),
    answer TEXT,
    answered_at TEXT,
    answered_key_id TEXT,
    answered_key_name TEXT,
    file BLOB
  ) STRICT;`

/**
 * `file_bytes` has each content once. A state before is the SHA-256 of what was there, '' for no file, NULL where it
 * could not be looked at.
 */
const publishing = `
  CREATE TABLE file_bytes (
    sha256 TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE published_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    cluster TEXT NOT NULL,
    node TEXT NOT NULL,
    file TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    target_before TEXT,
    served_before TEXT,
    sha256 TEXT NOT NULL REFERENCES file_bytes (sha256),
    outcome TEXT
  ) STRICT;
  CREATE INDEX published_files_of_cluster ON published_files (cluster, id);
  CREATE TABLE publishing_probes (
    cluster TEXT NOT NULL,
    node TEXT NOT NULL,
    release TEXT NOT NULL,
    file TEXT NOT NULL,
    way TEXT NOT NULL,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (cluster, node, release)
  ) STRICT;`

/**
 * One migration of a cluster may be open, whoever asks. What a migration did is only ever added to. Bytes of NULL
 * are a file that was not there.
 */
const migrations = `
  CREATE TABLE migrations (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    cluster TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    plan TEXT NOT NULL,
    situation TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'stopped', 'done', 'rolled-back', 'abandoned')),
    started_at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    rollback_of TEXT REFERENCES migrations (id)
  ) STRICT;
  CREATE UNIQUE INDEX open_migration_of_cluster ON migrations (cluster)
    WHERE state IN ('running', 'waiting', 'stopped');
  CREATE TABLE migration_entries (
    migration TEXT NOT NULL REFERENCES migrations (id),
    sequence INTEGER NOT NULL,
    at TEXT NOT NULL,
    step TEXT,
    kind TEXT NOT NULL CHECK (
      kind IN ('intent', 'outcome', 'observed', 'said', 'acknowledged', 'stopped', 'resumed')
    ),
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (migration, sequence)
  ) STRICT;
  CREATE TRIGGER migration_entries_are_not_changed BEFORE UPDATE ON migration_entries
    BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
  CREATE TRIGGER migration_entries_are_not_deleted BEFORE DELETE ON migration_entries
    BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
  CREATE TABLE migration_artifacts (
    migration TEXT NOT NULL REFERENCES migrations (id),
    name TEXT NOT NULL,
    sha256 TEXT,
    bytes BLOB,
    PRIMARY KEY (migration, name),
    CHECK ((sha256 IS NULL) = (bytes IS NULL))
  ) STRICT;`

export const schemaSteps: readonly SchemaStep[] = [
  { sql: audit },
  { sql: tokens },
  { sql: pinAttempts },
  { sql: signingRequests },
  { sql: publishing },
  { sql: migrations },
]
