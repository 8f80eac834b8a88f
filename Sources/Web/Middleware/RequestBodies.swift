import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Reads bodies of API requests.
enum RequestBodies {
  /// Largest body, in bytes.
  static let limit = 2 * 1024 * 1024
  /// Largest body of a request that may carry files, which are in base64.
  static let limitWithFiles = 16 * 1024 * 1024
  /// Requests with larger bodies than `limit` in work at the same time: they must not fill the memory.
  private static let largeAtOnce = 8
  private static let large = Atomic<Int>(0)

  /// Answers a request that may carry files. Of those with a large body, or one whose length nobody says, a few are
  /// in work at the same time; the others are asked to come back (503).
  static func answer(
    withFilesIn request: Request, _ answer: (_ json: [UInt8]) async throws -> Response
  ) async throws -> Response {
    let length = request.headers[.contentLength].flatMap { Int($0) }
    if let length, length <= limit { return try await answer(try await json(request)) }
    defer { large.wrappingSubtract(1, ordering: .relaxed) }
    guard large.wrappingAdd(1, ordering: .relaxed).newValue <= largeAtOnce else {
      throw APIError.unavailable("Too many large requests at the same time. Send this one again in a second.")
    }
    return try await answer(try await json(request, limit: limitWithFiles))
  }

  /// The bytes of a JSON body; throws 415 for another media type and 413 for one that is too large.
  static func json(_ request: Request, limit: Int = limit) async throws -> [UInt8] {
    if let type = request.headers[.contentType], !isJSON(type) { throw APIError.unsupportedMediaType }
    let buffer: ByteBuffer
    do {
      buffer = try await request.body.collect(upTo: limit)
    } catch is NIOTooManyBytesError {
      throw APIError.tooLarge(limit: limit)
    }
    guard buffer.readableBytes > 0 else {
      throw APIError.validation("The request has no body; it must be JSON.")
    }
    return Array(buffer.readableBytesView)
  }

  /// `application/json` or a type that ends in `+json`, with any parameters.
  private static func isJSON(_ type: String) -> Bool {
    let name = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    return name == "application/json" || name.hasSuffix("+json")
  }
}

extension APIError {
  static let noSuchRoute = APIError(
    .notFound, category: "OBJECT_NOT_FOUND", message: "There is nothing at this address.")
}

extension Parameters {
  /// A component of the path, percent-decoded (clients send `@` as `%40`).
  func text(_ name: String) throws(APIError) -> String {
    guard let raw = get(name), let text = PercentEncoding.decode(raw) else { throw .notFound }
    return text
  }
}
