/// Whether all languages say as much as the main one.
enum TranslationChecks {
  static func findings(_ version: EmailVersion) -> [Finding] {
    guard !version.translations.isEmpty else { return [] }
    let wanted = tokens(version.main)
    return version.translations.flatMap { content -> [Finding] in
      let own = tokens(content)
      return wanted.subtracting(own).sorted().map { path in
        var finding = Finding(
          .warn, "translation-token", .email,
          "The main language shows “\(path)”, and \(content.settings.language) does not.",
          fix: "Add it, or take it out of the main language.")
        finding.language = content.settings.language
        return finding
      }
    }
  }

  /// What comes with a send; names and the like may differ by language.
  private static func tokens(_ content: EmailContent) -> Set<String> {
    let uses: [Outline.Use]
    switch content {
    case .document(let document):
      let rows = document.rows.compactMap { if case .row(let row) = $0 { row } else { nil } }
      uses = Outline(rows, document.settings, CompileContext(), .standard).uses
    case .source(let source): uses = Outline(source, source.html).uses
    }
    return Set(uses.map(\.token.path).filter { $0.root == "custom" }.map(\.description))
  }
}
