import HTTPTypes
import Hummingbird
import Intake
import Logging
import Metrics
import Storage

/// Stands around every route: counts and times the answer, and turns what was thrown into HubSpot's
/// error form. Nothing of an unexpected error but its correlation id reaches the client.
struct AnswerMiddleware: RouterMiddleware {
  typealias Context = WebContext

  let metrics: PrometheusMetrics

  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response: Response
    do {
      response = try await next(request, context)
    } catch {
      response = Self.answer(to: error, context.logger)
    }
    note(request.method, context.endpointPath ?? "none", response.status, since: start)
    return response
  }

  private func note(
    _ method: HTTPRequest.Method, _ route: String, _ status: HTTPResponse.Status,
    since start: ContinuousClock.Instant
  ) {
    let dimensions = [("method", method.rawValue), ("route", route), ("status", String(status.code))]
    Counter(label: "brevdue_http_requests_total", dimensions: dimensions, factory: metrics).increment()
    let elapsed = (ContinuousClock.now - start).components
    let nanoseconds = elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
    Timer(label: "brevdue_http_request_seconds", dimensions: [("route", route)], factory: metrics)
      .recordNanoseconds(nanoseconds)
  }

  private static func answer(to error: any Error, _ logger: Logger) -> Response {
    let id = UUIDText.random()
    let answer: APIError
    switch error {
    case let error as APIError: answer = error
    case let error as RequestBodyError: answer = APIError(error)
    case let error as HTTPError: answer = translate(error)
    case StoreError.full:
      answer = .unavailable("The server's disk is full; nothing of this request was kept. Try again later.")
    case StoreError.unavailable:
      answer = .unavailable("The database can't be used; nothing of this request was kept. Try again later.")
    case let error as StoreError where error.isTransient:
      answer = .unavailable("The store is busy. Try again.")
    default: answer = .internalError
    }
    if answer.status.code >= 500 {
      logger.error("request failed", metadata: ["correlationId": "\(id)", "error": "\(error)"])
    }
    return answer.response(correlationID: id)
  }

  /// Errors that the framework throws by itself.
  private static func translate(_ error: HTTPError) -> APIError {
    switch error.status {
    case .notFound: .noSuchRoute
    case .contentTooLarge: .tooLarge(limit: RequestBodies.limit)
    default:
      APIError(error.status, category: "VALIDATION_ERROR", message: error.body ?? error.status.reasonPhrase)
    }
  }
}
