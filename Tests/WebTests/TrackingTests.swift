import Composition
import HTTPTypes
import MailModel
import Signing
import Storage
import Testing

@testable import Web

@Suite("Opens and clicks")
struct TrackingTests {
  private static let browser: HTTPFields = [
    .userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
  ]

  @Test(
    "people and machines",
    arguments: [
      ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", nil),
      ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.5266)", nil),
      (
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "google-image-proxy"
      ),
      ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "yahoo-mail-proxy"),
      ("Mozilla/5.0", "apple-privacy-proxy"), ("curl/8.5.0", "program"), ("python-requests/2.32", "program"),
      ("Mozilla/5.0 (compatible; Googlebot/2.1)", "bot"), ("Slackbot-LinkExpanding 1.0", "link-preview"),
      ("", "no-user-agent"),
    ])
  func classification(agent: String, reason: String?) {
    #expect(FetchClassifier.reason(.init(userAgent: agent)) == reason)
  }

  @Test("how a fetch comes counts too")
  func circumstances() {
    let agent = Self.browser[.userAgent]
    #expect(FetchClassifier.reason(.init(isHead: true, userAgent: agent)) == "head-request")
    #expect(FetchClassifier.reason(.init(userAgent: agent, purpose: "prefetch;prerender")) == "prefetch")
    let delivery = Instant(milliseconds: 5_000)
    #expect(FetchClassifier.isTooSoon(Instant(milliseconds: 5_999), after: delivery))
    #expect(!FetchClassifier.isTooSoon(Instant(milliseconds: 6_000), after: delivery))
    #expect(!FetchClassifier.isTooSoon(delivery, after: nil))
  }

  @Test("a pixel and a link of a message that was sent")
  func fetches() async throws {
    try await WebFixture.run { fixture, client in
      let email = try await fixture.email(html: "<p><a href=\"https://a.example/x?a=1&amp;b=2\">see</a></p>")
      _ = try await client.send(#"{"emailId":\#(email),"message":{"to":"a@rcpt.example"}}"#)
      let message = try #require(fixture.offered.messages.first?.message.id)
      let open = TrackingToken(.open, message: message).encode(fixture.trackingKey)
      let click = TrackingToken(.click(link: 0), message: message).encode(fixture.trackingKey)

      let pixel = try await client.get("/t/o/\(open).gif", secret: nil, headers: Self.browser)
      #expect(pixel.headers[.contentType] == "image/gif")
      let link = try await client.get("/t/c/\(click)", secret: nil, headers: Self.browser)
      #expect(link.status == 302)
      #expect(link.headers[.location] == "https://a.example/x?a=1&b=2")
      let head = try await client.request(.head, "/t/c/\(click)", secret: nil, headers: Self.browser)
      #expect(head.status == 302)

      let types = try await events(of: message, fixture, atLeast: 4)
      #expect(types.map(\.type) == [.sent, .open, .click, .click])
      #expect(types.map(\.detail.filteredEvent) == [nil, nil, nil, true])
      #expect(types[2].detail.url == "https://a.example/x?a=1&b=2")
      let shown = try await client.get("/v1/messages/\(message)")
      #expect(shown["opens"] == "1")
      #expect(shown["clicks"] == "1")
      #expect(shown["events.3.filterReason"] == "head-request")
      #expect(try await client.get("/v1/messages?recipient=a@rcpt.example")["results.0.id"] == "\(message)")
    }
  }

  @Test("forged tokens never redirect and leave no trace")
  func forged() async throws {
    try await WebFixture.run { fixture, client in
      let token = TrackingToken(.click(link: 0), message: MessageID(5)).encode(.init([9]))
      for path in [token, "x", "https:%2F%2Fevil.example", token + "?url=https://evil.example"] {
        let answer = try await client.get("/t/c/\(path)", secret: nil)
        #expect(answer.status == 404)
        #expect(answer.headers[.location] == nil)
      }
      let pixel = try await client.get("/t/o/\(token).gif", secret: nil)
      #expect(pixel.status == 200)
    }
  }

  /// Recording happens after the answer.
  private func events(of message: MessageID, _ fixture: WebFixture, atLeast count: Int) async throws
    -> [Event]
  {
    var events: [Event] = []
    _ = try await eventually {
      events = try await fixture.store.read { db in try db.events(message: message) }
      return events.count >= count
    }
    return events
  }
}
