import EmailDesign
import Testing

/// Damaged input is refused or taken, and never more than that.
struct NoiseTests {
  /// The same numbers each time.
  struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private func damaged(_ bytes: [UInt8], _ numbers: inout Numbers) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &numbers) {
      let place = Int.random(in: 0..<bytes.count, using: &numbers)
      switch Int.random(in: 0..<4, using: &numbers) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(Array("{}[]\",:0<>'%#&-/\\".utf8).randomElement(using: &numbers) ?? 0, at: place)
      default: bytes.removeSubrange(place..<min(place + 40, bytes.count))
      }
    }
    return bytes
  }

  @Test func documents() throws {
    let bytes = try Golden.bytes("everything.json")
    let context = try everything().context
    var numbers = Numbers(state: 7)
    var taken = 0
    for _ in 0..<300 {
      let damaged = damaged(bytes, &numbers)
      guard let version = try? EmailVersion(parsing: damaged) else { continue }
      taken += 1
      var facts = CheckFacts()
      facts.compile = context
      _ = version.check(facts)
      #expect(try EmailVersion(parsing: version.json.bytes()) == version)
    }
    #expect(taken > 5)
  }

  @Test func sources() throws {
    let html = try Golden.bytes("everything.html")
    var numbers = Numbers(state: 11)
    for _ in 0..<40 {
      let source = SourceEmail(
        kind: .template,
        settings: EmailSettings(language: .english, subject: [.text("A")], preheader: [.text("B")]),
        html: String(decoding: damaged(html, &numbers), as: UTF8.self))
      #expect(try #require(EmailVersion(main: .source(source))).check().count < 200)
    }
  }

  /// Elements within each other by the ten thousand, each of which has all others as its text.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: ["<h1><div>x", "<h1><div><img src=a>", "<a href=a><img src=a></a><div>"])
  func nesting(_ html: String) throws {
    let source = SourceEmail(
      kind: .html,
      settings: EmailSettings(language: .english, subject: [.text("A")], preheader: [.text("B")]),
      html: String(repeating: html, count: 4000))
    let found = try #require(EmailVersion(main: .source(source))).check()
    #expect(found.contains { $0.rule == "language-missing" })
  }
}
