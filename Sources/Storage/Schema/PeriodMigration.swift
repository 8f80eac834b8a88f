extension Schema {
  /// What was counted per campaign in each quarter of an hour: every zone's hours and days begin with one.
  static let periodMigration = Migration(
    version: 4, name: "periods",
    sql: """
      CREATE TABLE campaign_period (
        campaign_id INTEGER NOT NULL, start_at INTEGER NOT NULL, sent INTEGER NOT NULL, deferred INTEGER NOT NULL,
        delivered INTEGER NOT NULL, bounced INTEGER NOT NULL, dropped INTEGER NOT NULL, opened INTEGER NOT NULL,
        opened_unique INTEGER NOT NULL, clicked INTEGER NOT NULL, clicked_unique INTEGER NOT NULL,
        PRIMARY KEY (campaign_id, start_at)
      ) /*clustered*/;
      """)
}
