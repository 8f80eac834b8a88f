import HubL
import MailModel
import Storage

/// An e-mail in the form of HubSpot's marketing e-mail object.
enum EmailView {
  static func json(_ record: EmailRecord) -> [UInt8] {
    var json = JSONWriter(capacity: 1024 + record.html.utf8.count * 2)
    json.object { write(record, to: &$0) }
    return json.bytes
  }

  private static func write(_ record: EmailRecord, to json: inout JSONWriter) {
    var extra = EmailDocument.members(record.extra)
    let isPublished = EmailKinds.publishedStates.contains(record.state)
    json.field("id", record.id.description)
    json.field("name", record.name)
    json.field("subject", record.subject)
    json.field("type", EmailKinds.type(of: record.subcategory) ?? "BATCH_EMAIL")
    json.field("subcategory", record.subcategory)
    json.field("state", record.state)
    json.field("isPublished", isPublished)
    json.field("isTransactional", record.subscription == nil && record.subcategory == "single_send_api")
    json.field("isAb", false)
    json.field("archived", record.isArchived)
    json.field("createdAt", record.createdAt.iso8601)
    json.field("updatedAt", record.updatedAt.iso8601)
    if isPublished { json.field("publishedAt", record.updatedAt.iso8601) }
    json.field("primaryEmailCampaignId", record.campaign.description)
    json.field("allEmailCampaignIds", [record.campaign.description])
    json.field("emailTemplateMode", "DRAG_AND_DROP")
    writeFrom(record, to: &json)
    json.key("content")
    json.value(content(record, extra.remove("content")))
    json.key("to")
    json.value(extra.remove("to") ?? .map([:]))
    json.key("sendOnPublish")
    json.value(extra.remove("sendOnPublish") ?? .bool(true))
    for (name, value) in extra.sorted(by: { $0.key < $1.key }) {
      json.key(name)
      json.value(value)
    }
  }

  private static func writeFrom(_ record: EmailRecord, to json: inout JSONWriter) {
    json.key("from")
    json.object { from in
      from.field("fromName", record.fromName)
      from.field("replyTo", record.from)
      from.field("customReplyTo", record.replyTo)
    }
  }

  /// As it was given, or, for an e-mail that the command line made, in the simplest layout there is.
  private static func content(_ record: EmailRecord, _ given: Value?) -> Value {
    var content = ValueMap()
    if case .map(let members)? = given { content = members }
    if EmailContent.html(content) != record.html, !record.html.isEmpty {
      let body = Value.map(["html": .string(record.html)])
      content["widgets"] = .map([
        "hs_email_body": .map(["name": .string("hs_email_body"), "type": .string("rich_text"), "body": body])
      ])
    }
    if let text = record.text { content["plainTextVersion"] = .string(text) }
    return .map(content)
  }
}
