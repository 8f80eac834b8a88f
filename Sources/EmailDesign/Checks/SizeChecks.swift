/// Bytes of the HTML against the place where Gmail cuts (about 102 KB).
enum SizeChecks {
  private static let warning = 90 * 1024
  private static let alarm = 100 * 1024
  private static let limit = 500 * 1024
  /// What Gmail takes of a style sheet.
  private static let styleLimit = 16 * 1024

  static func findings(_ subject: CheckSubject) -> [Finding] {
    let outline = subject.outline
    let estimate = subject.compiled.html.utf8.count + outline.links.count * subject.facts.bytesPerLink
    let size = subject.facts.renderedBytes ?? estimate
    return [total(size)].compactMap { $0 } + outline.sources.compactMap(style)
  }

  private static func total(_ size: Int) -> Finding? {
    let words = "The HTML has \(size / 1024) KB"
    if size > limit {
      return Finding(
        .stop, "size", .email, "\(words); more than \(limit / 1024) KB are not sent.",
        fix: "Take out what is not needed, or put it on a page.")
    }
    if size >= alarm {
      return Finding(
        .warn, "size-clipped", .email,
        "\(words): Gmail cuts at about 102 KB, and hides the footer and the pixel.",
        fix: "Bring it below 90 KB.")
    }
    guard size >= warning else { return nil }
    return Finding(
      .warn, "size", .email, "\(words), close to the 102 KB at which Gmail cuts.",
      fix: "Bring it below 90 KB.")
  }

  private static func style(_ source: Outline.Source) -> Finding? {
    guard
      let sheet = source.html.elements.first(where: { $0.tag == "style" && $0.text.utf8.count > styleLimit })
    else {
      return nil
    }
    return Finding(
      .warn, "style-size", source.place(sheet.line), "A style sheet has more than 16 KB: Gmail drops it.",
      fix: "Cut it in two, or write what matters into the elements.")
  }
}
