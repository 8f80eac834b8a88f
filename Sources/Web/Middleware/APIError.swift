import HTTPTypes
import Hummingbird
import Intake
import NIOCore

/// A refusal in HubSpot's error form: `status`, `message`, `correlationId`, `category`, and where it
/// helps `subCategory`, `errors` and `context` (whose values are always lists of strings).
public struct APIError: Error, Sendable {
  /// One of several things that are wrong with a request.
  public struct Detail: Sendable, Equatable {
    public var message: String
    /// The field at fault, such as `message.to`.
    public var field: String?
    public var code: String?
    public var context: [String: [String]]

    public init(
      _ message: String, in field: String? = nil, code: String? = nil, context: [String: [String]] = [:]
    ) {
      self.message = message
      self.field = field
      self.code = code
      self.context = context
    }
  }

  public var status: HTTPResponse.Status
  public var category: String
  public var message: String
  public var details: [Detail]
  public var context: [String: [String]]
  public var headers: HTTPFields

  public init(
    _ status: HTTPResponse.Status, category: String, message: String, details: [Detail] = [],
    context: [String: [String]] = [:], headers: HTTPFields = [:]
  ) {
    self.status = status
    self.category = category
    self.message = message
    self.details = details
    self.context = context
    self.headers = headers
  }
}

extension APIError {
  /// 400: the request itself is wrong.
  static func validation(_ message: String, _ details: [Detail] = []) -> APIError {
    APIError(.badRequest, category: "VALIDATION_ERROR", message: message, details: details)
  }

  /// 400 with every problem of the body.
  init(_ error: RequestBodyError) {
    let details = error.problems.map {
      Detail($0.message, in: $0.field.isEmpty ? nil : $0.field, code: $0.code)
    }
    self = .validation("Invalid input JSON: \(error.message)", details)
  }

  /// 401: no token, or one we don't know.
  static let unauthenticated = APIError(
    .unauthorized, category: "INVALID_AUTHENTICATION",
    message: "Authentication credentials not found. Send a header `Authorization: Bearer TOKEN` with an "
      + "access token made by `brevdue access-token create`.",
    headers: [.wwwAuthenticate: "Bearer"])

  /// 403: the token does not allow this; any one of the scopes would.
  static func missingScopes(_ scopes: [String]) -> APIError {
    let message =
      "This access token does not have the proper permissions: it needs "
      + scopes.joined(separator: " or ") + "."
    return APIError(
      .forbidden, category: "MISSING_SCOPES", message: message,
      details: [
        Detail("One or more of the following scopes are required.", context: ["requiredScopes": scopes])
      ],
      context: ["missingScopes": scopes])
  }

  static let notFound = APIError(.notFound, category: "OBJECT_NOT_FOUND", message: "resource not found")

  static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> APIError {
    let list = allowed.map(\.rawValue).sorted().joined(separator: ", ")
    return APIError(
      .methodNotAllowed, category: "METHOD_NOT_ALLOWED", message: "This address takes \(list).",
      headers: [.allow: list])
  }

  static let unsupportedMediaType = APIError(
    .unsupportedMediaType, category: "UNSUPPORTED_MEDIA_TYPE",
    message: "The body must be JSON, sent with `Content-Type: application/json`.")

  static func tooLarge(limit: Int) -> APIError {
    APIError(
      .contentTooLarge, category: "VALIDATION_ERROR", message: "The body is larger than \(limit) bytes.")
  }

  /// 503: could be right a moment later.
  static func unavailable(_ message: String) -> APIError {
    APIError(
      .serviceUnavailable, category: "SERVICE_UNAVAILABLE", message: message, headers: [.retryAfter: "1"])
  }

  static let internalError = APIError(
    .internalServerError, category: "INTERNAL_ERROR",
    message: "Something went wrong on our side. The server's log has the details under this correlation id.")
}

extension APIError: HTTPResponseError {
  public func response(from request: Request, context: some RequestContext) throws -> Response {
    response(correlationID: UUIDText.random())
  }

  func response(correlationID: String) -> Response {
    var json = JSONWriter()
    json.object { error in
      error.field("status", "error")
      error.field("message", message)
      error.field("correlationId", correlationID)
      error.field("category", category)
      if !details.isEmpty { writeDetails(&error) }
      if !context.isEmpty { Self.write(self.context, to: &error) }
    }
    return .json(json.bytes, status: status, headers: headers)
  }

  private func writeDetails(_ json: inout JSONWriter) {
    json.key("errors")
    json.array { list in
      for detail in details {
        list.object { entry in
          entry.field("message", detail.message)
          entry.field("in", detail.field)
          entry.field("code", detail.code)
          if !detail.context.isEmpty { Self.write(detail.context, to: &entry) }
        }
      }
    }
  }

  private static func write(_ context: [String: [String]], to json: inout JSONWriter) {
    json.key("context")
    json.object { object in
      for (name, values) in context.sorted(by: { $0.key < $1.key }) { object.field(name, values) }
    }
  }
}

extension Response {
  /// A JSON answer from bytes that are JSON already.
  static func json(
    _ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = "application/json;charset=utf-8"
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
