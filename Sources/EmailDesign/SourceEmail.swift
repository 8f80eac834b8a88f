/// An e-mail whose HTML its author writes.
public struct SourceEmail: Sendable, Hashable {
  /// Which door it came through.
  public enum Kind: String, Sendable, CaseIterable {
    /// HTML with values in it, `{{ contact.firstname }}`, but no tags.
    case html
    /// A coded template: all of HubL.
    case template
  }

  public var kind: Kind
  public var settings: EmailSettings
  /// HubL.
  public var html: String
  /// HubL; nil when the text is to be made of the HTML.
  public var text: String?

  public init(kind: Kind, settings: EmailSettings, html: String, text: String? = nil) {
    self.kind = kind
    self.settings = settings
    self.html = html
    self.text = text
  }
}

extension SourceEmail {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("schema", "kind", "settings", "html", "text")
    _ = try members.required("schema").int(1...1)
    kind = try members.required("kind").word(Kind.self)
    settings = try EmailSettings(members.required("settings"))
    html = try members.required("html").text(upTo: 2_000_000)
    text = try members.optional("text") { field throws(DocumentError) in try field.text(upTo: 1_000_000) }
  }

  /// The same e-mail reads back from it.
  public var json: JSONValue {
    .object([
      "schema": 1, "kind": .string(kind.rawValue), "settings": settings.json, "html": .string(html),
      "text": text.map { .string($0) },
    ])
  }

  /// The e-mail as HubL: in its layout if there is one, with the preheader as the body's first thing.
  public func compile(_ context: CompileContext = CompileContext()) throws(DocumentError) -> CompiledEmail {
    let source = try laidOut(context)
    return CompiledEmail(
      subject: TemplateText.plain(settings.subject), preheader: TemplateText.plain(settings.preheader),
      html: Self.adding(HTMLCompiler.preheader(settings.preheader), to: source), text: text)
  }

  /// The HTML in its layout.
  func laidOut(_ context: CompileContext) throws(DocumentError) -> String {
    switch context.layout {
    case .source(let layout): return try Self.put(html, into: layout)
    case .rows: throw DocumentError(path: "layout", rule: "is one for documents of blocks, not for HTML")
    case nil: return html
    }
  }

  /// The layout with the e-mail where it says `{{ content }}`.
  private static func put(_ html: String, into layout: String) throws(DocumentError) -> String {
    let bytes = Array(layout.utf8)
    let slots = SourceScanner.pieces(of: bytes).compactMap { piece in
      if case .output(let expression, let range) = piece, expression == "content" { range } else { nil }
    }
    guard slots.count == 1, let slot = slots.first else {
      throw DocumentError(
        path: "layout", rule: "must have {{ content }} once, and has it \(slots.count) times")
    }
    return String(decoding: bytes[..<slot.lowerBound], as: UTF8.self) + html
      + String(decoding: bytes[slot.upperBound...], as: UTF8.self)
  }

  /// The preheader behind the body's tag; in front of everything where there is none.
  private static func adding(_ preheader: String, to html: String) -> String {
    guard !preheader.isEmpty else { return html }
    let bytes = Array(html.utf8)
    var start = 0
    for place in bytes.indices where bytes[place] == 0x3C && bytes.count - place > 6 {
      guard bytes[place..<(place + 5)].map({ $0 | 0x20 }).elementsEqual("<body".utf8.map({ $0 | 0x20 }))
      else {
        continue
      }
      start = SourceScanner.tagEnd(bytes, from: place)
      break
    }
    return String(decoding: bytes[..<start], as: UTF8.self) + "\n" + preheader
      + String(decoding: bytes[start...], as: UTF8.self)
  }
}
