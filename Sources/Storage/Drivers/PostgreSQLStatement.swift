import CPostgreSQL

/// A statement that the server keeps prepared under a name.
final class PostgreSQLStatement {
  enum State {
    case unknown
    /// The request to prepare it is on its way.
    case sent
    case ready
  }

  let name: String
  let sql: String
  /// Only reads, as far as its first word tells.
  let isQuery: Bool
  var state = State.unknown

  /// - Parameter name: empty for one that is used once; the next such takes its place.
  init(name: String, sql: String) {
    self.name = name
    self.sql = sql
    isQuery = sql.hasPrefix("SELECT")
  }
}

/// Values of a statement in PostgreSQL's binary format; one buffer is used for all statements in turn.
struct PostgreSQLParameters {
  /// Object ids of the types, fixed in PostgreSQL's catalogue.
  private enum TypeID {
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let text: Oid = 25
  }

  /// Begins with a byte of no use, so that the address of an empty value is never null, which would be NULL.
  private var bytes: [UInt8] = [0]
  /// Where each value begins; nil for NULL.
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  var byteCount: Int { bytes.count }

  static func types(of values: [SQLValue]) -> [Oid] {
    values.map { value in
      switch value {
      case .integer, .nullInteger: TypeID.int8
      case .text, .utf8, .null: TypeID.text
      case .blob, .nullBlob: TypeID.bytea
      }
    }
  }

  mutating func set(_ values: [SQLValue]) {
    bytes.removeLast(bytes.count - 1)
    offsets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    while formats.count < values.count { formats.append(1) }
    for value in values {
      let start = bytes.count
      switch value {
      case .null, .nullInteger, .nullBlob: break
      case .integer(let number): withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
      case .text(let text): append(text: text.utf8)
      case .utf8(let text): append(text: text)
      case .blob(let blob): bytes.append(contentsOf: blob)
      }
      offsets.append(value.isNull ? nil : start)
      lengths.append(Int32(clamping: bytes.count - start))
    }
  }

  /// Text in PostgreSQL can't hold the character 0: it becomes the replacement character.
  private mutating func append(text: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: text)
    guard bytes[start...].contains(0) else { return }
    bytes.replaceSubrange(start..., with: text.flatMap { $0 == 0 ? [0xEF, 0xBF, 0xBD] : [$0] })
  }

  func withPointers<T>(
    _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>, UnsafePointer<Int32>) -> T
  ) -> T {
    bytes.withUnsafeBytes { buffer in
      let base = buffer.baseAddress
      let values = offsets.map { offset in
        offset.flatMap { base?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      }
      return values.withUnsafeBufferPointer { values in
        body(Int32(values.count), values.baseAddress, lengths, formats)
      }
    }
  }
}
