import EmailDesign
import Testing

struct TranslationTests {
  private func content(_ language: String) throws -> EmailContent {
    .source(
      SourceEmail(
        kind: .html,
        settings: EmailSettings(
          language: try #require(LanguageTag(language)), subject: [.text(language)], preheader: []),
        html: "<p lang=\"\(language)\">x</p>"))
  }

  @Test(arguments: [
    (nil, "en"), ("", "en"), ("de", "de"), ("de-AT", "de-AT"), ("de-CH", "de"), ("DE_at", "de-AT"),
    ("fr", "en"),
    ("pt", "pt-BR"), ("pt-PT", "pt-BR"), ("zh-Hant-TW", "zh-Hant"), ("zh-Hans", "zh-Hant"), ("en-GB", "en"),
    ("not a language", "en"), ("de-x-private", "de"),
  ])
  func choosesByTheContactsLanguage(_ wanted: String?, _ expected: String) throws {
    let version = try #require(
      EmailVersion(
        main: content("en"),
        translations: [content("de"), content("de-AT"), content("pt-BR"), content("zh-Hant")]))
    #expect(version.content(for: wanted).settings.language.description == expected)
  }

  @Test func languagesDiffer() throws {
    #expect(EmailVersion(main: try content("en"), translations: [try content("EN")]) == nil)
    let version = try #require(EmailVersion(main: content("en"), translations: [content("de")]))
    #expect(try EmailVersion(parsing: version.json.bytes()) == version)
    let twice: JSONValue = [
      "schema": 1, "main": version.main.json, "translations": [version.main.json],
    ]
    let error = try #require(throws: DocumentError.self) { try EmailVersion(parsing: twice.bytes()) }
    #expect(error.path == "translations[0].settings.lang")
  }

  @Test(arguments: [("EN", "en"), ("pt_br", "pt-BR"), ("zh-HANT-tw", "zh-Hant-TW"), ("es-419", "es-419")])
  func writesTags(_ text: String, _ tag: String) {
    #expect(LanguageTag(text)?.description == tag)
  }

  @Test(arguments: ["", "e", "english", "en-", "-", "en--GB", "e n", "12"])
  func refusesTags(_ text: String) {
    #expect(LanguageTag(text) == nil)
  }
}
