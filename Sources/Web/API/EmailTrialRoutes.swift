import Composition
import HubL
import Hummingbird
import Intake
import MailModel
import Storage

/// `/v1/emails/{emailId}/…`: what HubSpot has no calls for. An e-mail looked at before it is sent.
struct EmailTrialRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/v1/emails/{emailId}/preview", [.post: preview])
    table.on("/v1/emails/{emailId}/test", [.post: test])
    table.on("/v1/emails/{emailId}/contract", [.get: contract])
    return table
  }

  /// Fills the e-mail in and gives subject, HTML, text and the whole MIME message. The body may hold
  /// `contactProperties`, `customProperties` (the contract's samples when left out), `isStrict`, and in their place of
  /// what is stored, `subject`, `html` and `text` of a draft.
  @Sendable private func preview(_ request: Request, _ context: WebContext) async throws -> Response {
    var email = try await email(request, context)
    var reader = try JSONBody(try await RequestBodies.json(request)).reader()
    email.subject = reader.text("subject") ?? email.subject
    email.html = reader.text("html") ?? email.html
    if reader.has("text") { email.text = reader.text("text") }
    var values = Self.values(&reader)
    values.isStrict = reader.bool("isStrict") ?? true
    try reader.finish()
    let draft = email
    let shared = try await services.store.read { try AccountContent(of: draft, $0) }
    let rendered: RenderedEmail
    do throws(RenderError) {
      rendered = try EmailTrial.render(draft, shared, values, at: .now())
    } catch {
      throw Self.explain(error)
    }
    var json = JSONWriter(capacity: 4 * rendered.bytes.count)
    json.object { view in
      view.field("subject", rendered.subject)
      view.field("html", rendered.html)
      view.field("text", rendered.text)
      view.field("source", String(decoding: rendered.bytes, as: UTF8.self))
      view.field("size", rendered.bytes.count)
    }
    return .json(json.bytes)
  }

  /// Sends the e-mail as a test to each address of `to`; values as for a preview.
  @Sendable private func test(_ request: Request, _ context: WebContext) async throws -> Response {
    let email = try await email(request, context)
    var reader = try JSONBody(try await RequestBodies.json(request)).reader()
    let addresses = reader.texts("to") ?? []
    if !(1...TestSend.recipientLimit).contains(addresses.count) {
      reader.note("to", "must have 1 to \(TestSend.recipientLimit) addresses")
    }
    let values = Self.values(&reader)
    try reader.finish()
    let outcomes = try await services.singleSend.testSend.send(email, to: addresses, values)
    var json = JSONWriter()
    json.object { answer in
      answer.key("results")
      answer.array { list in
        for (address, outcome) in zip(addresses, outcomes) {
          list.object { Self.write(outcome, address, &$0) }
        }
      }
    }
    return .json(json.bytes)
  }

  /// What is declared, what the templates use besides, and calls that send this very e-mail.
  @Sendable private func contract(_ request: Request, _ context: WebContext) async throws -> Response {
    let email = try await email(request, context)
    let inferred = EmailTrial.inferredContract(of: email)
    let contract = email.contract ?? EmailContract()
    let snippet = SendSnippet(email: email.id, contract: email.contract ?? inferred)
    var json = JSONWriter()
    json.object { view in
      view.key("contract")
      view.value(contract.value)
      view.key("inferred")
      view.value(inferred.value)
      view.field("undeclared", contract.undeclared(of: inferred))
      view.key("snippets")
      view.object { snippets in
        for language in SendSnippet.Language.allCases {
          snippets.field(language.rawValue, snippet.text(language))
        }
      }
    }
    return .json(json.bytes)
  }

  private func email(_ request: Request, _ context: WebContext) async throws -> EmailRecord {
    let token = try await services.authorize(request, Scope.content)
    guard let id = EmailID(try context.parameters.text("emailId")),
      let email = try await services.store.read({ db in try db.email(id, account: token.account) })
    else { throw APIError.notFound }
    return email
  }

  private static func values(_ reader: inout MemberReader) -> TrialValues {
    TrialValues(
      contact: (reader.map("contactProperties") ?? [:]).dictionary.compactMapValues(\.scalarText),
      custom: reader.map("customProperties"))
  }

  private static func write(_ outcome: TestSend.Outcome, _ address: String, _ json: inout JSONWriter) {
    json.field("to", address)
    switch outcome {
    case .queued(let message): json.field("messageId", message.description)
    case .refused(let reason): json.field("error", reason)
    }
  }

  private static func explain(_ error: RenderError) -> APIError {
    guard case .missingProperties(let names) = error else { return .validation(error.description) }
    return .validation(
      error.description,
      names.map { .init("No value is given for \($0).", in: $0, code: "MISSING_TEMPLATE_PROPERTIES") })
  }
}
