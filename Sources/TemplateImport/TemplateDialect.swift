import HubL

/// Whose templates are read.
public enum TemplateDialect: String, Sendable, CaseIterable {
  /// Mustachio.
  case postmark
  /// Handlebars with SendGrid's helpers.
  case sendGrid = "sendgrid"
  /// Handlebars as Mailgun's engine speaks it.
  case mailgun

  /// For people.
  public var title: String {
    switch self {
    case .postmark: "Postmark"
    case .sendGrid: "SendGrid"
    case .mailgun: "Mailgun"
    }
  }
}

/// SendGrid's older way to put values into a mail, which a template itself does not tell.
public enum SubstitutionTags: String, Sendable, CaseIterable {
  /// `-name-`
  case dashes
  /// `%name%`
  case percent
}

/// A template as HubL, with what became of its parts.
public struct ImportedTemplate: Sendable, Hashable {
  /// HubL.
  public var source: String
  public var findings: [ImportFinding]
}

extension TemplateDialect {
  /// Larger templates are refused, in bytes.
  static let sizeLimit = 2_000_000

  /// The template in HubL, its values under `custom`. Throws when it is no template of this kind.
  /// - Parameter substitutions: SendGrid's older tags, when the template has such.
  public func imported(
    _ source: String, substitutions: SubstitutionTags? = nil
  ) throws(ImportError) -> ImportedTemplate {
    let bytes = Array(source.utf8)
    guard bytes.count <= Self.sizeLimit else {
      throw ImportError("The template has more than \(Self.sizeLimit / 1_000_000) MB.")
    }
    let nodes = try MustacheParser.nodes(bytes, self)
    var writer = HubLWriter(self, bytes, substitutions)
    let text = writer.hubl(nodes)
    do {
      _ = try Template(text)
    } catch {
      throw ImportError(
        "What came out cannot be read as HubL (\(error)); please report it with the template.")
    }
    return ImportedTemplate(source: text, findings: writer.findings)
  }
}
