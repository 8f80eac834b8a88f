/// What became of a part of a template that was brought here from elsewhere.
public struct ImportFinding: Sendable, Hashable {
  /// How it ended.
  public enum Outcome: String, Sendable, CaseIterable {
    /// It says the same here.
    case carried
    /// It is here, in another form or with a meaning that differs a little.
    case changed
    /// It is not here.
    case left
  }

  public var outcome: Outcome
  /// Where it stood: `widget module-0-0-0`, `content.styleSettings`, `line 3, column 5`.
  public var place: String
  /// What it was.
  public var what: String
  /// What became of it and why; for people.
  public var note: String

  init(_ outcome: Outcome, _ place: String, _ what: String, _ note: String) {
    self.outcome = outcome
    self.place = place
    self.what = what
    self.note = note
  }
}

/// Why nothing could be made of a template at all.
public struct ImportError: Error, Hashable, CustomStringConvertible {
  /// For people: what is the matter, and where.
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  init(_ message: String, at offset: Int, in source: [UInt8]) {
    description = "\(SourcePlace(offset, in: source)): \(message)"
  }
}

/// A place in a source, counted from 1.
struct SourcePlace: CustomStringConvertible {
  let line: Int
  /// In Unicode scalars.
  let column: Int

  init(_ offset: Int, in source: [UInt8]) {
    let before = source[..<min(offset, source.count)]
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    line = 1 + before.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    column = 1 + before[start...].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  var description: String { "line \(line), column \(column)" }
}
