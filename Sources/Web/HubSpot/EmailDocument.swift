import Composition
import HubL
import Intake
import MailModel
import Storage

/// Between HubSpot's marketing e-mail object and what we keep of it: the members that sending needs have
/// columns, the others are kept as they came.
enum EmailDocument {
  /// Writable members without a column.
  private static let kept = [
    "content", "to", "campaign", "language", "publishDate", "sendOnPublish", "jitterSendTime",
    "subscriptionDetails", "testing", "webversion", "rssData", "activeDomain", "businessUnitId", "folderIdV2",
    "feedbackSurveyId", EmailRecord.contractMember,
  ]

  /// The e-mail that a create call asks for.
  static func draft(creating body: JSONBody) throws -> EmailDraft {
    var reader = body.reader()
    let name = reader.text("name", isRequired: true) ?? ""
    if reader.has("name"), name.isEmpty, reader.problems.isEmpty { reader.note("name", "must not be empty") }
    var draft = EmailDraft(name: name)
    if let subcategory = reader.text("subcategory") {
      guard EmailKinds.type(of: subcategory) != nil else {
        throw APIError.validation("Creating an email with invalid subcategory is not allowed")
      }
      draft.subcategory = subcategory
    }
    draft.state = EmailKinds.draftState(of: draft.subcategory)
    try apply(body, &reader, to: &draft)
    return draft
  }

  /// The e-mail after a PATCH: what is not named stays.
  static func draft(updating record: EmailRecord, by body: JSONBody) throws -> EmailDraft {
    var reader = body.reader()
    var draft = EmailDraft(record)
    if let name = reader.text("name"), !name.isEmpty { draft.name = name }
    if let subcategory = reader.text("subcategory"), subcategory != record.subcategory {
      throw APIError.validation("Cannot perform subcategory updates for this email type")
    }
    try apply(body, &reader, to: &draft)
    return draft
  }

