extension Schema {
  /// Several servers on one database: who they are, and whose each queued message and unfinished send is.
  static let nodeMigration = Migration(
    version: 2, name: "nodes",
    sql: """
      CREATE TABLE node (
        number INTEGER PRIMARY KEY, session INTEGER NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL,
        started_at INTEGER NOT NULL, lease_until INTEGER NOT NULL
      ) /*table*/;
      ALTER TABLE queue ADD COLUMN owner INTEGER;
      ALTER TABLE send ADD COLUMN owner INTEGER;
      """,
    postgresSQL: """
      CREATE INDEX queue_owner ON queue (owner) WHERE owner IS NOT NULL;
      CREATE FUNCTION brevdue_clock() RETURNS BIGINT VOLATILE LANGUAGE SQL
        AS 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint';
      """)
}
