import HTTPTypes
import Hummingbird
import NIOCore

/// Reads bodies of API requests.
enum RequestBodies {
  /// Largest body, in bytes.
  static let limit = 2 * 1024 * 1024

  /// The bytes of a JSON body; throws 415 for another media type and 413 for one that is too large.
  static func json(_ request: Request) async throws -> [UInt8] {
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
