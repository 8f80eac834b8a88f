/// One content with all that its checks look at.
struct CheckSubject {
  let content: EmailContent
  let outline: Outline
  let compiled: CompiledEmail
  let theme: Theme
  /// The document's rows; none for HTML.
  let rows: [Row]
  let facts: CheckFacts

  var settings: EmailSettings { content.settings }
}

extension EmailVersion {
  /// What its author should know, the worst first. A few milliseconds for a usual e-mail.
  public func check(_ facts: CheckFacts = CheckFacts()) -> [Finding] {
    var findings = [Finding]()
    for (place, content) in contents.enumerated() {
      for var finding in content.check(facts) {
        // What is said of sender and recipients holds for all languages alike.
        if place > 0, finding.place == .sender || finding.place == .recipients { continue }
        finding.language = place == 0 ? nil : content.settings.language
        findings.append(finding)
      }
    }
    findings += TranslationChecks.findings(self)
    return findings.enumerated().sorted {
      ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset)
    }.map(\.element)
  }
}

extension EmailContent {
  fileprivate func check(_ facts: CheckFacts) -> [Finding] {
    do {
      let subject = try subject(facts)
      return SettingsChecks.findings(subject) + LinkChecks.findings(subject.outline)
        + ImageChecks.findings(subject.outline, facts) + StructureChecks.findings(subject)
        + ContrastChecks.findings(subject) + TokenChecks.findings(subject) + SyntaxChecks.findings(subject)
        + SizeChecks.findings(subject)
        + ClientChecks.findings(subject.outline) + ConsentChecks.findings(subject)
        + SenderChecks.findings(facts)
    } catch {
      return [
        Finding(
          .stop, "not-compiled", .email, "It cannot be put together: \(error)", fix: "Mend what it names.")
      ]
    }
  }

  private func subject(_ facts: CheckFacts) throws(DocumentError) -> CheckSubject {
    let compiled = try compile(facts.compile)
    switch self {
    case .document(let document):
      let theme = document.theme?.applied(to: facts.compile.theme) ?? facts.compile.theme
      let rows = try document.expandedRows(facts.compile)
      let outline = Outline(rows, document.settings, facts.compile, theme)
      return CheckSubject(
        content: self, outline: outline, compiled: compiled, theme: theme, rows: rows, facts: facts)
    case .source(let source):
      return CheckSubject(
        content: self, outline: try Outline(source, source.laidOut(facts.compile)), compiled: compiled,
        theme: facts.compile.theme,
        rows: [], facts: facts)
    }
  }
}
