import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `/health/live`, `/health/ready`, `/metrics`: for whoever watches over the process. No token needed.
struct HealthRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/health/live", [.get: { _, _ in Self.status("alive", []) }])
    table.on("/health/ready", [.get: ready])
    table.on("/metrics", [.get: metrics])
    return table
  }

  @Sendable private func ready(_ request: Request, _ context: WebContext) async throws -> Response {
    var obstacles = services.obstacles()
    if let complaint = await services.store.examine().complaint { obstacles.append(complaint) }
    return Self.status(obstacles.isEmpty ? "ready" : "unavailable", obstacles)
  }

  @Sendable private func metrics(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = ByteBuffer(string: services.metrics.text())
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .init(byteBuffer: body))
  }

  private static func status(_ word: String, _ reasons: [String]) -> Response {
    var json = JSONWriter()
    json.object { object in
      object.field("status", word)
      if !reasons.isEmpty { object.field("reasons", reasons) }
    }
    return .json(
      json.bytes, status: reasons.isEmpty ? .ok : .serviceUnavailable, headers: [.cacheControl: "no-store"])
  }
}