  private static func apply(
    _ body: JSONBody, _ reader: inout MemberReader, to draft: inout EmailDraft
  ) throws {
    if let subject = reader.text("subject") {
      if subject.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" }) {
        reader.note("subject", "must be one line without control characters")
      }
      draft.subject = subject
    }
    if let state = reader.text("state") { draft.state = state }
    if let archived = reader.bool("archived") { draft.isArchived = archived }
    applyFrom(&reader, to: &draft)
    applyContent(body, &reader, to: &draft)
    try reader.finish()
  }

  /// HubSpot's `from.replyTo` is the From address; `customReplyTo` is the Reply-To.
  private static func applyFrom(_ reader: inout MemberReader, to draft: inout EmailDraft) {
    reader.object("from") { from in
      if from.has("fromName") { draft.fromName = from.text("fromName") }
      if from.has("replyTo") { draft.from = from.text("replyTo") }
      if from.has("customReplyTo") { draft.replyTo = from.text("customReplyTo") }
    }
  }

  private static func applyContent(_ body: JSONBody, _ reader: inout MemberReader, to draft: inout EmailDraft)
  {
    var extra = members(draft.extra)
    for name in kept {
      guard let value = body.members[name] else { continue }
      extra[name] = merge(extra[name], value)
    }
    if let contract = body.members[EmailRecord.contractMember], contract != .null {
      do throws(ContractError) {
        // As it was given, with every default said.
        extra[EmailRecord.contractMember] = try EmailContract(contract).value
      } catch {
        reader.note(EmailRecord.contractMember, "can't be taken: \(error)")
      }
    }
    if reader.map("content") != nil, case .map(let content)? = extra["content"] {
      if let html = EmailContent.html(content) { draft.html = html }
      if let text = EmailContent.text(content) { draft.text = text.isEmpty ? nil : text }
    }
    reader.object("subscriptionDetails") { details in
      if details.has("subscriptionId") { draft.subscription = details.integer("subscriptionId") }
    }
    draft.extra = text(extra)
  }

  /// Objects are merged member by member, null takes a member away, all else is replaced.
  static func merge(_ old: Value?, _ new: Value) -> Value {
    guard case .map(let changes) = new, case .map(var members)? = old else { return new }
    for (name, change) in changes {
      members[name] = change == .null ? nil : merge(members[name], change)
    }
    return .map(members)
  }

  static func members(_ json: String) -> ValueMap {
    guard case .map(let members)? = try? Value(json: Array(json.utf8)) else {
      return [:]
    }
    return members
  }

  private static func text(_ members: ValueMap) -> String {
    var json = JSONWriter()
    json.value(.map(members))
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

/// HTML and text within HubSpot's widget model.
enum EmailContent {
  /// The HTML of all widgets one after the other: in the order of the layout, else of `order`, else by
  /// name. Nil when no widget has any.
  static func html(_ content: ValueMap) -> String? {
    if case .string(let html)? = content["html"] { return html }
    guard case .map(let widgets)? = content["widgets"] else { return nil }
    let parts = order(of: widgets, content).compactMap { html(ofWidget: widgets[$0]) }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  static func text(_ content: ValueMap) -> String? {
    if case .string(let text)? = content["plainTextVersion"] { return text }
    return nil
  }

  /// What a widget holds: `body.html`, or for a text widget `body.value`.
  private static func html(ofWidget widget: Value?) -> String? {
    guard let body = widget?["body"] else { return nil }
    if case .string(let html)? = body["html"] { return html }
    if case .string(let value)? = body["value"] { return "<p>\(Page.escape(value))</p>" }
    return nil
  }

  private static func order(of widgets: ValueMap, _ content: ValueMap) -> [String] {
    let names = widgets.keys.filter { $0 != "preview_text" }
    let placed = layout(content).filter(names.contains)
    if !placed.isEmpty { return placed }
    return names.sorted { (place(widgets[$0]), $0) < (place(widgets[$1]), $1) }
  }

  private static func place(_ widget: Value?) -> Int64 {
    if case .int(let order)? = widget?["order"] { return order }
    return .max
  }

  /// Names in `flexAreas.main.sections[].columns[].widgets[]`.
  private static func layout(_ content: ValueMap) -> [String] {
    let sections = list(content["flexAreas"]?["main"]?["sections"])
    let columns = sections.flatMap { list($0["columns"]) }
    return columns.flatMap { list($0["widgets"]) }.compactMap {
      if case .string(let name) = $0 { name } else { nil }
    }
  }

  private static func list(_ value: Value?) -> [Value] {
    if case .list(let elements)? = value { return elements }
    return []
  }
}

/// HubSpot's kinds of e-mail.
enum EmailKinds {
  private static let types = [
    "batch": "BATCH_EMAIL", "ab_master": "AB_EMAIL", "ab_variant": "AB_EMAIL",
    "ab_loser_variant": "AB_EMAIL", "automated": "AUTOMATED_EMAIL",
    "automated_ab_master": "AUTOMATED_AB_EMAIL",
    "automated_ab_variant": "AUTOMATED_AB_EMAIL", "automated_for_deal": "AUTOMATED_EMAIL",
    "automated_for_form": "AUTOMATED_EMAIL", "localtime": "LOCALTIME_EMAIL", "rss_to_email": "RSS_EMAIL",
    "blog_email": "BLOG_EMAIL", "single_send_api": "SINGLE_SEND_API",
    "marketing_single_send_api": "MARKETING_SINGLE_SEND_API", "smtp_token": "SMTP_TOKEN",
    "optin_email": "OPTIN_EMAIL", "resubscribe_email": "RESUBSCRIBE_EMAIL",
    "ticket_closed_kickback_email": "TICKET_EMAIL",
  ]

  /// The `type` of a `subcategory`; nil for one that there is not.
  static func type(of subcategory: String) -> String? { types[subcategory] }

  static func draftState(of subcategory: String) -> String {
    subcategory == "batch" || subcategory.hasPrefix("ab_") ? "DRAFT" : "AUTOMATED_DRAFT"
  }

  static let publishedStates: Set<String> = [
    "PUBLISHED", "AUTOMATED", "AUTOMATED_SENDING", "PUBLISHED_OR_SCHEDULED", "PROCESSING", "PRE_PROCESSING",
  ]
}
