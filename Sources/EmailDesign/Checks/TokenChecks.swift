/// Values: whether they are known, and what is read where one is empty.
enum TokenChecks {
  static func findings(_ subject: CheckSubject) -> [Finding] {
    let outline = subject.outline
    var known = Set<String>()
    // A value is told of once, at its first place.
    let uses = outline.uses.filter {
      known.insert("\($0.token.path) \($0.token.fallback == nil)\($0.isGuarded)").inserted
    }
    var findings = uses.compactMap { use in
      unknown(use, outline, subject.facts) ?? missing(use, outline, subject.facts)
    }
    findings += coverage(outline, subject.facts)
    return findings
  }

  /// What HubL has at the top, besides `contact` and `custom`.
  private static let roots: Set<String> = [
    "contact", "custom", "company", "account", "owner", "deal", "ticket", "content", "site_settings",
    "unsubscribe_link", "unsubscribe_link_all", "unsubscribe_link_single", "unsubscribe_anchor",
    "unsubscribe_section", "subscription_name", "subscription_confirmation_url", "view_as_page_url",
    "view_as_page_section", "hub_id", "portal_id", "content_id", "year", "local_dt", "local_time_zone",
    "primary_font",
    "primary_font_size", "background_color", "email_body_width", "loop", "…",
  ]

  private static func unknown(_ use: Outline.Use, _ outline: Outline, _ facts: CheckFacts) -> Finding? {
    let path = use.token.path
    guard roots.contains(path.root) || outline.localNames.contains(path.root) else {
      return Finding(
        .stop, "token-unknown", use.place, "Nothing is known of the value “\(path)”.",
        fix: "Values start with contact, custom, company, owner, content or site_settings.")
    }
    guard path.root == "contact", let values = facts.values, let name = path.second,
      !values.contactProperties.contains(name)
    else { return nil }
    return Finding(
      .stop, "token-unknown", use.place, "There is no contact property “\(name)”.",
      fix: "Choose one of the account's properties, or make this one.")
  }

  private static func missing(_ use: Outline.Use, _ outline: Outline, _ facts: CheckFacts) -> Finding? {
    let path = use.token.path
    if use.token.fallback != nil || use.isGuarded { return nil }
    if path.root == "contact", path.second != "email" {
      if let name = path.second, facts.values?.defaults.contains(name) ?? false { return nil }
      return Finding(
        .stop, "token-fallback", use.place,
        "“\(path)” is empty for some contacts, and nothing stands in for it.",
        fix: "Give it a fall-back, or show the part only where the value is there.")
    }
    guard path.root == "custom", let sample = facts.sample, sample.value(at: path) == nil else { return nil }
    return Finding(
      .stop, "token-sample", use.place, "“\(path)” must come with each send, and the sample data has none.",
      fix: "Put it into the sample data, or give it a fall-back.")
  }

  private static func coverage(_ outline: Outline, _ facts: CheckFacts) -> [Finding] {
    facts.coverage.compactMap { count in
      guard count.missing > 0,
        let use = outline.uses.first(where: { $0.token.path == count.path && !$0.isGuarded })
      else { return nil }
      let who = "\(count.missing.grouped) of \(count.total.grouped) recipients have no “\(count.path)”"
      guard let fallback = use.token.fallback else {
        return Finding(
          .warn, "token-coverage", use.place, "\(who), and nothing stands in for it.",
          fix: "Give it a fall-back.")
      }
      return Finding(
        .inform, "token-coverage", use.place, "\(who); they read “\(fallback)”.",
        fix: "Nothing to do if the e-mail reads well so.")
    }
  }
}

extension TokenPath {
  /// `firstname` of `contact.firstname`.
  var second: String? {
    let parts = description.split(separator: ".")
    return parts.count > 1 ? String(parts[1].prefix { $0 != "[" }) : nil
  }
}

extension JSONValue {
  /// The value under a path; nil when it is not there, null or an empty text.
  func value(at path: TokenPath) -> JSONValue? {
    var current = self
    for part in path.description.split(whereSeparator: { $0 == "." || $0 == "[" }) {
      if part.hasSuffix("]"), let place = Int(part.dropLast()) {
        guard case .array(let items) = current, items.indices.contains(place) else { return nil }
        current = items[place]
      } else {
        guard let next = current[String(part)] else { return nil }
        current = next
      }
    }
    return current == .null || current == .string("") ? nil : current
  }
}

extension Int {
  /// With a comma at each thousand.
  var grouped: String {
    var digits = Array(String(magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (self < 0 ? "-" : "") + String(digits)
  }
}
