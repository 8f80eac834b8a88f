/// Images: what they say to those who don't see them, where they come from, what they weigh.
enum ImageChecks {
  private static let byteLimit = 300 * 1024
  /// Fewer letters than this beside images, and the e-mail is one of images only.
  static let letterLimit = 20

  static func findings(_ outline: Outline, _ facts: CheckFacts) -> [Finding] {
    var findings = outline.images.flatMap { image in
      [alternative(image), source(image), format(image)].compactMap { $0 }
        + file(image, image.key.flatMap { facts.images[$0] })
    }
    if !outline.images.isEmpty, outline.letters < letterLimit {
      findings.append(
        Finding(
          .warn, "images-only", .email,
          "The e-mail says what it has to say by images only: it is empty where they are not loaded.",
          fix: "Write the message as text as well."))
    }
    return findings
  }

  private static func alternative(_ image: Outline.Image) -> Finding? {
    // That a linked image has none is told of the link.
    guard image.alt == nil, !image.isLinked else { return nil }
    return Finding(
      .warn, "image-alt", image.place, "An image has no alternative text.",
      fix: "Say what it shows, or mark it as decorative.")
  }

  private static func source(_ image: Outline.Image) -> Finding? {
    guard let source = image.source else { return nil }
    if case .token? = source.parts.first { return nil }
    if source.scheme == "https" || source.scheme == "cid" || source.scheme == "data" { return nil }
    if source.scheme == "http" {
      return Finding(
        .warn, "image-http", image.place, "An image comes over http; several clients don't show it.",
        fix: "Use https.")
    }
    return Finding(
      .stop, "image-source", image.place,
      "An image comes from “\(source.parts.shown)”, which is no whole address.",
      fix: "Choose an image, or write its address with https://.")
  }

  private static func format(_ image: Outline.Image) -> Finding? {
    guard let address = image.source?.fixed?.lowercased() else { return nil }
    let path = address.prefix { $0 != "?" && $0 != "#" }
    guard let (ending, clients) = weakFormats.first(where: { path.hasSuffix(".\($0.ending)") }) else {
      return nil
    }
    return Finding(
      .warn, "image-format", image.place,
      "An image is a \(ending.uppercased()), which \(clients) does not show.",
      fix: "Use PNG, JPEG or GIF.")
  }

  /// By caniemail's image-svg, image-webp, image-avif, image-heif and image-bmp.
  private static let weakFormats: [(ending: String, clients: String)] = [
    ("svg", "Gmail"), ("webp", "Outlook on Windows"), ("avif", "Outlook on Windows"),
    ("heic", "Outlook"), ("heif", "Outlook"), ("tiff", "Gmail"), ("tif", "Gmail"),
  ]

  private static func file(_ image: Outline.Image, _ facts: ImageFacts?) -> [Finding] {
    guard let facts else { return [] }
    var findings = [Finding]()
    if facts.bytes > byteLimit {
      findings.append(
        Finding(
          .warn, "image-heavy", image.place,
          "An image has \(facts.bytes / 1024) KB, which is slow on phones.",
          fix: "Bring it below \(byteLimit / 1024) KB."))
    }
    if let width = image.width, width > 0, facts.width > width * 2 {
      findings.append(
        Finding(
          .warn, "image-large", image.place,
          "An image is \(facts.width) pixels wide and shown with \(width): most of it is thrown away.",
          fix: "Twice the shown width is enough for the sharpest screens."))
    }
    return findings
  }
}
