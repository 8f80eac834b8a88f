extension Schema {
  /// The tables of the first release. Times are milliseconds since 1970; booleans 0 or 1.
  static let firstMigration = Migration(
    version: 1, name: "first release",
    sql: [configurationTables, contentTables, mailTables].joined(separator: "\n"),
    postgresSQL: [Numbered.sequences, RetainedTable.defaultPartitions].joined(separator: "\n"))

  private static let configurationTables = """
    CREATE TABLE sequence (name TEXT PRIMARY KEY, value INTEGER NOT NULL) /*clustered*/;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) /*clustered*/;
    CREATE TABLE generation (name TEXT PRIMARY KEY, value INTEGER NOT NULL) /*clustered*/;

    CREATE TABLE account (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL
    ) /*table*/;
    CREATE TABLE account_user (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id),
      email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, role TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) /*table*/;
    CREATE INDEX account_user_account ON account_user (account_id);

    CREATE TABLE access_token (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL,
      scopes TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL,
      last_used_at INTEGER, revoked_at INTEGER
    ) /*table*/;
    CREATE INDEX access_token_account ON access_token (account_id);

    CREATE TABLE campaign (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), kind TEXT NOT NULL,
      name TEXT NOT NULL, email_id INTEGER, created_at INTEGER NOT NULL
    ) /*table*/;
    CREATE INDEX campaign_account ON campaign (account_id, name);
    CREATE TABLE campaign_total (
      campaign_id INTEGER PRIMARY KEY, sent INTEGER NOT NULL, deferred INTEGER NOT NULL,
      delivered INTEGER NOT NULL, bounced INTEGER NOT NULL, dropped INTEGER NOT NULL,
      opened INTEGER NOT NULL, opened_unique INTEGER NOT NULL,
      clicked INTEGER NOT NULL, clicked_unique INTEGER NOT NULL
    ) /*table*/;

    CREATE TABLE smtp_token (
      id TEXT PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id),
      campaign_id INTEGER NOT NULL REFERENCES campaign (id), create_contact INTEGER NOT NULL,
      password_hash BLOB NOT NULL, created_by TEXT, created_at INTEGER NOT NULL, expires_at INTEGER,
      deleted_at INTEGER
    ) /*clustered*/;
    CREATE INDEX smtp_token_account ON smtp_token (account_id);

    CREATE TABLE sending_domain (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL,
      verified_by TEXT, created_at INTEGER NOT NULL, UNIQUE (account_id, name)
    ) /*table*/;
    CREATE TABLE dkim_key (
      id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL REFERENCES sending_domain (id),
      selector TEXT NOT NULL, algorithm TEXT NOT NULL, private_key TEXT NOT NULL,
      public_key TEXT NOT NULL, is_active INTEGER NOT NULL, created_at INTEGER NOT NULL,
      UNIQUE (domain_id, selector)
    ) /*table*/;
    """

  private static let contentTables = """
    CREATE TABLE email (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL,
      state TEXT NOT NULL, subcategory TEXT NOT NULL, subscription_id INTEGER,
      campaign_id INTEGER NOT NULL REFERENCES campaign (id), version INTEGER NOT NULL,
      is_archived INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) /*table*/;
    CREATE INDEX email_account ON email (account_id, is_archived, id);
    CREATE TABLE email_version (
      email_id INTEGER NOT NULL REFERENCES email (id), version INTEGER NOT NULL, subject TEXT NOT NULL,
      html TEXT NOT NULL, text TEXT, from_address TEXT, from_name TEXT, reply_to TEXT,
      extra TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (email_id, version)
    ) /*table*/;

    CREATE TABLE contact (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, email TEXT NOT NULL, properties TEXT NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) /*table*/;
    CREATE UNIQUE INDEX contact_email ON contact (account_id, email);

    CREATE TABLE send (
      id INTEGER PRIMARY KEY, status_id TEXT NOT NULL, account_id INTEGER NOT NULL,
      email_id INTEGER NOT NULL, version INTEGER, send_key TEXT, request BLOB NOT NULL,
      status TEXT NOT NULL, result TEXT, text TEXT, requested_at INTEGER NOT NULL, started_at INTEGER,
      completed_at INTEGER, message_id INTEGER, event_id INTEGER
    ) /*table*/;
    CREATE UNIQUE INDEX send_status_id ON send (status_id);
    CREATE UNIQUE INDEX send_key ON send (account_id, send_key) WHERE send_key IS NOT NULL;
    CREATE INDEX send_unfinished ON send (id) WHERE completed_at IS NULL;
    """

  /// No foreign keys here: these are the tables of the hot path, only written together, by one file each. Every primary
  /// key begins with an id of `IdentifierGenerator`, which carries time: on PostgreSQL ranges of it are partitions, of
  /// the tables that have a row for every message.
  /// The indexes of the queue have the columns of their conditions as well, so that walking and counting never
  /// looks at rows.
  private static let mailTables = """
    CREATE TABLE original (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, size INTEGER NOT NULL, plan BLOB,
      created_at INTEGER NOT NULL
    ) /*table*/ /*partitioned(id)*/;
    CREATE TABLE original_body (
      original_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL
    ) /*table*/ /*partitioned(original_id)*/;

    CREATE TABLE message (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, original_id INTEGER NOT NULL,
      status TEXT NOT NULL, attempts INTEGER NOT NULL, processed_at INTEGER, completed_at INTEGER,
      opens INTEGER NOT NULL, clicks INTEGER NOT NULL, first_open_at INTEGER, first_click_at INTEGER,
      campaign_id INTEGER, created_at INTEGER NOT NULL, flags INTEGER NOT NULL, source TEXT NOT NULL,
      token_id TEXT, email_id INTEGER, recipient TEXT NOT NULL, sender TEXT NOT NULL,
      return_path TEXT NOT NULL, subject TEXT NOT NULL, dsn TEXT
    ) /*table*/ /*partitioned(id)*/;
    CREATE INDEX message_recipient ON message (lower(recipient), id);
    CREATE INDEX message_account ON message (account_id, id);
    CREATE INDEX message_campaign ON message (campaign_id, id);
    CREATE INDEX message_status ON message (account_id, status, id) WHERE status <> 'queued';
    CREATE TABLE message_edits (
      message_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL
    ) /*table*/ /*partitioned(message_id)*/;

    CREATE TABLE queue (
      message_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, original_id INTEGER NOT NULL,
      domain TEXT NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
      expires_at INTEGER NOT NULL, is_held INTEGER NOT NULL
    ) /*table*/;
    CREATE INDEX queue_due ON queue (due_at, message_id, domain, is_held) WHERE is_held = 0;
    CREATE INDEX queue_domain ON queue (domain, due_at, message_id) WHERE is_held = 0;
    CREATE INDEX queue_deferred ON queue (account_id, attempts, is_held) WHERE attempts > 0 AND is_held = 0;
    CREATE INDEX queue_held ON queue (account_id, is_held) WHERE is_held = 1;

    CREATE TABLE event (
      message_id INTEGER NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
      detail TEXT, PRIMARY KEY (message_id, id)
    ) /*clustered*/ /*partitioned(message_id)*/;
    """
}
