extension Schema {
  /// HubL that e-mails share.
  static let templateMigration = Migration(
    version: 5, name: "templates",
    sql: """
      CREATE TABLE template (
        account_id INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, updated_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, name)
      ) /*table*/;
      """)
}
