import HTTPTypes
import MailModel
import Testing

@testable import Web

@Suite("Routes")
struct RoutesTests {
  @Test(
    "requests without the right to it",
    arguments: [
      (nil as String?, 401, "INVALID_AUTHENTICATION"), ("wrong", 401, "INVALID_AUTHENTICATION"),
      (WebFixture.limitedSecret, 403, "MISSING_SCOPES"),
    ])
  func unauthorized(secret: String?, status: Int, category: String) async throws {
    try await WebFixture.run { _, client in
      for (method, path) in [
        (HTTPRequest.Method.post, WebClient.sendPath), (.get, "/marketing/v3/email/send-statuses/x"),
        (.get, "/marketing/v3/emails/"), (.get, "/v1/messages"),
        (.get, "/marketing/v3/transactional/smtp-tokens"),
      ] {
        let answer = try await client.request(method, path, method == .post ? "{}" : nil, secret: secret)
        #expect(answer.status == status, "\(path)")
        #expect(answer["category"] == category)
      }
    }
  }

  @Test(
    "wrong verbs, types and places",
    arguments: [
      (HTTPRequest.Method.get, WebClient.sendPath, nil as String?, "application/json", 405),
      (.delete, "/marketing/v3/emails", nil, "application/json", 405),
      (.post, WebClient.sendPath, "{}", "text/plain", 415), (.get, "/nowhere", nil, "application/json", 404),
      (.post, WebClient.sendPath, "{}", "application/json; charset=utf-8", 400),
      (.get, "/marketing/v3/emails/77", nil, "application/json", 404),
      (.get, "/marketing/v3/email/send-statuses/nope", nil, "application/json", 404),
      (.get, "/v1/messages/12", nil, "application/json", 404),
    ])
  func refused(method: HTTPRequest.Method, path: String, body: String?, type: String, status: Int)
    async throws
  {
    try await WebFixture.run { _, client in
      let answer = try await client.request(method, path, body, type: type)
      #expect(answer.status == status)
      #expect(answer["status"] == "error")
      if status == 405 { #expect(answer.headers[.allow]?.isEmpty == false) }
    }
  }

  @Test("a body that is too large is 413")
  func tooLarge() async throws {
    try await WebFixture.run { _, client in
      let body = "{\"x\":\"" + String(repeating: "y", count: RequestBodies.limitWithFiles) + "\"}"
      let answer = try await client.post(WebClient.sendPath, body)
      #expect(answer.status == 413)
    }
  }

  @Test("health, metrics and the front page need no token")
  func open() async throws {
    try await WebFixture.run { _, client in
      #expect(try await client.get("/health/live", secret: nil)["status"] == "alive")
      #expect(try await client.get("/health/ready", secret: nil)["status"] == "ready")
      #expect(try await client.get("/", secret: nil).text.contains("Brevdue"))
      let metrics = try await client.get("/metrics", secret: nil).text
      #expect(
        metrics.contains(#"brevdue_http_requests_total{method="GET",route="/health/live",status="200"} 1"#))
      #expect(metrics.contains("# TYPE brevdue_http_request_seconds histogram"))
    }
  }

  @Test("not ready while something is in the way")
  func notReady() async throws {
    try await WebFixture.run(obstacles: ["no disk"]) { _, client in
      let answer = try await client.get("/health/ready", secret: nil)
      #expect(answer.status == 503)
      #expect(answer["reasons.0"] == "no disk")
      #expect(try await client.get("/health/live", secret: nil).status == 200)
    }
  }

  @Test("SMTP tokens from making to deleting")
  func smtpTokens() async throws {
    try await WebFixture.run { _, client in
      let root = "/marketing/v3/transactional/smtp-tokens"
      #expect(try await client.post(root, #"{"campaignName":"x"}"#)["errors.0.in"] == "createContact")
      let made = try await client.post(root, #"{"campaignName":"Receipts","createContact":true}"#)
      #expect(made.status == 201)
      let id = try #require(made["id"])
      #expect(made["password"]?.utf8.count == 30)
      #expect(id.hasSuffix(".smtp.brevdue"))
      let path = root + "/" + id.split(separator: "@").joined(separator: "%40")
      let shown = try await client.get(path)
      #expect(shown["campaignName"] == "Receipts")
      #expect(shown["createContact"] == "true")
      #expect(shown["password"] == nil)
      #expect(try await client.get(root + "?campaignName=Receipts")["results.0.id"] == id)
      let reset = try await client.request(.post, path + "/password-reset")
      #expect(reset["password"] != made["password"])
      #expect(try await client.request(.delete, path).status == 204)
      #expect(try await client.get(path).status == 404)
    }
  }
}
