/// Filters between texts and codes: JSON, base 64, links, hashes, addresses.
enum CodeFilters {
  static let all: [Filter] = [
    Filter("tojson", traits: .isScript) { r, call throws(Stop) in
      var writer = JSONText()
      writer.write(call.value, depth: 0)
      try r.charge(bytes: writer.bytes.count, call.node)
      return .string(String(decoding: writer.bytes, as: UTF8.self))
    },
    Filter("fromjson", apply: fromJSON),
    Filter("urlencode", "escape_url", traits: .isURLEncoding) { _, call in
      if let entries = call.value.entries {
        return .string(entries.map { encoded($0.key) + "=" + encoded($0.value.text) }.joined(separator: "&"))
      }
      return .string(encoded(call.value.text))
    },
    Filter("urldecode") { _, call in .string(decoded(call.value.text)) },
    Filter("b64encode", takes: ["encoding?"]) { _, call in
      .string(Base64Text.encode(Array(call.value.text.utf8)))
    },
    Filter("b64decode", takes: ["encoding?"]) { r, call throws(Stop) in
      guard let bytes = Base64Text.decode(call.value.text) else {
        throw r.fail(.value, at: call.node, "the text is not base 64")
      }
      return .string(String(decoding: bytes, as: UTF8.self))
    },
    Filter("md5") { _, call in .string(MD5.hex(Array(call.value.text.utf8))) },
    Filter("ipaddr", takes: ["function?"]) { _, call in address(call) { IPText.isV4($0) || IPText.isV6($0) }
    },
    Filter("ipv4", takes: ["function?"]) { _, call in address(call, IPText.isV4) },
    Filter("ipv6", takes: ["function?"]) { _, call in address(call, IPText.isV6) },
  ]

  private static func fromJSON(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard let text = call.value.string else { return call.value }
    try renderer.charge(bytes: text.utf8.count * 8, call.node)
    do throws(JSONTextError) {
      return Datum(try Value(json: Array(text.utf8)))
    } catch {
      throw renderer.fail(
        .value, at: call.node, "the text is no JSON: \(error.message) at byte \(error.offset)")
    }
  }

  /// As forms encode: blanks are `+`.
  private static func encoded(_ text: String) -> String {
    let bytes = Link.encoded(text) { byte in
      !(byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 < 10 || "-_.* ".utf8.contains(byte))
    }
    return String(decoding: bytes.utf8.map { $0 == 0x20 ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
  }

  private static func decoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result = [UInt8]()
    var place = 0
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
        let high = Link.hexDigit(bytes[place + 1]),
        let low = Link.hexDigit(bytes[place + 2])
      {
        result.append(high << 4 | low)
        place += 3
      } else {
        result.append(bytes[place] == UInt8(ascii: "+") ? 0x20 : bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Of a list those that are addresses, of a text whether it is one.
  private static func address(_ call: Call, _ isAddress: (String) -> Bool) -> Datum {
    if let items = call.value.items { return Datum(items.filter { $0.string.map(isAddress) ?? false }) }
    return .bool(call.value.string.map(isAddress) ?? false)
  }
}

/// RFC 4648, section 4.
enum Base64Text {
  private static let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var result = [UInt8]()
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for place in 0..<4 {
        result.append(place <= part.count ? signs[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// nil for anything but the alphabet, blanks and the padding at the end.
  static func decode(_ text: String) -> [UInt8]? {
    var (result, word, bits) = ([UInt8](), 0, 0)
    for byte in text.utf8 where byte > 0x20 && byte != UInt8(ascii: "=") {
      guard let value = signs.firstIndex(of: byte) else { return nil }
      word = (word << 6 | value) & 0xFFFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        result.append(UInt8(truncatingIfNeeded: word >> bits))
      }
    }
    return result
  }
}

/// IP addresses as text.
enum IPText {
  static func isV4(_ text: String) -> Bool {
    let parts = withoutPrefix(text, limit: 32).split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { (1...3).contains($0.utf8.count) && isDecimal($0) && Int($0) ?? 256 < 256 }
  }

  static func isV6(_ text: String) -> Bool {
    let address = withoutPrefix(text, limit: 128)
    let gaps = Array(address.utf8).firstRange(of: Array("::".utf8))
    let parts = address.split(separator: ":")
    guard address.utf8.contains(UInt8(ascii: ":")), !address.contains(":::"), address.utf8.count < 46 else {
      return false
    }
    let words = parts.last.map { isV4(String($0)) } == true ? parts.count + 1 : parts.count
    guard gaps == nil ? words == 8 : words < 8 else { return false }
    if gaps == nil, address.hasPrefix(":") || address.hasSuffix(":") { return false }
    let plain = words > parts.count ? parts.dropLast() : parts[...]
    return plain.allSatisfy { $0.utf8.count <= 4 && $0.utf8.allSatisfy { Link.hexDigit($0) != nil } }
  }

  private static func isDecimal(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 &- 0x30 < 10 } }

  /// `10.0.0.0/8` is an address too.
  private static func withoutPrefix(_ text: String, limit: Int) -> String {
    guard let slash = text.firstIndex(of: "/"), let length = Int(text[text.index(after: slash)...]),
      (0...limit).contains(length)
    else { return text }
    return String(text[..<slash])
  }
}
