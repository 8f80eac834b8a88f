import MailModel
import Storage
import Testing

@testable import Intake
@testable import Web

@Suite("Single send over HTTP")
struct SingleSendTests {
  @Test("a send is taken, carried out and handed to delivery")
  func sent() async throws {
    try await WebFixture.run { fixture, client in
      let email = try await fixture.email(
        subject: "Order {{ custom.order }}",
        html: "<p>Dear {{ contact.firstname }}, <a href=\"https://a.example/\">see</a></p>")
      let body = """
        {"emailId":\(email),"message":{"to":"Ann <Ann@rcpt.example>","cc":["c@rcpt.example"],
        "bcc":["b@other.example"],"sendId":"k1"},"contactProperties":{"firstname":"Ann","age":42},
        "customProperties":{"order":"A-7"}}
        """
      let first = try await client.post(WebClient.sendPath, body)
      #expect(first.status == 200)
      #expect(first["status"] == "PENDING")
      #expect(first["requestedAt"]?.hasSuffix("Z") == true)
      let id = try #require(first["statusId"])
      var status = first
      #expect(
        try await eventually {
          status = try await client.get("/marketing/v3/email/send-statuses/\(id)/")
          return status["status"] == "COMPLETE"
        })
      #expect(status["sendResult"] == "SENT")
      #expect(status["eventId.id"]?.utf8.count == 36)
      #expect(status["startedAt"] != nil)
      #expect(status["completedAt"] != nil)
      try await check(fixture)
      let again = try await client.post(WebClient.sendPath, body)
      #expect(again["status"] == "COMPLETE")
      #expect(again["sendResult"] == "IDEMPOTENT_IGNORE")
      #expect(fixture.offered.messages.count == 3)
    }
  }

  private func check(_ fixture: WebFixture) async throws {
    let messages = fixture.offered.messages
    #expect(messages.map(\.message.recipient) == ["Ann@rcpt.example", "c@rcpt.example", "b@other.example"])
    #expect(messages.map(\.message.isTracked) == [true, false, false])
    #expect(messages.map(\.entry.domain) == ["rcpt.example", "rcpt.example", "other.example"])
    let main = try #require(messages.first)
    #expect(main.message.subject == "Order A-7")
    #expect(main.message.sender == "shop@sender.example")
    let bytes = String(decoding: main.original.body, as: UTF8.self)
    #expect(bytes.contains("Dear Ann"))
    #expect(!bytes.contains("b@other.example"))
    let account = fixture.account
    let contact = try await fixture.store.read { db in
      try db.contact(account: account, email: "ann@rcpt.example")
    }
    #expect(contact?.properties["firstname"] == "Ann")
    #expect(contact?.properties["age"] == "42")
    let events = try await fixture.store.read { db in try db.events(message: main.message.id) }
    #expect(events.map(\.type) == [.sent])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var result: String
    var message: String
    var custom = "{}"
    var html = "<p>Hello {{ custom.order|default(\"x\") }}</p>"
    var subcategory = "single_send_api"
    var from: String? = "shop@sender.example"
    var testDescription: String { result + " " + message }
  }

  @Test(
    "what does not go out says why",
    arguments: [
      Refusal(result: "INVALID_TO_ADDRESS", message: #""to":"noreply@rcpt.example""#),
      Refusal(result: "INVALID_TO_ADDRESS", message: #""to":"Postmaster@rcpt.example""#),
      Refusal(result: "INVALID_TO_ADDRESS", message: #""to":"not an address""#),
      Refusal(result: "INVALID_TO_ADDRESS", message: #""to":"a@rcpt.example\r\nBcc: x@y.example""#),
      Refusal(result: "INVALID_TO_ADDRESS", message: #""to":"a@rcpt.example","cc":["broken"]"#),
      Refusal(result: "INVALID_FROM_ADDRESS", message: #""to":"a@rcpt.example","from":"nobody""#),
      Refusal(result: "INVALID_FROM_ADDRESS", message: #""to":"a@rcpt.example""#, from: nil),
      Refusal(
        result: "UNCONFIGURED_SENDING_DOMAIN", message: #""to":"a@rcpt.example","from":"A <a@other.example>""#
      ),
      Refusal(result: "MISSING_CONTENT", message: #""to":"a@rcpt.example""#, subcategory: "batch"),
      Refusal(result: "MISSING_CONTENT", message: #""to":"a@rcpt.example""#, html: ""),
      Refusal(
        result: "MISSING_TEMPLATE_PROPERTIES", message: #""to":"a@rcpt.example""#,
        html: "<p>{{ custom.order }}</p>"),
      Refusal(
        result: "TEMPLATE_RENDER_EXCEPTION", message: #""to":"a@rcpt.example""#,
        html: "<p>{{ custom. }}</p>"),
      Refusal(
        result: "VALIDATION_FAILED", message: #""to":"a@rcpt.example","replyTo":["no address"]"#),
    ])
  func refused(refusal: Refusal) async throws {
    try await WebFixture.run { fixture, client in
      let email = try await fixture.email(
        html: refusal.html, subcategory: refusal.subcategory, from: refusal.from)
      let answer = try await client.send(
        #"{"emailId":\#(email),"message":{\#(refusal.message)},"customProperties":\#(refusal.custom)}"#)
      #expect(answer["status"] == "COMPLETE")
      #expect(answer["sendResult"] == refusal.result)
      #expect(answer["message"]?.isEmpty == false)
      #expect(answer["eventId"] == nil)
      #expect(fixture.offered.messages.isEmpty)
    }
  }

  @Test("an e-mail that does not exist is missing content")
  func unknownEmail() async throws {
    try await WebFixture.run { _, client in
      let answer = try await client.send(#"{"emailId":99,"message":{"to":"a@rcpt.example"}}"#)
      #expect(answer["sendResult"] == "MISSING_CONTENT")
    }
  }

  @Test(
    "bad bodies are 400 and name the fields",
    arguments: [
      ("{", ""), ("[]", ""), ("{}", "emailId"), (#"{"emailId":1}"#, "message"),
      (#"{"emailId":1,"message":{}}"#, "message.to"),
      (#"{"emailId":"x","message":{"to":"a@b.example"}}"#, "emailId"),
      (#"{"emailId":1,"message":{"to":7}}"#, "message.to"),
      (#"{"emailId":1,"message":{"to":"a@b.example","cc":"x"}}"#, "message.cc"),
      (#"{"emailId":1,"message":{"to":"a@b.example"},"contactProperties":{"a":[1]}}"#, "contactProperties.a"),
    ])
  func invalid(body: String, field: String) async throws {
    try await WebFixture.run { _, client in
      let answer = try await client.post(WebClient.sendPath, body)
      #expect(answer.status == 400)
      #expect(answer["status"] == "error")
      #expect(answer["category"] == "VALIDATION_ERROR")
      #expect(answer["correlationId"]?.utf8.count == 36)
      #expect(answer["errors.0.in"] ?? "" == field)
    }
  }

  @Test("every missing field is named")
  func allMissing() throws {
    let error = try #require(throws: RequestBodyError.self) {
      try SingleSendRequest(json: Array("{}".utf8))
    }
    #expect(error.problems.map(\.field) == ["emailId", "message"])
  }

  @Test("sends that a stopped server left are carried out at the next start")
  func leftOver() async throws {
    try await WebFixture.run { fixture, client in
      let email = try await fixture.email()
      let body = #"{"emailId":\#(email),"message":{"to":"late@rcpt.example"}}"#
      let send = Send(
        id: SendID(fixture.store.identifiers.next(at: .now())), statusID: "left", account: fixture.account,
        email: email, sendKey: nil, request: Array(body.utf8), requestedAt: .now())
      _ = try await fixture.store.write { db in try db.insertSend(send) }
      fixture.services.singleSend.progress.noteLeftOver()
      #expect(
        try await eventually {
          try await client.get("/marketing/v3/email/send-statuses/left")["status"] == "COMPLETE"
        })
      #expect(fixture.offered.messages.count == 1)
    }
  }
}
