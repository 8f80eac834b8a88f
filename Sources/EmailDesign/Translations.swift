/// What a version of an e-mail says in one language.
public enum EmailContent: Sendable, Hashable {
  case document(EmailDocument)
  case source(SourceEmail)

  /// What holds for the whole e-mail.
  public var settings: EmailSettings {
    switch self {
    case .document(let document): document.settings
    case .source(let source): source.settings
    }
  }

  /// The content as HubL.
  public func compile(_ context: CompileContext = CompileContext()) throws(DocumentError) -> CompiledEmail {
    switch self {
    case .document(let document): try document.compile(context)
    case .source(let source): try source.compile(context)
    }
  }

  /// Reads either by its `kind`; without one it is a document.
  public init(json value: JSONValue) throws(DocumentError) {
    try self.init(JSONField(value))
  }

  init(_ field: JSONField) throws(DocumentError) {
    if try field.members().optional("kind") != nil {
      self = .source(try SourceEmail(field))
    } else {
      self = .document(try EmailDocument(field))
    }
  }

  /// The same content reads back from it.
  public var json: JSONValue {
    switch self {
    case .document(let document): document.json
    case .source(let source): source.json
    }
  }
}

/// One e-mail in one or several languages.
public struct EmailVersion: Sendable, Hashable {
  /// What is sent when there is nothing in the contact's language.
  public var main: EmailContent
  /// The others; their languages differ from each other and from the main one.
  public let translations: [EmailContent]

  /// nil when two contents are in the same language.
  public init?(main: EmailContent, translations: [EmailContent] = []) {
    let languages = ([main] + translations).map(\.settings.language)
    guard Set(languages).count == languages.count else { return nil }
    self.main = main
    self.translations = translations
  }

  /// All contents, the main one first.
  public var contents: [EmailContent] { [main] + translations }

  /// The content for a contact's language, such as the property `hs_language`: the same language, else the
  /// nearest that is shorter (`pt` for `pt-BR`; RFC 4647, section 3.4), else another form of the same
  /// language (`pt-BR` for `pt`), else the main one. Chosen when the e-mail is sent.
  public func content(for wanted: String?) -> EmailContent {
    guard let wanted = wanted.flatMap({ LanguageTag($0.trimmed) }) else { return main }
    var tag: LanguageTag? = wanted
    while let current = tag {
      if let found = contents.first(where: { $0.settings.language == current }) { return found }
      tag = current.shorter
    }
    let kin = contents.filter { $0.settings.language.language == wanted.language }
    return kin.min { $0.settings.language < $1.settings.language } ?? main
  }
}

extension EmailVersion {
  /// Reads one content, or `{"schema": 1, "main": …, "translations": […]}`.
  public init(parsing bytes: [UInt8]) throws(DocumentError) {
    let field = JSONField(try .document(bytes))
    guard try field.members().optional("main") != nil else {
      main = try EmailContent(field)
      translations = []
      return
    }
    let members = try field.object("schema", "main", "translations")
    _ = try members.required("schema").int(1...1)
    main = try EmailContent(members.required("main"))
    var known: Set = [main.settings.language]
    var others = [EmailContent]()
    for field in try members.optional("translations")?.items(0...100) ?? [] {
      let content = try EmailContent(field)
      guard known.insert(content.settings.language).inserted else {
        throw DocumentError(path: "\(field.path).settings.lang", rule: "is the language of another content")
      }
      others.append(content)
    }
    translations = others
  }

  /// The same version reads back from it.
  public var json: JSONValue {
    guard !translations.isEmpty else { return main.json }
    return ["schema": 1, "main": main.json, "translations": .array(translations.map(\.json))]
  }
}
