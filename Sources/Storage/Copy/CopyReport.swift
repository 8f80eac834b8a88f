/// How far a copy has come.
public struct CopyProgress: Sendable, Hashable {
  public enum Step: Sendable, Hashable {
    case copying, checking
  }

  public var step = Step.copying
  /// What is being worked on; nil when it is all at once.
  public var table: String?
  /// Of this step, with what an earlier run has done.
  public var rows = 0
  /// Nil when nobody has counted.
  public var totalRows: Int?
  public var bytes = 0
  /// Nil when nobody knows.
  public var totalBytes: Int?

  public init(
    step: Step = .copying, table: String? = nil, rows: Int = 0, bytes: Int = 0, totalBytes: Int? = nil
  ) {
    self.step = step
    self.table = table
    self.rows = rows
    self.bytes = bytes
    self.totalBytes = totalBytes
  }
}

/// Told now and then, on a thread of the copy's own. What it throws ends the copy.
public typealias CopyObserver = @Sendable (CopyProgress) throws -> Void

/// What a copy has done.
public struct CopyReport: Sendable, Hashable {
  public struct Table: Sendable, Hashable {
    public var name: String
    public var source: TableContent
    public var target: TableContent
  }

  /// With what each side holds at the end.
  public var tables: [Table] = []
  /// Rows and bytes that this run has copied.
  public var rows = 0
  public var bytes = 0
  public var seconds = 0.0
  /// Of the copy.
  public var schemaVersion = 0
  /// Whether it went on with what an earlier run had begun.
  public var isResumed = false

  public var differing: [Table] { tables.filter { $0.source != $0.target } }
}

/// Why nothing was copied, and what to do about it.
public struct CopyRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ what: String, next: String) {
    description = "\(what)\n\(next)"
  }
}
