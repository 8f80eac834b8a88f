extension Schema {
  /// Ages that an account has of its own, in seconds; null is the configuration's.
  static let retentionMigration = Migration(
    version: 3, name: "retention",
    sql: """
      CREATE TABLE retention (
        account_id INTEGER PRIMARY KEY, bodies INTEGER, events INTEGER, messages INTEGER
      ) /*table*/;
      """)
}
