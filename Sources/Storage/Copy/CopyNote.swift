import MailModel

/// What a copy says of itself, in two tables of its own that no migration makes.
struct CopyNote: Hashable {
  enum State: String {
    /// Rows are missing; nothing may work on it.
    case unfinished
    /// A backup file.
    case backup
  }

  var state: State
  /// Where the rows come from, for people; without secrets.
  var source: String
  /// Differs when the source has been changed.
  var fingerprint: String
  /// The source's schema.
  var version: Int
  var createdAt: Instant
}

extension CopyNote {
  static let tables = ["copy_note", "copy_table"]

  /// Whether a copy begun under this note can be gone on with under the other.
  func continues(_ other: CopyNote) -> Bool {
    state == .unfinished && state == other.state && source == other.source
      && fingerprint == other.fingerprint && version == other.version
  }
}

extension Connection {
  /// Nil where the database is not a copy, or not one any more.
  func copyNote() throws -> CopyNote? {
    guard try tableNames().contains("copy_note") else { return nil }
    var values: [String: String] = [:]
    for (name, value) in try rows("SELECT name, value FROM copy_note", map: { ($0.text(0), $0.text(1)) }) {
      values[name] = value
    }
    guard let state = values["state"].flatMap(CopyNote.State.init) else { return nil }
    return CopyNote(
      state: state, source: values["source"] ?? "", fingerprint: values["fingerprint"] ?? "",
      version: values["version"].flatMap { Int($0) } ?? 0,
      createdAt: Instant(milliseconds: values["created_at"].flatMap { Int64($0) } ?? 0))
  }

  /// Within a transaction.
  func write(_ note: CopyNote, contents: [(table: String, content: TableContent)] = []) throws {
    try dropCopyNote()
    try script(
      dialect.schema(
        """
        CREATE TABLE copy_note (name TEXT PRIMARY KEY, value TEXT NOT NULL) /*clustered*/;
        CREATE TABLE copy_table (
          name TEXT PRIMARY KEY, row_count INTEGER NOT NULL, key_digest TEXT NOT NULL
        ) /*clustered*/;
        """))
    let values = [
      "state": note.state.rawValue, "source": note.source, "fingerprint": note.fingerprint,
      "version": "\(note.version)", "created_at": "\(note.createdAt.milliseconds)",
    ]
    for (name, value) in values {
      try execute("INSERT INTO copy_note (name, value) VALUES ($1, $2)", .of(name), .of(value))
    }
    for (table, content) in contents {
      try execute(
        "INSERT INTO copy_table (name, row_count, key_digest) VALUES ($1, $2, $3)", .of(table),
        .of(content.rows), .of(content.keyDigest))
    }
  }

  /// What was counted when the copy was made.
  func notedContents() throws -> [String: TableContent] {
    let noted = try rows("SELECT name, row_count, key_digest FROM copy_table") {
      ($0.text(0), TableContent(rows: $0.int(1), keyDigest: $0.text(2)))
    }
    return Dictionary(noted) { _, last in last }
  }

  func dropCopyNote() throws {
    for table in CopyNote.tables { try script("DROP TABLE IF EXISTS \(table)") }
  }

  /// Throws when the database is a copy that somebody has not finished.
  func refuseUnfinishedCopy() throws {
    if let note = try copyNote(), note.state == .unfinished {
      throw StoreError.unfinishedCopy(source: note.source)
    }
  }
}
