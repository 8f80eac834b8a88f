/// One change to an original: at `offset`, `removed` bytes go and `inserted` come in their place.
public struct Edit: Sendable, Hashable {
  /// Bytes from the start of the original.
  public var offset: Int
  /// How many of the original's bytes go.
  public var removed: Int
  /// What comes in their place.
  public var inserted: [UInt8]

  /// A change; an insertion when nothing is removed.
  public init(offset: Int, removed: Int = 0, inserted: [UInt8] = []) {
    self.offset = offset
    self.removed = removed
    self.inserted = inserted
  }
}

/// Stored edits that are damaged or do not belong to this original.
public enum EditError: Error, Hashable {
  /// The blob is cut off or has a number that can't be.
  case malformed
  /// An edit reaches beyond the original, or two overlap.
  case doesNotFit
}

/// Lists of edits: ascending by offset, not overlapping. With the original they give the bytes that
/// were sent, whatever code or keys have changed since.
public enum Edits {
  /// The original with the edits made.
  public static func apply(_ edits: [Edit], to original: [UInt8]) throws(EditError) -> [UInt8] {
    let grown = edits.reduce(0) { $0 + $1.inserted.count }
    var result = [UInt8]()
    result.reserveCapacity(original.count + grown)
    var position = 0
    for edit in edits {
      guard edit.offset >= position, edit.removed >= 0, edit.offset <= original.count,
        edit.removed <= original.count - edit.offset
      else { throw .doesNotFit }
      result += original[position..<edit.offset]
      result += edit.inserted
      position = edit.offset + edit.removed
    }
    result += original[position...]
    return result
  }

  /// Compact and self-contained: a format number, then for each edit the distance from the end of the
  /// one before, the bytes removed and the bytes inserted, numbers as LEB128.
  public static func encode(_ edits: [Edit]) -> [UInt8] {
    var writer = BlobWriter(format: 1)
    writer.reserve(edits.reduce(8) { $0 + $1.inserted.count + 12 })
    writer.number(edits.count)
    var position = 0
    for edit in edits {
      writer.number(edit.offset - position)
      writer.number(edit.removed)
      writer.bytes(edit.inserted)
      position = edit.offset + edit.removed
    }
    return writer.result
  }

  /// Reads what `encode` wrote.
  public static func decode(_ blob: [UInt8]) throws(EditError) -> [Edit] {
    guard var reader = BlobReader(blob, format: 1), let count = reader.number(), count <= blob.count
    else { throw .malformed }
    var edits = [Edit]()
    edits.reserveCapacity(count)
    var position = 0
    for _ in 0..<count {
      guard let distance = reader.number(), let removed = reader.number(), let inserted = reader.bytes()
      else { throw .malformed }
      let (offset, isTooFar) = position.addingReportingOverflow(distance)
      let (end, isTooLong) = offset.addingReportingOverflow(removed)
      guard !isTooFar, !isTooLong else { throw .malformed }
      edits.append(Edit(offset: offset, removed: removed, inserted: inserted))
      position = end
    }
    guard reader.isAtEnd else { throw .malformed }
    return edits
  }
}
