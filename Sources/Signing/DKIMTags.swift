/// A tag list (RFC 6376 section 3.2): `name=value; name=value`.
struct DKIMTags {
  private var values: [String: String] = [:]

  /// nil when it is no tag list or names a tag twice.
  init?(_ bytes: some Sequence<UInt8>) {
    for pair in Array(bytes).split(separator: 0x3B) {
      guard let sign = pair.firstIndex(of: 0x3D) else {
        if pair.allSatisfy(Self.isSpace) { continue }
        return nil
      }
      let name = String(decoding: Self.trimmed(pair[..<sign]), as: UTF8.self)
      let value = String(decoding: Self.trimmed(pair[(sign + 1)...]), as: UTF8.self)
      guard !name.isEmpty, values.updateValue(value, forKey: name) == nil else { return nil }
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// The value without white space, as `b=`, `bh=`, `p=` and `h=` are read.
  func compact(_ name: String) -> [UInt8]? {
    values[name].map { $0.utf8.filter { !Self.isSpace($0) } }
  }

  static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == 0x0D || byte == 0x0A }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, isSpace(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
    return bytes
  }
}
