import MailModel

/// Tells a person's open or click from the fetch of a machine. Machines' fetches are kept, flagged, and
/// not counted.
enum FetchClassifier {
  /// What is known of one fetch of a pixel or link.
  struct Fetch: Sendable {
    var isHead = false
    var userAgent: String?
    /// `Sec-Purpose`, `Purpose` or `X-Moz`, which browsers set when they fetch ahead.
    var purpose: String?
  }

  /// Fetches sooner than this after the remote server's last reply are its scanner's.
  static let scanMilliseconds: Int64 = 1000

  static func isTooSoon(_ now: Instant, after delivery: Instant?) -> Bool {
    delivery.map { now.milliseconds - $0.milliseconds < scanMilliseconds } ?? false
  }

  /// Why this is not a person; nil when it may be one.
  static func reason(_ fetch: Fetch) -> String? {
    if fetch.isHead { return "head-request" }
    if let purpose = fetch.purpose, purpose.lowercased().contains("prefetch") { return "prefetch" }
    guard let agent = fetch.userAgent, !agent.isEmpty else { return "no-user-agent" }
    return reason(userAgent: agent)
  }

  private static func reason(userAgent: String) -> String? {
    let agent = userAgent.utf8.prefix(longestAgent).map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    // Apple's proxy for mail privacy names nothing but the engine.
    if agent == Array("mozilla/5.0".utf8) { return "apple-privacy-proxy" }
    var first = signs.count
    for start in agent.indices {
      let rest = agent[start...]
      if let found = signsByFirstByte[Int(rest[start])].first(where: { rest.starts(with: signBytes[$0]) }) {
        first = min(first, found)
      }
    }
    return first < signs.count ? signs[first].reason : nil
  }

  /// More of a user agent is not looked at, and not kept.
  static let longestAgent = 512

  private static let signBytes = signs.map { Array($0.sign.utf8) }

  /// Places in `signs`, in order, of those that begin with a byte.
  private static let signsByFirstByte: [[Int]] = (0...255).map { byte in
    signs.indices.filter { signBytes[$0].first == UInt8(byte) }
  }

  /// Signs in lower-case user agents, the first that is found decides.
  private static let signs: [(sign: String, reason: String)] = [
    // Proxies of mail providers, which fetch images on a person's behalf but also ahead of one.
    ("googleimageproxy", "google-image-proxy"), ("ggpht.com", "google-image-proxy"),
    ("yahoomailproxy", "yahoo-mail-proxy"), ("yahoocachesystem", "yahoo-mail-proxy"),
    ("outlook-ios-cdn", "outlook-proxy"), ("protonmail", "proton-proxy"),
    // Scanners of mail security products.
    ("barracuda", "security-scanner"), ("proofpoint", "security-scanner"), ("mimecast", "security-scanner"),
    ("safelinks", "security-scanner"), ("forcepoint", "security-scanner"), ("websense", "security-scanner"),
    ("symantec", "security-scanner"), ("messagelabs", "security-scanner"), ("trendmicro", "security-scanner"),
    ("fireeye", "security-scanner"), ("ironport", "security-scanner"), ("sophos", "security-scanner"),
    ("zscaler", "security-scanner"), ("cloudmark", "security-scanner"), ("vade", "security-scanner"),
    ("bitdefender", "security-scanner"), ("kaspersky", "security-scanner"), ("urlscan", "security-scanner"),
    ("virustotal", "security-scanner"), ("paloaltonetworks", "security-scanner"),
    // Previews in chats and the like.
    ("slackbot", "link-preview"), ("slack-imgproxy", "link-preview"), ("facebookexternalhit", "link-preview"),
    ("whatsapp/", "link-preview"), ("telegrambot", "link-preview"), ("twitterbot", "link-preview"),
    ("linkedinbot", "link-preview"), ("discordbot", "link-preview"), ("skypeuripreview", "link-preview"),
    ("bingpreview", "link-preview"),
    // Programs.
    ("headlesschrome", "program"), ("phantomjs", "program"), ("puppeteer", "program"),
    ("playwright", "program"),
    ("selenium", "program"), ("curl/", "program"), ("wget/", "program"), ("python-", "program"),
    ("python/", "program"), ("aiohttp", "program"), ("httpx/", "program"), ("go-http-client", "program"),
    ("okhttp", "program"), ("java/", "program"), ("apache-httpclient", "program"), ("node-fetch", "program"),
    ("axios/", "program"), ("undici", "program"), ("libwww-perl", "program"), ("ruby", "program"),
    ("guzzlehttp", "program"), ("php/", "program"), ("powershell", "program"), ("scrapy", "program"),
    ("apachebench", "program"),
    // Whoever says so.
    ("bot/", "bot"), ("bot;", "bot"), ("bot ", "bot"), ("googlebot", "bot"), ("bingbot", "bot"),
    ("crawler", "bot"), ("spider", "bot"), ("scanner", "security-scanner"), ("monitoring", "bot"),
  ]
}
