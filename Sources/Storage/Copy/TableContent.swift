import Crypto

/// What a table holds, to compare with another.
public struct TableContent: Sendable, Hashable {
  public var rows = 0
  /// SHA-256 over the primary keys of all rows in their order, in hex.
  public var keyDigest = ""
}

extension TableShape {
  private static let keysAtOnce = 20_000

  /// Reads all keys; `progress` is called now and then with their number.
  func content(in connection: Connection, progress: (Int) throws -> Void) throws -> TableContent {
    var (count, hash, last) = (0, SHA256(), [SQLValue]?.none)
    while true {
      let condition = last == nil ? "" : " WHERE \(behindKey)"
      let sql = "SELECT \(keyList) FROM \(name)\(condition) ORDER BY \(keyList) LIMIT \(Self.keysAtOnce)"
      var (bytes, found) = ([UInt8](), 0)
      try connection.each(sql, last ?? []) { row in
        let values = keyValues(row)
        for value in values { value.appendKey(to: &bytes) }
        found += 1
        last = values
        return true
      }
      guard found > 0 else { break }
      hash.update(data: bytes)
      count += found
      try progress(count)
    }
    return TableContent(rows: count, keyDigest: hash.finalize().hex)
  }
}

extension SQLValue {
  /// The same bytes on both engines, different for different values.
  fileprivate func appendKey(to bytes: inout [UInt8]) {
    switch self {
    case .integer(let number): withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    case .text(let text):
      SQLValue.integer(Int64(text.utf8.count)).appendKey(to: &bytes)
      bytes.append(contentsOf: text.utf8)
    case .utf8(let text), .blob(let text):
      SQLValue.integer(Int64(text.count)).appendKey(to: &bytes)
      bytes.append(contentsOf: text)
    case .null, .nullInteger, .nullBlob: bytes.append(0)
    }
  }
}

extension SHA256Digest {
  fileprivate var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
