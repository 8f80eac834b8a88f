import HTTPTypes
import Hummingbird

typealias Handler = @Sendable (Request, WebContext) async throws -> Response

/// Routes by path, then by method. A path that is known answers 405 with `Allow` to other methods.
struct RouteTable: Sendable {
  private var paths: [(path: String, methods: [HTTPRequest.Method: Handler])] = []

  /// Methods that someone may try.
  private static let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]

  /// - Parameter path: `{name}` stands for any one component. A slash at the end of a request's path makes
  ///   no difference.
  mutating func on(_ path: String, _ methods: [HTTPRequest.Method: Handler]) {
    paths.append((path, methods))
  }

  func add(to router: Router<WebContext>) {
    for (path, methods) in paths {
      let allowed = Array(methods.keys)
      for method in Self.known {
        // HEAD is GET without the body, which the server leaves out.
        let handler = methods[method] ?? (method == .head ? methods[.get] : nil)
        router.on(RouterPath(path), method: method) { request, context in
          guard let handler else { throw APIError.methodNotAllowed(allowed) }
          let response = try await handler(request, context)
          return method == .head ? response.createHeadResponse() : response
        }
      }
    }
  }
}
