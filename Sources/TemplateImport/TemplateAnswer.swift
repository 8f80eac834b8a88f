import EmailDesign

/// A template with subject, HTML and text, as a service's API gives it.
public struct ImportedAnswer: Sendable, Hashable {
  /// An e-mail whose HTML its author wrote.
  public var email: SourceEmail
  /// What it is called there.
  public var name: String?
  public var findings: [ImportFinding]
}

extension TemplateDialect {
  /// Reads what the service's API gives for a template; throws when it is none.
  public func imported(
    answer json: JSONValue, substitutions: SubstitutionTags? = nil
  ) throws(ImportError) -> ImportedAnswer {
    let parts = parts(json)
    guard parts.html != nil || parts.text != nil else {
      throw ImportError("This JSON is no template of \(title)'s: there is neither HTML nor text in it.")
    }
    var report = ImportReport()
    let subject = try imported(parts.subject ?? "", "subject", substitutions, &report)
    let html = try imported(parts.html ?? "", "HTML", substitutions, &report)
    let text = try parts.text.map { text throws(ImportError) in
      try imported(text, "text", substitutions, &report)
    }
    let line = HubLLine.inlines(subject, "subject", &report)
    if let layout = parts.layout {
      report.add(
        .changed, "layout", layout,
        "the e-mail stands in a layout: import that, too, and give it with --layout")
    }
    let settings = EmailSettings(language: .english, subject: line, preheader: [])
    let email = SourceEmail(kind: .template, settings: settings, html: html, text: text)
    return ImportedAnswer(email: email, name: parts.name, findings: report.findings)
  }

  private func imported(
    _ source: String, _ part: String, _ substitutions: SubstitutionTags?, _ report: inout ImportReport
  ) throws(ImportError) -> String {
    do {
      let template = try imported(source, substitutions: substitutions)
      for finding in template.findings {
        report.add(finding.outcome, "\(part), \(finding.place)", finding.what, finding.note)
      }
      return template.source
    } catch {
      throw ImportError("\(part), \(error)")
    }
  }

  private typealias Parts = (name: String?, subject: String?, html: String?, text: String?, layout: String?)

  private func parts(_ json: JSONValue) -> Parts {
    switch self {
    case .postmark:
      return (
        json["Name"]?.filledText, json["Subject"]?.text, json["HtmlBody"]?.filledText,
        json["TextBody"]?.filledText, json["LayoutTemplate"]?.filledText
      )
    case .sendGrid:
      let versions = json["versions"]?.items ?? []
      let version = versions.first { $0["active"] == 1 } ?? versions.first ?? json
      return (
        json["name"]?.filledText, version["subject"]?.text, version["html_content"]?.filledText,
        version["plain_content"]?.filledText, nil
      )
    case .mailgun:
      let template = json["template"] ?? json
      let version = template["version"] ?? template["versions"]?.items.first
      return (
        template["name"]?.filledText, version?["headers"]?["Subject"]?.text, version?["template"]?.filledText,
        nil,
        nil
      )
    }
  }
}
