/// Subject and preheader.
enum SettingsChecks {
  /// What phones show of a subject.
  private static let subjectLimit = 60
  /// What mail programs show of a preheader at most.
  private static let preheaderLimit = 140

  static func findings(_ subject: CheckSubject) -> [Finding] {
    let settings = subject.settings
    return self.subject(settings.subject) + preheader(settings)
  }

  private static func subject(_ pieces: [Inline]) -> [Finding] {
    guard !pieces.isBlank else {
      return [Finding(.stop, "subject-empty", .subject, "The subject is empty.", fix: "Write one.")]
    }
    var findings = [Finding]()
    let length = pieces.length
    if length > subjectLimit {
      findings.append(
        Finding(
          .warn, "subject-long", .subject,
          "The subject has about \(length) characters; phones show about \(subjectLimit).",
          fix: "Shorten it, or put what matters first."))
    }
    let letters = pieces.words.unicodeScalars.filter(\.properties.isAlphabetic)
    if letters.count > 6, letters.allSatisfy(\.properties.isUppercase) {
      findings.append(
        Finding(
          .warn, "subject-capitals", .subject, "The subject is in capitals only.",
          fix: "Write it like a sentence: capitals are hard to read and look like spam."))
    }
    return findings
  }

  private static func preheader(_ settings: EmailSettings) -> [Finding] {
    guard !settings.preheader.isBlank else {
      return [
        Finding(
          .warn, "preheader-missing", .preheader,
          "There is no preheader: mail programs show the first words of the e-mail behind the subject.",
          fix: "Write one line that adds to the subject.")
      ]
    }
    let text = settings.preheader.shown.trimmed
    if text.lowercased() == settings.subject.shown.trimmed.lowercased() {
      return [
        Finding(
          .warn, "preheader-repeats", .preheader, "The preheader says the same as the subject.",
          fix: "Say what the subject leaves out.")
      ]
    }
    let length = settings.preheader.length
    guard length > preheaderLimit else { return [] }
    return [
      Finding(
        .inform, "preheader-long", .preheader,
        "The preheader has about \(length) characters; mail programs show \(preheaderLimit) at most.",
        fix: "Put what matters first.")
    ]
  }
}

extension [Inline] {
  /// In characters, with a guess for values that have nothing to stand in for them.
  fileprivate var length: Int {
    reduce(0) { count, piece in
      switch piece {
      case .text(let text): count + text.count
      case .token(let token): count + (token.fallback?.count ?? 8)
      }
    }
  }

  /// The author's own words.
  var words: String {
    compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: " ")
  }
}
