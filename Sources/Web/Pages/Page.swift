import HTTPTypes
import Hummingbird
import NIOCore

/// A small page that stands by itself: no scripts, nothing loaded from elsewhere.
enum Page {
  static func response(status: HTTPResponse.Status = .ok, title: String, body: String) -> Response {
    let html = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escape(title))</title>
      <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 10vh auto; padding: 0 1.5rem;
        color: #1c2024; background: #fff }
      code { background: #f0f2f4; padding: .1em .3em; border-radius: 3px }
      @media (prefers-color-scheme: dark) {
        body { color: #e6e8ea; background: #16181a }
        code { background: #26292c }
        a { color: #8ab8ff }
      }
      </style>
      </head>
      <body>
      <h1>\(escape(title))</h1>
      \(body)
      </body>
      </html>

      """
    let headers: HTTPFields = [
      .contentType: "text/html;charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
      .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ]
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
  }

  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// `/`: what this is and where to go on.
struct PageRoutes {
  let publicURL: String

  var table: RouteTable {
    let front = Page.response(title: "Brevdue", body: body)
    var table = RouteTable()
    table.on("/", [.get: { _, _ in front }])
    return table
  }

  private var body: String {
    let url = Page.escape(publicURL)
    return """
      <p>This is a Brevdue server: it takes transactional e-mail over SMTP and HTTP, signs, tracks and
      delivers it, and tells what became of each message.</p>
      <p>Send a message: <code>POST \(url)/marketing/v3/transactional/single-email/send</code> with an access
      token made by <code>brevdue access-token create --name NAME</code>.</p>
      <p>See what happened: <code>brevdue message list</code>, or <code>GET \(url)/v1/messages</code>.</p>
      <p>How it all works is in <code>README.md</code> and the folder <code>docs</code> of the source.
      For machines there are <a href="/health/ready">/health/ready</a> and
      <a href="/metrics">/metrics</a>.</p>
      """
  }
}
