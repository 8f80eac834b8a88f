import Composition
import HubL
import MailModel
import Storage

/// What an e-mail takes from its account, read before it is rendered: the stored templates that it uses, parsed, and who
/// sends.
public struct AccountContent: Sendable {
  /// Most templates that one e-mail may use, those of others counted too.
  public static let limit = 100

  private var parsed: [String: Result<Template, TemplateError>] = [:]
  /// What they were parsed from.
  private(set) var sources: [String: String] = [:]
  /// Readable as `site_settings.NAME`.
  private(set) var siteSettings: ValueMap = [:]

  /// None at all.
  public init() {}

  /// What the e-mail names, and what that names in turn; those that are not stored are left out. Reading a draft's
  /// parts in place of the stored ones is the caller's: `email` is taken as it is.
  public init(of email: EmailRecord, _ db: Connection) throws {
    let settings = try db.siteSettings(account: email.account).map {
      ($0.key.rawValue, Value.string($0.value))
    }
    siteSettings = ValueMap(Dictionary(settings) { $1 })
    var wanted = [email.subject, email.html, email.text].compactMap { $0 }.flatMap(Self.names)
    while let name = wanted.popLast() {
      guard sources[name] == nil, sources.count < Self.limit,
        let found = try db.template(account: email.account, name: name)
      else { continue }
      sources[name] = found.source
      let template = Result { () throws(TemplateError) in try Template(found.source) }
      parsed[name] = template
      wanted += (try? template.get().templateNames) ?? []
    }
  }

  /// Whether another look at the store found the same.
  func isSame(as other: AccountContent) -> Bool {
    sources == other.sources && Value.map(siteSettings) == .map(other.siteSettings)
  }

  /// Gives a rendering what the account has.
  func fill(_ request: inout RenderRequest) {
    request.variables["site_settings"] = .map(siteSettings)
    request.templates = { name throws(TemplateError) in try template(name) }
  }

  /// What an `include` finds; nil when there is no such template.
  private func template(_ name: String) throws(TemplateError) -> Template? {
    try parsed[name]?.get()
  }

  /// A source without any of these words names none, which saves parsing it.
  private static func names(in source: String) -> [String] {
    guard source.contains("{%"), ["include", "extends", "import"].contains(where: source.contains) else {
      return []
    }
    return (try? Template(source))?.templateNames ?? []
  }
}
