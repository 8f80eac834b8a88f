import EmailDesign

/// A HubSpot e-mail as one of ours, with what stands beside its content.
public struct ImportedEmail: Sendable, Hashable {
  /// Subject, preview text, language and blocks.
  public var document: EmailDocument
  /// What it is called in HubSpot.
  public var name: String?
  public var fromName: String?
  /// HubSpot's `from.replyTo`, which is the sender's address.
  public var fromAddress: String?
  /// Where replies go, when it is another address.
  public var replyTo: String?
  public var subscriptionID: String?
  public var subscriptionName: String?
  /// nil when the e-mail does not say.
  public var isTransactional: Bool?
  public var findings: [ImportFinding] = []
}

extension ImportedEmail {
  /// Reads an e-mail as `GET /marketing/v3/emails/{id}` gives it; throws when it is none.
  public init(hubSpot bytes: [UInt8]) throws(ImportError) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw ImportError("This is not valid JSON (\(error)).")
    }
    try self.init(hubSpot: json)
  }

  /// Reads an e-mail as HubSpot's API gives it; throws when it is none.
  public init(hubSpot email: JSONValue) throws(ImportError) {
    guard let content = email["content"], !content.members.isEmpty else {
      let list = email["results"] == nil ? "" : " It is a list: take one of its results."
      throw ImportError("This is no e-mail of HubSpot's: there is no “content” in it.\(list)")
    }
    var report = ImportReport()
    let style = HubSpotStyle(content["styleSettings"] ?? .null, &report)
    var layout = HubSpotLayout(content, style, report)
    let rows = layout.rows()
    report = layout.report
    var settings = EmailSettings(language: .english, subject: [], preheader: [])
    settings.language = Self.language(email, &report)
    settings.direction =
      ["ar", "fa", "he", "ur"].contains(settings.language.description.prefix(2)) ? .rtl : .ltr
    settings.width = style.width ?? 600
    settings.subject = HubLLine.inlines(email["subject"]?.text ?? "", "subject", &report)
    settings.preheader = HubLLine.inlines(content.previewText, "widget preview_text", &report)
    document = EmailDocument(settings: settings, theme: style.theme, rows: rows)
    setSender(email)
    Self.reportRest(email, content, &report)
    findings = report.findings
    do {
      // What was made obeys the rules of what is read.
      document = try EmailDocument(json: document.json)
    } catch {
      throw ImportError("What came out is no document (\(error)); please report it with the e-mail.")
    }
  }

  private mutating func setSender(_ email: JSONValue) {
    name = email["name"]?.filledText
    fromName = email["from"]?["fromName"]?.filledText
    fromAddress = email["from"]?["replyTo"]?.filledText
    replyTo = email["from"]?["customReplyTo"]?.filledText
    subscriptionID = email["subscriptionDetails"]?["subscriptionId"]?.word
    subscriptionName = email["subscriptionDetails"]?["subscriptionName"]?.filledText
    isTransactional = email["isTransactional"]?.flag
  }

  private static func language(_ email: JSONValue, _ report: inout ImportReport) -> LanguageTag {
    guard let text = email["language"]?.filledText else {
      report.add(.changed, "language", "none", "it names no language; English is put in")
      return .english
    }
    if let tag = LanguageTag(text) { return tag }
    report.add(.changed, "language", text, "this is no language tag; English is put in")
    return .english
  }

  /// What an e-mail has beside its content, and why it does not come along.
  private static let rest = [
    ("to", "recipients belong to the request or list that sends it"),
    ("testing", "tests of two forms of an e-mail are not brought along: import each form"),
    ("webversion", "there is one page for each message; {{ view_as_page_url }} leads to it"),
    ("campaign", "campaigns are not brought along"), ("rssData", "feeds are not read"),
    ("publishDate", "it is not scheduled here"), ("feedbackSurveyId", "surveys belong to HubSpot"),
  ]

  private static func reportRest(_ email: JSONValue, _ content: JSONValue, _ report: inout ImportReport) {
    for (name, note) in rest where email[name]?.isFilled == true { report.add(.left, name, name, note) }
    if content["plainTextVersion"]?.isFilled == true {
      report.add(
        .changed, "content.plainTextVersion", "plain text", "the text part is made of the blocks instead")
    }
    if content["smartFields"]?.isFilled == true {
      report.add(
        .left, "content.smartFields", "smart content", "only what everybody gets is here; use conditions")
    }
    if content["themeSettingsValues"]?.isFilled == true {
      report.add(.left, "content.themeSettingsValues", "theme", "themes of HubSpot's are not read")
    }
  }
}

/// Findings in the order in which things were met.
struct ImportReport {
  private(set) var findings: [ImportFinding] = []

  mutating func add(_ outcome: ImportFinding.Outcome, _ place: String, _ what: String, _ note: String) {
    let finding = ImportFinding(outcome, place, what, note)
    if findings.last != finding { findings.append(finding) }
  }
}

extension JSONValue {
  fileprivate var previewText: String {
    self["widgets"]?["preview_text"]?["body"]?["value"]?.text ?? ""
  }
}
