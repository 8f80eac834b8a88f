/// Pieces of HubL. Nothing of the author's words can become code: each brace of theirs is written so that
/// it comes out as itself.
enum TemplateText {
  /// Words for HTML's texts and attributes.
  static func html(_ text: String) -> String {
    var result = [UInt8]()
    result.reserveCapacity(text.utf8.count + 16)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): result += "&amp;".utf8
      case UInt8(ascii: "<"): result += "&lt;".utf8
      case UInt8(ascii: ">"): result += "&gt;".utf8
      case UInt8(ascii: "\""): result += "&quot;".utf8
      case UInt8(ascii: "'"): result += "&#39;".utf8
      case UInt8(ascii: "{"): result += "&#123;".utf8
      default: result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Words for plain text and header fields.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(0x7B) else { return text }
    var result = [UInt8]()
    for byte in text.utf8 {
      if byte == 0x7B { result += #"{{ "{" }}"#.utf8 } else { result.append(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// HTML of the author's own, markup and all. Only braces that would start code are changed: others stand
  /// in style sheets.
  static func markup(_ html: String) -> String {
    let bytes = Array(html.utf8)
    guard bytes.contains(0x7B) else { return html }
    var result = [UInt8]()
    for (place, byte) in bytes.enumerated() {
      let next = place + 1 < bytes.count ? bytes[place + 1] : 0x7B
      if byte == 0x7B, next == 0x7B || next == 0x25 || next == 0x23 {
        result += #"{{ "{"|safe }}"#.utf8
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A value, or what stands in for it.
  static func output(_ token: Token, filter: String = "") -> String {
    let fallback = token.fallback.map { "|default(\(quoted($0)), true)" } ?? ""
    return "{{ \(token.path)\(fallback)\(filter) }}"
  }

  static func html(_ pieces: [Inline]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): html(text)
      case .token(let token): output(token)
      }
    }.joined()
  }

  static func plain(_ pieces: [Inline]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): plain(text)
      case .token(let token): output(token)
      }
    }.joined()
  }

  /// An address in an HTML attribute. HubL escapes values there as their place in the address asks.
  static func html(_ destination: Destination) -> String { html(destination.parts.trimmingText) }

  /// Where a link leads, in HTML. An address that could run as a program leads nowhere, as HubL does it with
  /// values; the checks say so before.
  static func link(_ destination: Destination) -> String {
    if let scheme = destination.scheme, !Destination.schemes.contains(scheme) { return "#unsafe-link" }
    return html(destination)
  }

  /// An address in plain text, where nothing tells HubL that it is one: values in its query are
  /// percent-encoded as they are in HTML, those before it are parts of an address.
  static func plain(_ destination: Destination) -> String {
    var isInQuery = false
    return destination.parts.trimmingText.map { piece in
      switch piece {
      case .text(let text):
        isInQuery = isInQuery || text.utf8.contains(0x3F)
        return plain(text)
      case .token(let token): return output(token, filter: isInQuery ? "|urlencode" : "")
      }
    }.joined()
  }

  /// The tag that opens a condition; `{% endif %}` closes it.
  static func opening(_ condition: Condition) -> String {
    switch condition.test {
    case .set: "{% if \(condition.path) %}"
    case .empty: "{% if not \(condition.path) %}"
    case .equals(let value): "{% if \(condition.path) == \(literal(value)) %}"
    case .differs(let value): "{% if \(condition.path) != \(literal(value)) %}"
    }
  }

  /// Some text in a condition, if there is one.
  static func wrap(_ text: String, in condition: Condition?) -> String {
    condition.map { "\(opening($0))\(text){% endif %}" } ?? text
  }

  private static func literal(_ value: Condition.Comparand) -> String {
    switch value {
    case .text(let text): quoted(text)
    case .number(let number): String(number)
    case .bool(let word): word ? "true" : "false"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}

extension [Inline] {
  /// Addresses are pasted with white space around them.
  fileprivate var trimmingText: [Inline] {
    guard count == 1, case .text(let text)? = first else { return self }
    return [.text(text.trimmed)]
  }
}
