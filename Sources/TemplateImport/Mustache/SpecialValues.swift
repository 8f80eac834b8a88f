extension HubLWriter {
  /// What the service itself fills in.
  mutating func special(_ expression: MustacheExpression, _ offset: Int) -> String? {
    guard case .path(let path) = expression, path.up == 0, path.segments.count == 1,
      let name = path.segments.first
    else { return nil }
    switch dialect {
    case .postmark: return postmark(name, path, offset)
    case .sendGrid: return path.isData || ownsName(name) ? nil : sendGrid(name, offset)
    case .mailgun: return nil
    }
  }

  private func ownsName(_ name: String) -> Bool { scopes.contains { $0.names[name] != nil } }

  private mutating func postmark(_ name: String, _ path: MustachePath, _ offset: Int)
    -> String?
  {
    if path.isData, name == "content" {
      reportOnce(.carried, offset, "@content", "a layout: where the e-mail goes is {{ content }}")
      return "{{ content }}"
    }
    guard name == "pm:unsubscribe" || name == "pm:unsubscribe_url" else {
      return path.isData ? left("@\(name)", offset, "this value of Postmark's is not known") : nil
    }
    reportOnce(.changed, offset, name, "the link to unsubscribe is {{ unsubscribe_link_all }}, an address")
    return "{{ unsubscribe_link_all }}"
  }

  private mutating func sendGrid(_ name: String, _ offset: Int) -> String? {
    guard let path = Self.sendGridNames[name] else { return nil }
    reportOnce(.changed, offset, name, "SendGrid fills it in itself; here it is {{ \(path) }}")
    return "{{ \(path) }}"
  }

  private static let sendGridNames = [
    "unsubscribe": "unsubscribe_link_all", "unsubscribe_preferences": "unsubscribe_link",
    "weblink": "view_as_page_url", "Weblink": "view_as_page_url",
    "Sender_Name": "site_settings.company_name", "Sender_Address": "site_settings.company_street_address_1",
    "Sender_City": "site_settings.company_city", "Sender_State": "site_settings.company_state",
    "Sender_Zip": "site_settings.company_zip", "Sender_Country": "site_settings.company_country",
  ]
}

/// Mailgun's `%recipient.name%`.
enum RecipientVariables {
  private static let known = [
    "recipient_email": "contact.email", "recipient": "contact.email", "recipient_fname": "contact.firstname",
    "recipient_lname": "contact.lastname", "unsubscribe_url": "unsubscribe_link_all",
    "tag_unsubscribe_url": "unsubscribe_link", "mailing_list_unsubscribe_url": "unsubscribe_link",
  ]

  static func replaced(_ text: String) -> String {
    Substitutions.replaced(text, sign: 0x25) { name in
      if let path = known[name] { return "{{ \(path) }}" }
      guard name.hasPrefix("recipient.") else { return nil }
      let names = name.dropFirst(10).split(separator: ".").map(String.init)
      return names.isEmpty ? nil : "{{ \(names.reduce("custom", HubLName.member)) }}"
    }
  }
}

/// SendGrid's older tags in texts.
enum Substitutions {
  private static let unsubscribe = [
    ("<%asm_group_unsubscribe_raw_url%>", "{{ unsubscribe_link_all }}"),
    ("<%asm_global_unsubscribe_raw_url%>", "{{ unsubscribe_link_all }}"),
    ("<%asm_preferences_raw_url%>", "{{ unsubscribe_link }}"),
  ]

  static func replaced(_ text: String, _ tags: SubstitutionTags?) -> String {
    var text = text
    for (tag, link) in unsubscribe { text = replaced(text, tag, by: link) }
    guard let tags else { return text }
    return replaced(text, sign: tags == .dashes ? 0x2D : 0x25) { name in
      HubLName.isName(name) ? "{{ custom.\(name) }}" : nil
    }
  }

  private static func replaced(_ text: String, _ tag: String, by link: String) -> String {
    let bytes = Array(text.utf8)
    let wanted = Array(tag.utf8)
    var result = [UInt8]()
    var position = 0
    while position < bytes.count {
      if bytes[position] == wanted[0], bytes[position...].starts(with: wanted) {
        HubLText.join(&result, link)
        position += wanted.count
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Names between two signs, where they stand for a value.
  static func replaced(_ text: String, sign: UInt8, _ value: (String) -> String?) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(sign) else { return text }
    var result = [UInt8]()
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == sign, let end = nameEnd(bytes, from: position + 1), bytes[end] == sign,
        let code = value(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
      {
        HubLText.join(&result, code)
        position = end + 1
      } else {
        result.append(byte)
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The sign behind a name that starts here.
  private static func nameEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    var end = start
    while end < bytes.count, end - start < 100,
      (bytes[end] | 0x20) &- 0x61 < 26 || bytes[end] &- 0x30 < 10 || bytes[end] == 0x5F || bytes[end] == 0x2E
    {
      end += 1
    }
    return end > start && end < bytes.count ? end : nil
  }
}
