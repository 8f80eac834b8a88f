import HubL
import MailModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The body of a single send: which e-mail, to whom, with what values.
public struct SingleSendRequest: Sendable, Hashable {
  public var email: EmailID
  public var to: String
  /// `Name <address>` or an address; overrides the e-mail's own.
  public var from: String?
  /// At most one mail goes out for one of these per account.
  public var sendKey: String?
  public var replyTo: [String]
  public var cc: [String]
  public var bcc: [String]
  /// Stored on the contact and readable as `contact.NAME`.
  public var contactProperties: [String: String]
  /// Readable as `custom.NAME`, never stored on the contact.
  public var customProperties: ValueMap
  public var attachments: [SingleSendAttachment] = []

  /// Longest `sendId` taken, in bytes.
  public static let sendKeyLimit = 512
}

/// What is wrong with the body of a single send, field by field.
public struct SingleSendRequestError: Error, Sendable, Equatable {
  public struct Problem: Sendable, Equatable {
    /// Path of the field, such as `message.to`; empty for the body as a whole.
    public var field: String
    public var message: String
    /// `REQUIRED_FIELD` or `INVALID_FIELD`.
    public var code: String
  }

  public var problems: [Problem]
}

extension SingleSendRequest {
  /// Reads the JSON body of `POST …/single-email/send`. Members it does not know are ignored, as
  /// HubSpot does; every problem is reported, not only the first.
  public init(json: [UInt8]) throws(SingleSendRequestError) {
    let form: Form
    do {
      form = try JSONDecoder().decode(Form.self, from: Data(json))
    } catch let error as DecodingError {
      throw SingleSendRequestError(problems: [.init(error)])
    } catch {
      throw SingleSendRequestError(
        problems: [.init(field: "", message: "The body is not valid JSON.", code: "INVALID_FIELD")])
    }
    var problems = form.problems()
    let attachments = SingleSendAttachment.read(form.message?.attachments ?? [], &problems)
    problems.sort { $0.field < $1.field }
    guard problems.isEmpty, let email = form.emailId, let message = form.message, let to = message.to else {
      throw SingleSendRequestError(problems: problems)
    }
    self.init(
      email: EmailID(email.value), to: to, from: message.from, sendKey: message.sendId,
      replyTo: message.replyTo ?? [], cc: message.cc ?? [], bcc: message.bcc ?? [],
      contactProperties: (form.contactProperties ?? [:]).compactMapValues(\.scalarText),
      customProperties: Self.customProperties(json), attachments: attachments)
  }

  /// In the order that they were written in, which a decoder forgets.
  private static func customProperties(_ json: [UInt8]) -> ValueMap {
    guard let body = try? Value(json: json), case .map(let properties)? = body["customProperties"] else {
      return [:]
    }
    return properties
  }

  /// The body as it comes: everything may be missing.
  private struct Form: Decodable {
    var emailId: Number?
    var message: Envelope?
    var contactProperties: [String: Value]?
    var customProperties: [String: Value]?

    struct Envelope: Decodable {
      var to: String?
      var from: String?
      var sendId: String?
      var replyTo: [String]?
      var cc: [String]?
      var bcc: [String]?
      var attachments: [SingleSendAttachment.Form]?
    }

    func problems() -> [SingleSendRequestError.Problem] {
      var problems: [SingleSendRequestError.Problem] = []
      if emailId == nil { problems.append(.required("emailId")) }
      if message == nil { problems.append(.required("message")) }
      if let message, (message.to ?? "").isEmpty { problems.append(.required("message.to")) }
      if let key = message?.sendId, key.utf8.count > SingleSendRequest.sendKeyLimit {
        let limit = SingleSendRequest.sendKeyLimit
        problems.append(.invalid("message.sendId", "is longer than \(limit) bytes"))
      }
      for (name, value) in contactProperties ?? [:] where value.scalarText == nil {
        problems.append(.invalid("contactProperties.\(name)", "must be text, not a list or a map"))
      }
      return problems
    }
  }

  /// A number that some clients send as decimal text.
  private struct Number: Decodable {
    var value: Int64

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Int64.self) {
        self.value = value
      } else if let text = try? container.decode(String.self), let value = Int64(text) {
        self.value = value
      } else {
        throw DecodingError.typeMismatch(
          Int64.self, .init(codingPath: decoder.codingPath, debugDescription: "not a whole number"))
      }
    }
  }
}

extension SingleSendRequestError.Problem {
  static func required(_ field: String) -> Self {
    Self(field: field, message: "Required field '\(field)' is missing.", code: "REQUIRED_FIELD")
  }

  static func invalid(_ field: String, _ what: String) -> Self {
    Self(field: field, message: "Field '\(field)' \(what).", code: "INVALID_FIELD")
  }

  /// From the decoder's error: the path of the field and what was expected there.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self = .required(Self.path(context.codingPath + [key]))
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      self = .invalid(Self.path(context.codingPath), "has the wrong type; expected \(Self.name(of: type))")
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      self = .invalid(Self.path(context.codingPath), "can't be read")
    case .dataCorrupted:
      self.init(field: "", message: "The body is not valid JSON.", code: "INVALID_FIELD")
    @unknown default:
      self.init(field: "", message: "The body can't be read.", code: "INVALID_FIELD")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func name(of type: any Any.Type) -> String {
    if type == String.self { return "text" }
    if type == Int64.self { return "a whole number" }
    if type == Bool.self { return "true or false" }
    return "\(type)".hasPrefix("Array") ? "a list" : "a map"
  }
}

extension Value {
  /// The text of a scalar, as a contact property keeps it; nil for lists and maps, "" for null.
  var scalarText: String? {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .list, .map: nil
    }
  }
}
