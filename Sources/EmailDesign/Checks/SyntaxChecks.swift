import HubL

/// Whether HubL that the author wrote can be read.
enum SyntaxChecks {
  static func findings(_ subject: CheckSubject) -> [Finding] {
    switch subject.content {
    case .source(let source):
      return [source.html, source.text ?? ""].compactMap { error(in: $0) { .line($0) } }
    case .document:
      return subject.rows.flatMap { $0.columns.flatMap(\.blocks) }.flatMap { block -> [Finding] in
        guard case .html(let html) = block.content, html.isTemplate else { return [] }
        return [html.html, html.text].compactMap { error(in: $0) { .blockLine(block.id, $0) } }
      }
    }
  }

  private static func error(in source: String, _ place: (Int) -> Place) -> Finding? {
    do {
      _ = try Template(source)
      return nil
    } catch {
      // Tags, filters and tests that are not known count too: nothing with one of them can be sent.
      let hint = error.hint.map { " Perhaps \($0) is meant." } ?? ""
      return Finding(
        .stop, "hubl-syntax", place(error.line), "HubL cannot be read here: \(error.message).",
        fix: "Mend it; a brace that is meant as such is written {{ \"{\" }}.\(hint)")
    }
  }
}
