/// Why the store did not do what it was asked. Work items may also throw errors of their own, which come back
/// to whoever handed them in as they are.
public enum StoreError: Error, Sendable, Hashable {
  /// Too much work is waiting, or another process held the database for longer than 5 s. Try again.
  case busy(String)
  /// The disk is full.
  case full(String)
  /// The database can't be reached or written; nothing of the work is kept.
  case unavailable(String)
  /// The file is damaged or is not a database.
  case corrupt(String)
  /// A row broke a rule of the schema: something of that name exists, or what it refers to doesn't.
  case constraint(String)
  /// What was to be changed is not there, or not any more as it has to be.
  case missed(String)
  /// The database was written by a newer release: schema version `found`, this program knows `known`.
  case newerSchema(found: Int, known: Int)
  /// The database is a copy of `source` that was begun and not finished.
  case unfinishedCopy(source: String)
  /// The store has been closed.
  case closed
  /// Anything else; a defect of ours.
  case other(String)

  /// Whether the same work may succeed in a moment without anybody's doing.
  public var isTransient: Bool {
    switch self {
    case .busy, .full, .unavailable: true
    case .corrupt, .constraint, .missed, .newerSchema, .unfinishedCopy, .closed, .other: false
    }
  }
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .busy(let text): "the database is busy: \(text)"
    case .full(let text): "the disk of the database is full: \(text)"
    case .unavailable(let text): "the database is not available: \(text)"
    case .corrupt(let text): "the database file is damaged: \(text)"
    case .constraint(let text): "refused by the database: \(text)"
    case .missed(let text): "nothing to change: \(text)"
    case .newerSchema(let found, let known):
      "the database has schema version \(found), written by a newer release; this one knows up to \(known)"
    case .unfinishedCopy(let source): "the database is an unfinished copy of \(source)"
    case .closed: "the database has been closed"
    case .other(let text): "database error: \(text)"
    }
  }
}
