/// Where a link leads, or an image comes from: pieces that make up an address. A whole address may be a
/// value of the recipient's, or have some in it.
public struct Destination: Sendable, Hashable {
  public var parts: [Inline]

  public init(_ parts: [Inline]) {
    self.parts = parts
  }

  /// An address that is the same for all.
  public init(_ url: String) {
    parts = [.text(url)]
  }

  /// The address when it is the same for all, without the white space around it.
  var fixed: String? {
    var text = ""
    for part in parts {
      guard case .text(let piece) = part else { return nil }
      text += piece
    }
    return text.trimmed
  }

  /// The words before the first value.
  var start: String {
    guard case .text(let text)? = parts.first else { return "" }
    return text.trimmed
  }

  /// Schemes that a mail may lead to. What else there is runs as a program, or means nothing in a mail.
  static let schemes = ["http", "https", "mailto", "tel", "sms"]

  /// The scheme that the address starts with, in lower case; nil for a relative address, or when a value
  /// stands first.
  var scheme: String? {
    let start = Array(start.utf8)
    guard let colon = start.firstIndex(of: 0x3A), let first = start.first, (first | 0x20) &- 0x61 < 26 else {
      return nil
    }
    let name = start[..<colon]
    let isName = name.allSatisfy {
      ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
    }
    return isName ? String(decoding: name, as: UTF8.self).lowercased() : nil
  }
}

extension JSONField {
  /// A text, `{"token": …}`, or a list of both.
  func destination() throws(DocumentError) -> Destination {
    switch value {
    case .string: return Destination([.text(try line(upTo: 8000))])
    case .object: return Destination([try inline()])
    case .array: return Destination(try line())
    default: throw error("must be an address: a text, {\"token\": …}, or a list of both")
    }
  }
}

extension Destination {
  var json: JSONValue {
    guard parts.count == 1, let first = parts.first else { return parts.json }
    if case .text(let text) = first { return .string(text) }
    return first.json
  }
}

extension String {
  /// Without the white space around it.
  var trimmed: String {
    var bytes = utf8[...]
    while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
