/// One parameter of a structured header field.
public struct HeaderParameter: Sendable, Hashable {
  /// In lower case; without the marks of RFC 2231 (`*`, `*0`).
  public var name: String
  /// Unquoted, continuations joined, percent-decoded and converted from its charset (RFC 2231).
  public var value: String

  /// A parameter.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// `Content-Type` (RFC 2045 5).
public struct ContentType: Sendable, Hashable {
  /// In lower case, such as `text`.
  public var type: String
  /// In lower case, such as `html`.
  public var subtype: String
  /// In order.
  public var parameters: [HeaderParameter]

  /// The default of RFC 2045 5.2.
  public static let plainText = ContentType(type: "text", subtype: "plain")

  /// A media type.
  public init(type: String, subtype: String, parameters: [HeaderParameter] = []) {
    self.type = type
    self.subtype = subtype
    self.parameters = parameters
  }

  /// From a field's value; nil when it is not `type/subtype`. Comments are skipped, broken parameters dropped.
  public init?(parsing bytes: [UInt8], in range: Range<Int>) { nil }

  /// The first parameter of this name (lower case).
  public func parameter(_ name: String) -> String? { nil }

  public var isText: Bool { type == "text" }
  public var isHTML: Bool { type == "text" && subtype == "html" }
  public var isMultipart: Bool { type == "multipart" }
  /// `charset`, in lower case.
  public var charset: String? { nil }
  /// `boundary`; nil unless this is a multipart with one of 1 to 200 octets.
  public var boundary: String? { nil }
}

/// `Content-Disposition` (RFC 2183).
public struct ContentDisposition: Sendable, Hashable {
  /// In lower case: `inline`, `attachment` or another word.
  public var kind: String
  /// In order.
  public var parameters: [HeaderParameter]

  /// A disposition.
  public init(kind: String, parameters: [HeaderParameter] = []) {
    self.kind = kind
    self.parameters = parameters
  }

  /// From a field's value; nil when there is no word to read.
  public init?(parsing bytes: [UInt8], in range: Range<Int>) { nil }

  public var isAttachment: Bool { kind == "attachment" }
  public var filename: String? { nil }
}
