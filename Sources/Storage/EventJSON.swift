import MailModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes one flat JSON object into bytes: events and options are written for every message, and an encoder
/// costs more than the statements around it.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  init() {
    bytes.reserveCapacity(256)
  }

  var isEmpty: Bool { bytes.isEmpty }

  mutating func add(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    start(name)
    appendQuoted(value)
  }

  mutating func add(_ name: StaticString, _ value: Int64?) {
    guard let value else { return }
    start(name)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func add(_ name: StaticString, _ value: Int?) { add(name, value.map(Int64.init)) }

  mutating func add(_ name: StaticString, _ value: Bool?) {
    guard let value else { return }
    start(name)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// For names that are data.
  mutating func add(name: String, _ value: String) {
    bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
    appendQuoted(name)
    bytes.append(UInt8(ascii: ":"))
    appendQuoted(value)
  }

  /// The object, or null when nothing was added.
  mutating func finish() -> SQLValue {
    if bytes.isEmpty { return .null }
    bytes.append(UInt8(ascii: "}"))
    return .utf8(bytes)
  }

  private mutating func start(_ name: StaticString) {
    bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func appendQuoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(Self.hex(byte >> 4))
        bytes.append(Self.hex(byte & 15))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func hex(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}

extension EventDetail {
  /// As it is stored; null when nothing is set. The names are those of the properties.
  var stored: SQLValue {
    var json = JSONWriter()
    json.add("response", response)
    json.add("status", status)
    json.add("category", category)
    json.add("stage", stage)
    json.add("attempt", attempt)
    json.add("host", host)
    json.add("ipAddress", ipAddress)
    json.add("tls", tls)
    json.add("nextAttemptAt", nextAttemptAt)
    json.add("userAgent", userAgent)
    json.add("url", url)
    json.add("linkId", linkId)
    json.add("filteredEvent", filteredEvent)
    json.add("filterReason", filterReason)
    json.add("dropReason", dropReason)
    json.add("dropMessage", dropMessage)
    return json.finish()
  }

  init(stored bytes: [UInt8]) throws {
    self = bytes.isEmpty ? EventDetail() : try JSONDecoder().decode(EventDetail.self, from: Data(bytes))
  }
}

/// The DSN part of `EnvelopeOptions`, which few messages have.
private struct StoredDSN: Decodable {
  var notify: String?
  var originalRecipient: String?
  var returns: String?
  var envelopeID: String?
}

extension EnvelopeOptions {
  /// What the client asked of DSN as JSON; null for nothing.
  var storedDSN: SQLValue {
    var json = JSONWriter()
    json.add("notify", dsnNotify)
    json.add("originalRecipient", dsnOriginalRecipient)
    json.add("returns", dsnReturn)
    json.add("envelopeID", dsnEnvelopeID)
    return json.finish()
  }

  init(is8Bit: Bool, isUTF8: Bool, storedDSN bytes: [UInt8]) throws {
    self.init(is8Bit: is8Bit, isUTF8: isUTF8)
    if bytes.isEmpty { return }
    let dsn = try JSONDecoder().decode(StoredDSN.self, from: Data(bytes))
    dsnNotify = dsn.notify
    dsnOriginalRecipient = dsn.originalRecipient
    dsnReturn = dsn.returns
    dsnEnvelopeID = dsn.envelopeID
  }
}
