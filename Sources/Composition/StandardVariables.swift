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
    values["year"] = values["year"] ?? .int(year(of: request.date))
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

  /// Of the Gregorian calendar, in UTC.
  private static func year(of date: Instant) -> Int64 {
    // 400 years have 146,097 days; the year begins in March, so that the day of the leap is its last.
    let days = Int64((Double(date.milliseconds) / 86_400_000).rounded(.down)) + 719_468
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    return era * 400 + year + (dayOfYear >= 306 ? 1 : 0)
  }
}
