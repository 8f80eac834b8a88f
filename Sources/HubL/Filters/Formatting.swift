/// `"%s costs %.2f"|format(name, price)`: C's conversions `s d i f x X o c e g %` with flags, width and precision.
enum Formatting {
  private struct Conversion {
    var isLeft = false
    var isZeroPadded = false
    var sign = ""
    var isGrouped = false
    var width = 0
    var precision: Int?
    var kind: UInt8 = 0
  }

  /// Widest field.
  private static let widthLimit = 500

  static func percent(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    if let amount = amount(call) { return .string(amount) }
    var form = call.value.text
    var problem: String?
    let text = form.withUTF8 { written($0, call, &problem) }
    if let problem { throw renderer.fail(.value, at: call.node, problem) }
    return .string(text)
  }

  /// `"%.2f"|format(number)`, which is what most mail has; nil for anything else.
  private static func amount(_ call: Call) -> String? {
    guard call.value.string?.utf8.count == 4, call.count > 0, let form = call.value.string else { return nil }
    let digits = Output.withBytes(of: form) { bytes in
      bytes[0] == UInt8(ascii: "%") && bytes[1] == UInt8(ascii: ".") && bytes[3] == UInt8(ascii: "f")
        ? bytes[2] &- 0x30 : 10
    }
    guard digits < 10, let number = call[0].number else { return nil }
    return Numbers.fixed(number, digits: Int(digits))
  }

  private static func written(
    _ form: UnsafeBufferPointer<UInt8>, _ call: Call, _ problem: inout String?
  ) -> String {
    var result = ""
    var place = 0
    var next = 0
    while place < form.count {
      let end = form[place...].firstIndex(of: UInt8(ascii: "%")) ?? form.count
      if end > place { result += String(decoding: form[place..<end], as: UTF8.self) }
      if end == form.count { break }
      place = end + 1
      var conversion = Conversion()
      read(&conversion, form, &place)
      if conversion.kind == UInt8(ascii: "%") {
        result += "%"
      } else if next >= call.count {
        problem = "the format asks for more values than there are"
        break
      } else if let text = text(call[next], conversion) {
        result = result.isEmpty ? text : result + text
        next += 1
      } else {
        problem = "the format cannot show a \(call[next].kind) this way"
        break
      }
    }
    return result
  }

  private static func read(
    _ conversion: inout Conversion, _ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) {
    flags: while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "-"): conversion.isLeft = true
      case UInt8(ascii: "0"): conversion.isZeroPadded = true
      case UInt8(ascii: "+"): conversion.sign = "+"
      case UInt8(ascii: " "): if conversion.sign.isEmpty { conversion.sign = " " }
      case UInt8(ascii: ","): conversion.isGrouped = true
      case UInt8(ascii: "#"): break
      default: break flags
      }
      place += 1
    }
    conversion.width = number(bytes, &place)
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      conversion.precision = min(number(bytes, &place), 40)
    }
    if place < bytes.count {
      conversion.kind = bytes[place]
      place += 1
    }
  }

  private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Int {
    var value = 0
    while place < bytes.count, bytes[place] &- 0x30 < 10 {
      value = min(widthLimit, value * 10 + Int(bytes[place] - 0x30))
      place += 1
    }
    return value
  }

  private static func text(_ value: Datum, _ conversion: Conversion) -> String? {
    var body: String
    switch conversion.kind {
    case UInt8(ascii: "s"):
      body = value.text
      if let precision = conversion.precision { body = Text.joined(body.unicodeScalars.prefix(precision)) }
      return padded(body, conversion, isNumber: false)
    case UInt8(ascii: "d"), UInt8(ascii: "i"):
      guard let number = value.integer else { return nil }
      body = String(number)
    case UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "o"):
      guard let number = value.integer else { return nil }
      let radix = conversion.kind == UInt8(ascii: "o") ? 8 : 16
      body = String(number, radix: radix, uppercase: conversion.kind == UInt8(ascii: "X"))
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      guard let number = value.number else { return nil }
      body = Numbers.fixed(number, digits: conversion.precision ?? 6)
    case UInt8(ascii: "e"), UInt8(ascii: "g"):
      guard let number = value.number else { return nil }
      body = Numbers.text(number)
    case UInt8(ascii: "c"): body = value.text
    default: return nil
    }
    if conversion.isGrouped { body = Numbers.grouped(body, separator: ",", point: ".") }
    if !body.hasPrefix("-") { body = conversion.sign + body }
    return padded(body, conversion, isNumber: true)
  }

  private static func padded(_ text: String, _ conversion: Conversion, isNumber: Bool) -> String {
    if conversion.width == 0 { return text }
    let missing = conversion.width - text.unicodeScalars.count
    guard missing > 0 else { return text }
    if conversion.isLeft { return text + String(repeating: " ", count: missing) }
    guard isNumber, conversion.isZeroPadded else { return String(repeating: " ", count: missing) + text }
    let sign = text.prefix { "+- ".contains($0) }
    return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
  }
}
