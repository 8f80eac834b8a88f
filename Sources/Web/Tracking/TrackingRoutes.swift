import HTTPTypes
import Hummingbird
import NIOCore

/// `/t/o/TOKEN.gif`, the pixel, and `/t/c/TOKEN`, the links.
struct TrackingRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/t/o/{token}", [.get: open, .head: open])
    table.on("/t/c/{token}", [.get: click, .head: click])
    return table
  }

  /// Always the pixel, so that no mail shows a broken image; only a true token leaves a trace.
  @Sendable private func open(_ request: Request, _ context: WebContext) async throws -> Response {
    let name = context.parameters.get("token") ?? ""
    if let message = services.tracking.message(ofPixel: name.prefix { $0 != "." }) {
      await services.tracking.recordOpen(message, by: TrackingVisitor(request, context))
    }
    return Self.pixel
  }

  /// To the link's own URL, which is only ever taken from the store.
  @Sendable private func click(_ request: Request, _ context: WebContext) async throws -> Response {
    guard let link = try await services.tracking.link(of: context.parameters.get("token") ?? "") else {
      return Self.unknownLink
    }
    await services.tracking.recordClick(link, by: TrackingVisitor(request, context))
    var headers = Self.uncached
    headers[.location] = PercentEncoding.location(link.url)
    return Response(status: .found, headers: headers)
  }

  private static let uncached: HTTPFields = [
    .cacheControl: "no-store, no-cache, must-revalidate, max-age=0, private"
  ]

  private static let pixel: Response = {
    var headers = uncached
    headers[.contentType] = "image/gif"
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: gif)))
  }()

  /// One transparent pixel (GIF89a).
  private static let gif: [UInt8] = [
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF,
    0xFF,
    0xFF, 0x21, 0xF9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01,
    0x00,
    0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3B,
  ]

  private static let unknownLink = Page.response(
    status: .notFound, title: "This link does not work",
    body: "<p>The address is incomplete, or the message it came from is no longer kept.</p>")
}

extension HTTPField.Name {
  static let forwardedFor = HTTPField.Name("X-Forwarded-For")
  static let secPurpose = HTTPField.Name("Sec-Purpose")
  static let purpose = HTTPField.Name("Purpose")
  static let mozillaPurpose = HTTPField.Name("X-Moz")
}

extension TrackingVisitor {
  init(_ request: Request, _ context: WebContext) {
    self.init()
    isHead = request.method == .head
    userAgent = request.headers[.userAgent]
    ipAddress = Self.address(request, peer: context.peer)
    purpose =
      Self.field(.secPurpose, request) ?? Self.field(.purpose, request)
      ?? Self.field(.mozillaPurpose, request)
  }

  /// The other end of the connection; when that is a proxy on this machine, whom the proxy names.
  private static func address(_ request: Request, peer: SocketAddress?) -> String? {
    let direct = peer?.ipAddress
    guard direct == nil || direct == "::1" || direct?.hasPrefix("127.") == true,
      let forwarded = field(.forwardedFor, request)?.split(separator: ",").last
    else { return direct }
    let address = String(forwarded).trimmingSpaces()
    return (try? SocketAddress(ipAddress: address, port: 0)) == nil ? direct : address
  }

  private static func field(_ name: HTTPField.Name?, _ request: Request) -> String? {
    name.flatMap { request.headers[$0] }
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    let start = drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
