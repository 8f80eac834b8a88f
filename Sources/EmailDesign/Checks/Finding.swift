/// Something about an e-mail that its author should know.
public struct Finding: Sendable, Hashable {
  /// How much it matters.
  public enum Severity: String, Sendable, CaseIterable, Comparable {
    /// Sending is refused.
    case stop
    case warn
    case inform

    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int { self == .stop ? 0 : self == .warn ? 1 : 2 }
  }

  public var severity: Severity
  /// The rule's name, which does not change: `link-http`.
  public var rule: String
  public var place: Place
  /// What is the matter.
  public var message: String
  /// What to do.
  public var fix: String
  /// Of the translation that it is in; nil for the main content.
  public var language: LanguageTag?

  init(_ severity: Severity, _ rule: String, _ place: Place, _ message: String, fix: String) {
    self.severity = severity
    self.rule = rule
    self.place = place
    self.message = message
    self.fix = fix
  }
}

/// What a finding is about.
public enum Place: Sendable, Hashable, CustomStringConvertible {
  case subject, preheader, theme, sender, recipients, email
  /// A block or row by its id.
  case block(String)
  /// A line of the e-mail's own HTML, from 1.
  case line(Int)
  /// A line of the HTML of a block, from 1.
  case blockLine(String, Int)

  /// For programs and people: `subject`, `block b3`, `line 12`.
  public var description: String {
    switch self {
    case .subject: "subject"
    case .preheader: "preheader"
    case .theme: "theme"
    case .sender: "sender"
    case .recipients: "recipients"
    case .email: "e-mail"
    case .block(let id): "block \(id)"
    case .line(let number): "line \(number)"
    case .blockLine(let id, let number): "block \(id), line \(number)"
    }
  }
}
