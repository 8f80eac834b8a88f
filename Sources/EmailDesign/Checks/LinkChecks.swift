/// Where links lead, and what they are called.
enum LinkChecks {
  static func findings(_ outline: Outline) -> [Finding] {
    outline.links.flatMap { link in
      [destination(link), transport(link), label(link), domain(link)].compactMap { $0 }
    }
  }

  private static func destination(_ link: Outline.Link) -> Finding? {
    let name = link.text.isEmpty ? "A link" : "The link “\(link.text)”"
    if let address = link.destination.fixed, address.isEmpty || address == "#" {
      return Finding(
        .stop, "link-empty", link.place, "\(name) leads nowhere.", fix: "Give it an address, or take it out.")
    }
    // An address that starts with a value is known when it is sent only.
    if case .token? = link.destination.parts.first { return nil }
    guard let scheme = link.destination.scheme else {
      return Finding(
        .stop, "link-relative", link.place,
        "\(name) leads to “\(link.destination.parts.shown)”, which has no https:// in front.",
        fix: "Write the whole address: an e-mail stands on no site.")
    }
    guard Destination.schemes.contains(scheme) else {
      return Finding(
        .stop, "link-scheme", link.place, "\(name) starts with “\(scheme):”, which mail programs refuse.",
        fix: "Use https, mailto, tel or sms.")
    }
    guard link.destination.parts.shown.trimmed.utf8.count > scheme.utf8.count + 3 else {
      return Finding(
        .stop, "link-empty", link.place, "\(name) leads nowhere: there is only “\(scheme):”.",
        fix: "Give it an address.")
    }
    return nil
  }

  private static func transport(_ link: Outline.Link) -> Finding? {
    if link.destination.scheme == "http" {
      return Finding(
        .warn, "link-http", link.place,
        "The link “\(link.text)” leads to http, which anybody on the way can read.",
        fix: "Use https.")
    }
    if let host = link.destination.host, shorteners.contains(host) {
      return Finding(
        .warn, "link-shortener", link.place,
        "The link “\(link.text)” goes through \(host), which filters distrust.",
        fix: "Link to the page itself.")
    }
    return nil
  }

  private static func label(_ link: Outline.Link) -> Finding? {
    let text = link.text.trimmed
    guard !text.isEmpty else {
      let what = link.isImage ? "An image that is a link has no alternative text" : "A link has no text"
      return Finding(
        .stop, link.isImage ? "image-link-alt" : "link-text", link.place,
        "\(what): nobody who hears it knows where it leads.", fix: "Say in a few words where it leads.")
    }
    var words = text.lowercased()
    while let last = words.last, last.isPunctuation || last.isWhitespace || last == ">" || last == "→" {
      words.removeLast()
    }
    guard vague.contains(words) else { return nil }
    return Finding(
      .warn, "link-vague", link.place, "The link “\(text)” does not say where it leads.",
      fix: "Name the aim: “View your order” instead of “click here”.")
  }

  /// A text that looks like an address of another domain than the link's own is what phishing does.
  private static func domain(_ link: Outline.Link) -> Finding? {
    guard let host = link.destination.host, let shown = shownHost(link.text), !isKin(host, shown) else {
      return nil
    }
    return Finding(
      .warn, "link-domain", link.place, "The link shows \(shown), and leads to \(host).",
      fix: "Show the address that it leads to, or words instead: filters take this for phishing.")
  }

  private static func shownHost(_ text: String) -> String? {
    let text = text.trimmed.lowercased()
    guard !text.contains(" "), !text.contains("@") else { return nil }
    let hasScheme = text.hasPrefix("http://") || text.hasPrefix("https://")
    guard hasScheme || text.hasPrefix("www.") || looksLikeHost(text) else { return nil }
    return Destination(hasScheme ? text : "https://\(text)").host
  }

  private static func looksLikeHost(_ text: String) -> Bool {
    let host = text.prefix { $0 != "/" }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last, endings.contains(String(last)) else { return false }
    return parts.allSatisfy {
      !$0.isEmpty && $0.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2D }
    }
  }

  /// The same, or one within the other.
  private static func isKin(_ one: String, _ two: String) -> Bool {
    let (one, two) = (bare(one), bare(two))
    return one == two || one.hasSuffix("." + two) || two.hasSuffix("." + one)
  }

  private static func bare(_ host: String) -> String {
    host.hasPrefix("www.") ? String(host.dropFirst(4)) : host
  }

  private static let vague: Set<String> = [
    "click here", "here", "click", "read more", "more", "learn more", "link", "this link", "this",
    "click this link",
    "click me", "go", "details", "hier", "hier klicken", "mehr", "mehr lesen", "weiterlesen", "ici",
    "cliquez ici",
    "en savoir plus", "lire la suite", "aquí", "haz clic aquí", "leer más", "qui", "clicca qui", "klik hier",
  ]

  private static let shorteners: Set<String> = [
    "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "rb.gy",
    "t.ly",
    "tiny.cc", "shorturl.at", "lnkd.in", "bl.ink",
  ]

  private static let endings: Set<String> = [
    "com", "org", "net", "io", "co", "uk", "de", "fr", "es", "it", "nl", "eu", "ch", "at", "be", "pl", "se",
    "no", "dk",
    "fi", "us", "ca", "au", "nz", "jp", "br", "in", "info", "biz", "app", "dev", "shop", "store", "online",
    "ai",
  ]
}

extension Destination {
  /// The host of an http address in lower case, when it is the same for all.
  var host: String? {
    guard scheme == "http" || scheme == "https", case .text(let first)? = parts.first else { return nil }
    let text = first.trimmed.lowercased()
    let rest = Array(text.utf8).drop { $0 != 0x3A }.dropFirst().drop { $0 == 0x2F }
    let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 }
    if end == nil, parts.count > 1 { return nil }
    let authority = rest[..<(end ?? rest.endIndex)]
    let host = authority.split(separator: 0x40).last.map { $0.prefix { $0 != 0x3A } } ?? []
    return host.isEmpty ? nil : String(decoding: host, as: UTF8.self)
  }
}
