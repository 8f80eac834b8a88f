import HubL
import MailModel

/// The names that HubSpot's e-mails know, as far as a request says what they are worth.
enum StandardVariables {
  /// What the request gives goes before what can be told without it.
  static func values(for request: RenderRequest) -> [String: Value] {
    var values = request.variables
    values["contact"] = Value(request.contact)
    values["custom"] = request.custom
    values["content"] = content(of: request, with: values["content"])
    values["local_dt"] = values["local_dt"] ?? .int(request.date.milliseconds)
    values["local_time_zone"] = values["local_time_zone"] ?? .string(request.timeZone)
    values["year"] = values["year"] ?? .int(Int64(request.date.civil.year))
    // HubSpot's editor writes `company`, its documentation `account`.
    values["company"] = values["company"] ?? values["account"]
    values["account"] = values["account"] ?? values["company"]
    return values
  }

  private static func content(of request: RenderRequest, with given: Value?) -> Value {
    var content = ValueMap()
    content["from_name"] = .string(request.from.name ?? "")
    content["reply_to"] = .string(request.replyTo.first?.address ?? request.from.address)
    content["publish_date"] = .int(request.date.milliseconds)
    if case .map(let members)? = given {
      for (name, value) in members { content[name] = value }
    }
    return .map(content)
  }
}
