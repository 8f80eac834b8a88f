import Composition
import HubL
import MailModel
import Storage

/// The stored templates that one e-mail uses, read and parsed before it is rendered.
public struct SharedTemplates: Sendable {
  /// Most templates that one e-mail may use, those of others counted too.
  public static let limit = 100

  private var parsed: [String: Result<Template, TemplateError>] = [:]
  /// What they were parsed from.
  private(set) var sources: [String: String] = [:]

  /// None at all.
  public init() {}

  /// What the e-mail names, and what that names in turn; those that are not stored are left out. Reading a draft's
  /// parts in place of the stored ones is the caller's: `email` is taken as it is.
  public init(of email: EmailRecord, _ db: Connection) throws {
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

  /// What an `include` finds; nil when there is no such template.
  public func template(_ name: String) throws(TemplateError) -> Template? {
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
