import ArgumentParser
import MailModel
import Signing
import Storage

/// `access-token`: what programs log in with at the HTTP API.
struct AccessTokens: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access-token", abstract: "Tokens for the HTTP API.",
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token.",
      discussion: """
        The token is shown once; only its hash is kept. Programs send it as \
        `Authorization: Bearer TOKEN`. Without --scope it may do everything that exists today.

          brevdue access-token create --name "Web shop" --scope transactional-email
        """)

    /// What a token may do when nothing is said.
    static let defaultScopes = [
      "transactional-email", "marketing-email", "content", "crm.objects.contacts.read",
      "crm.objects.contacts.write",
    ]

    @Option(name: .long, help: ArgumentHelp("What it is for.", valueName: "name"))
    var name: String

    @Option(
      name: .long,
      help: ArgumentHelp("A scope, such as transactional-email; repeat for more.", valueName: "scope"))
    var scope: [String] = []

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let secret = "bvd_" + Secrets.randomText(40)
        let (name, scopes) = (name, scope.isEmpty ? Self.defaultScopes : scope)
        let token = try await installation.store.write { connection in
          try connection.createAccessToken(
            account: account, name: name, scopes: scopes, hash: MessageDigest.sha256(secret), at: .now())
        }
        show(token, secret: secret)
      }
    }

    private func show(_ token: AccessToken, secret: String) {
      if output.json {
        Terminal.print(
          .object([
            "id": .string("\(token.id)"), "token": .string(secret), "name": .string(token.name),
            "scopes": .strings(token.scopes), "createdAt": .string(token.createdAt.iso8601),
          ]))
        return
      }
      Terminal.print(secret)
      Terminal.note("This is token \(token.id) (\(token.name)). It is shown only now: keep it safe.")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the tokens, without their secrets.")

    @Flag(name: .long, help: "Also those that were revoked.")
    var all = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let tokens = try await Installation.with(try location.configuration()) { installation in
        let (account, all) = (try await installation.account(account).id, all)
        return try await installation.store.read {
          try $0.accessTokens(account: account, includingRevoked: all)
        }
      }
      output.json ? Terminal.print(.array(tokens.map(Self.json))) : Self.printTable(tokens)
    }

    private static func json(_ token: AccessToken) -> JSON {
      .object([
        "id": .string("\(token.id)"), "name": .string(token.name), "scopes": .strings(token.scopes),
        "createdAt": .string(token.createdAt.iso8601),
        "lastUsedAt": .orNull(token.lastUsedAt?.iso8601), "revokedAt": .orNull(token.revokedAt?.iso8601),
      ])
    }

    private static func printTable(_ tokens: [AccessToken]) {
      guard !tokens.isEmpty else {
        return Terminal.note("No tokens. Make one: brevdue access-token create --name NAME")
      }
      var table = Table(["ID", "NAME", "CREATED", "LAST USED", "SCOPES"])
      for token in tokens {
        let used = token.revokedAt.map { "revoked \($0.local)" } ?? token.lastUsedAt?.local ?? "never"
        table.add(
          "\(token.id)", token.name, token.createdAt.local, used, token.scopes.joined(separator: " "))
      }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token useless, for good.", discussion: "A running server refuses it within a second.")

    @Argument(help: "Number of the token, see `access-token list`.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      guard let token = AccessTokenID(id) else {
        throw ValidationError("\"\(id)\" is not the number of a token.")
      }
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let isDone = try await installation.store.write {
          try $0.revokeAccessToken(token, account: account, at: .now())
        }
        guard isDone else {
          throw Failure(
            "There is no token \(token) that could be revoked.", next: "See: brevdue access-token list --all")
        }
      }
      output.json
        ? Terminal.print(.object(["id": .string("\(token)"), "revoked": .bool(true)]))
        : Terminal.print("Token \(token) is revoked.")
    }
  }
}
