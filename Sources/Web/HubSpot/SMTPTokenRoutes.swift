import Hummingbird
import Intake
import HubL
import MailModel
import Signing
import Storage

/// HubSpot's SMTP tokens, version 3. Those made here end by themselves after twelve months, as HubSpot's do.
struct SMTPTokenRoutes {
  let services: WebServices

  private static let lifeSeconds: Int64 = 365 * 86_400

  var table: RouteTable {
    let root = "/marketing/v3/transactional/smtp-tokens"
    var table = RouteTable()
    table.on(root, [.get: list, .post: create])
    table.on("\(root)/{tokenId}", [.get: show, .delete: delete])
    table.on("\(root)/{tokenId}/password-reset", [.post: reset])
    return table
  }

  @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
    let access = try await services.authorize(request, Scope.transactional)
    let body = try JSONBody(try await RequestBodies.json(request))
    var reader = body.reader()
    let name = reader.text("campaignName", isRequired: true)
    let createContact = reader.bool("createContact", isRequired: true)
    try reader.finish()
    let password = Secrets.randomText(30)
    let userName = "\(Self.userPart())@\(access.account).smtp.brevdue"
    let now = Instant.now()
    let token = try await services.store.write { db in
      try db.createSMTPToken(
        id: userName, account: access.account, campaignName: name ?? "",
        createContact: createContact ?? false,
        passwordHash: MessageDigest.sha256(password), createdBy: access.name, at: now,
        expiresAt: now.advanced(bySeconds: Self.lifeSeconds))
    }
    return .json(
      Self.view(token, password: password), status: .created,
      headers: [.location: "\(request.uri.path)/\(token.id)"])
  }

  @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
    let access = try await services.authorize(request, Scope.transactional)
    let limit = try Paging.limit(request, standard: 100, most: 1000)
    let parameters = request.uri.queryParameters
    let name = PercentEncoding.formValue("campaignName", in: request.uri.query ?? "")
    let campaign = parameters["emailCampaignId"].flatMap { CampaignID(String($0)) }
    let after = parameters["after"].map(String.init)
    let tokens = try await services.store.read { db in
      try db.smtpTokens(
        account: access.account, campaignName: name, campaign: campaign, after: after, limit: limit)
    }
    var json = JSONWriter()
    json.object { page in
      page.key("results")
      page.array { results in
        for token in tokens { results.raw(Self.view(token)) }
      }
      if tokens.count == limit, let last = tokens.last { Paging.write(after: last.id, to: &page) }
    }
    return .json(json.bytes)
  }

  @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
    let access = try await services.authorize(request, Scope.transactional)
    let id = try context.parameters.text("tokenId")
    guard let token = try await services.store.read({ db in try db.smtpToken(id) }),
      token.account == access.account
    else { throw APIError.notFound }
    return .json(Self.view(token))
  }

  @Sendable private func reset(_ request: Request, _ context: WebContext) async throws -> Response {
    let access = try await services.authorize(request, Scope.transactional)
    let id = try context.parameters.text("tokenId")
    let password = Secrets.randomText(30)
    let token = try await services.store.write { db in
      try db.resetSMTPToken(id, account: access.account, passwordHash: MessageDigest.sha256(password))
    }
    guard let token else { throw APIError.notFound }
    return .json(Self.view(token, password: password))
  }

  @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
    let access = try await services.authorize(request, Scope.transactional)
    let id = try context.parameters.text("tokenId")
    let now = Instant.now()
    let isDeleted = try await services.store.write { db in
      try db.deleteSMTPToken(id, account: access.account, at: now)
    }
    guard isDeleted else { throw APIError.notFound }
    return Response(status: .noContent)
  }

  /// Ten lower-case letters and digits.
  private static func userPart() -> String {
    let signs = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<10).map { _ in signs[Int.random(in: 0..<signs.count, using: &generator)] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// HubSpot's `SmtpApiTokenView`; the password only where it was just made.
  static func view(_ token: SMTPToken, password: String? = nil) -> [UInt8] {
    var json = JSONWriter()
    json.object { view in
      view.field("id", token.id)
      view.field("password", password)
      view.field("createdBy", token.createdBy ?? "")
      view.field("createdAt", token.createdAt.iso8601)
      view.field("createContact", token.createContact)
      view.field("campaignName", token.campaignName)
      view.field("emailCampaignId", token.campaign.description)
    }
    return json.bytes
  }
}
