import MailModel

/// A value handed to a statement.
enum SQLValue {
  /// No text. The three know what they are the absence of, because PostgreSQL wants to.
  case null
  case nullInteger
  case nullBlob
  case integer(Int64)
  case text(String)
  /// Text that is UTF-8 bytes already.
  case utf8([UInt8])
  case blob([UInt8])

  static func of(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .nullInteger }
  static func of(_ value: Int) -> SQLValue { .integer(Int64(value)) }
  static func of(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .nullInteger }
  static func of(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
  static func of<Subject>(_ value: Identifier<Subject>) -> SQLValue { .integer(value.value) }
  static func of<Subject>(_ value: Identifier<Subject>?) -> SQLValue { .of(value?.value) }
  static func of(_ value: Instant) -> SQLValue { .integer(value.milliseconds) }
  static func of(_ value: Instant?) -> SQLValue { .of(value?.milliseconds) }
  static func of(_ value: String) -> SQLValue { .text(value) }
  static func of(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }
  static func of(_ value: [UInt8]) -> SQLValue { .blob(value) }
  static func of(_ value: [UInt8]?) -> SQLValue { value.map(SQLValue.blob) ?? .nullBlob }

  var isNull: Bool {
    switch self {
    case .null, .nullInteger, .nullBlob: true
    case .integer, .text, .utf8, .blob: false
    }
  }
}
