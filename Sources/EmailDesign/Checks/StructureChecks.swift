/// Headings, language, and what makes a text part.
enum StructureChecks {
  static func findings(_ subject: CheckSubject) -> [Finding] {
    headings(subject.outline) + language(subject) + templates(subject) + textPart(subject)
  }

  private static func headings(_ outline: Outline) -> [Finding] {
    var findings = [Finding]()
    for (before, heading) in zip(outline.headings, outline.headings.dropFirst())
    where heading.level > before.level + 1 {
      findings.append(
        Finding(
          .warn, "heading-skipped", heading.place,
          "The heading “\(heading.text)” is of level \(heading.level) behind one of level \(before.level).",
          fix: "Use level \(before.level + 1): readers of screens go by the levels."))
    }
    for heading in outline.headings where heading.text.trimmed.isEmpty {
      findings.append(
        Finding(
          .warn, "heading-empty", heading.place, "A heading is empty.", fix: "Write it, or take it out."))
    }
    return findings
  }

  /// Documents have it by themselves.
  private static func language(_ subject: CheckSubject) -> [Finding] {
    guard case .source = subject.content, let html = subject.outline.sources.first?.html else { return [] }
    guard html.isReadable else {
      return [
        Finding(
          .stop, "html-unreadable", .email, "The HTML is too large or too entangled to be read.",
          fix: "Close the elements that stay open, and make it smaller.")
      ]
    }
    guard !html.elements.contains(where: { !($0.attributes["lang"] ?? "").isEmpty }) else { return [] }
    return [
      Finding(
        .warn, "language-missing", .line(1), "The HTML does not say in which language it is.",
        fix:
          "Write <html lang=\"\(subject.settings.language)\">, and the same on the first element of the body."
      )
    ]
  }

  private static func templates(_ subject: CheckSubject) -> [Finding] {
    guard case .source(let source) = subject.content, source.kind == .html,
      let own = subject.outline.sources.first,
      let tag = own.html.tags.first
    else { return [] }
    return [
      Finding(
        .stop, "html-tags", own.place(tag.line),
        "There is a tag, {% \(tag.code) %}, in an e-mail of plain HTML.",
        fix: "Make it a coded template.")
    ]
  }

  private static func textPart(_ subject: CheckSubject) -> [Finding] {
    subject.rows.flatMap { $0.columns.flatMap(\.blocks) }.compactMap { block in
      guard case .html(let html) = block.content, html.text.trimmed.isEmpty else { return nil }
      return Finding(
        .warn, "html-text", .block(block.id), "What this HTML says is missing in the text part.",
        fix: "Give the block a text.")
    }
  }
}
