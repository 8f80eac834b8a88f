import HTTPTypes
import MailModel
import Storage
import Testing

@testable import Web

@Suite("Marketing e-mails over HTTP")
struct EmailRoutesTests {
  private static let path = "/marketing/v3/emails/"

  @Test("made, read, changed, listed, deleted")
  func life() async throws {
    try await WebFixture.run { fixture, client in
      let made = try await client.post(
        Self.path,
        #"""
        {"name":"Receipt","subject":"Your order","subcategory":"single_send_api","language":"en",
        "from":{"fromName":"Shop","replyTo":"shop@sender.example","customReplyTo":"help@sender.example"},
        "content":{"plainTextVersion":"Hi","widgets":{"b":{"order":2,"body":{"html":"<p>B</p>"}},
        "a":{"order":1,"body":{"html":"<p>A</p>"}},"preview_text":{"body":{"value":"peek"}}}}}
        """#)
      #expect(made.status == 201)
      #expect(made["type"] == "SINGLE_SEND_API")
      #expect(made["state"] == "AUTOMATED_DRAFT")
      #expect(made["from.replyTo"] == "shop@sender.example")
      #expect(made["language"] == "en")
      let id = try #require(made["id"].flatMap { EmailID($0) })
      let record = try await fixture.store.read { [account = fixture.account] db in
        try db.email(id, account: account)
      }
      #expect(record?.html == "<p>A</p>\n<p>B</p>")
      #expect(record?.text == "Hi")
      #expect(record?.replyTo == "help@sender.example")

      let changed = try await client.request(
        .patch, Self.path + "\(id)", #"{"content":{"widgets":{"a":{"body":{"html":"<p>New</p>"}}}}}"#)
      #expect(changed.status == 200)
      #expect(changed["subject"] == "Your order")
      #expect(changed["content.widgets.a.body.html"] == "<p>New</p>")
      #expect(changed["content.widgets.b.body.html"] == "<p>B</p>")
      #expect(try await client.get(Self.path + "\(id)").text == changed.text)

      let list = try await client.get(Self.path + "?limit=1")
      #expect(list["total"] == "1")
      #expect(list["results.0.id"] == "\(id)")
      #expect(try await client.request(.delete, Self.path + "\(id)").status == 204)
      #expect(try await client.get(Self.path + "\(id)").status == 404)
    }
  }

  @Test(
    "refused",
    arguments: [
      ("{}", "name"), (#"{"name":""}"#, "name"), (#"{"name":7}"#, "name"),
      (#"{"name":"x","subject":"a\nb"}"#, "subject"), (#"{"name":"x","from":{"replyTo":1}}"#, "from.replyTo"),
      (#"{"name":"x","content":[]}"#, "content"), (#"{"name":"x","subcategory":"automated_email"}"#, ""),
    ])
  func refused(body: String, field: String) async throws {
    try await WebFixture.run { _, client in
      let answer = try await client.post(Self.path, body)
      #expect(answer.status == 400)
      #expect(answer["errors.0.in"] ?? "" == field)
    }
  }

  @Test("an e-mail of the command line has content that reads back the same")
  func simpleContent() async throws {
    try await WebFixture.run { fixture, client in
      let id = try await fixture.email(html: "<p>Hi</p>")
      let shown = try await client.get(Self.path + "\(id)")
      #expect(shown["content.widgets.hs_email_body.body.html"] == "<p>Hi</p>")
      #expect(shown["sendOnPublish"] == "true")
    }
  }
}
