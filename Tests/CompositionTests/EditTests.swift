import Composition
import MailModel
import Signing
import Testing

@Suite struct EditTests {
  @Test(arguments: [
    ("", [], ""),
    ("abc", [], "abc"),
    ("abc", [Edit(offset: 0, inserted: [0x78])], "xabc"),
    ("abc", [Edit(offset: 3, inserted: [0x78])], "abcx"),
    ("abc", [Edit(offset: 0, removed: 3)], ""),
    (
      "abcdef",
      [Edit(offset: 1, removed: 2, inserted: [0x78]), Edit(offset: 3), Edit(offset: 5, removed: 1)], "axde"
    ),
  ])
  func applyAndStore(_ original: String, _ edits: [Edit], _ result: String) throws {
    let stored = try Edits.decode(Edits.encode(edits))
    #expect(stored == edits)
    #expect(try Edits.apply(stored, to: Array(original.utf8)) == Array(result.utf8))
  }

  @Test(arguments: [
    [Edit(offset: 4)], [Edit(offset: 2, removed: 2)], [Edit(offset: 1, removed: 1), Edit(offset: 1)],
    [Edit(offset: -1)], [Edit(offset: 1, removed: -1)], [Edit(offset: 1, removed: Int.max)],
  ])
  func doesNotFit(_ edits: [Edit]) {
    #expect(throws: EditError.doesNotFit) { try Edits.apply(edits, to: [1, 2, 3]) }
  }

  @Test func damagedBlobs() throws {
    let blob = Edits.encode([Edit(offset: 300, removed: 2, inserted: [1, 2, 3])])
    for length in 0..<blob.count {
      #expect(throws: EditError.malformed) { try Edits.decode(Array(blob[..<length])) }
    }
    #expect(throws: EditError.malformed) { try Edits.decode(blob + [0]) }
    #expect(throws: EditError.malformed) { try Edits.decode([2] + blob.dropFirst()) }
    let huge = [UInt8](repeating: 0xFF, count: 8) + [0x7F]
    #expect(throws: EditError.malformed) { try Edits.decode([1] + huge + huge) }
    #expect(throws: EditError.self) { try Edits.decode([1, 1] + huge + huge + [0]) }
  }
}

@Suite struct TokenTests {
  let key = HMACKey(Array("secret".utf8))

  @Test(arguments: [TrackingToken.Kind.open, .click(link: 0), .click(link: 300), .click(link: 65_534)])
  func roundTrip(_ kind: TrackingToken.Kind) {
    let token = TrackingToken(kind, message: MessageID(7_123_456_789_012_345_678))
    let text = token.encode(key)
    #expect(text.utf8.count == 27)
    #expect(TrackingToken.verify(text, key) == token)
    #expect(TrackingToken.verify(text + "==", key) == token)
    #expect(TrackingToken.verify(text, HMACKey([1])) == nil)
  }

  @Test func forged() {
    let text = Array(TrackingToken(.open, message: MessageID(1)).encode(key).utf8)
    for index in text.indices {
      var changed = text
      changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
      #expect(TrackingToken.verify(String(decoding: changed, as: UTF8.self), key) == nil)
    }
    for other in ["", "=", "A", String(repeating: "A", count: 27), String(repeating: "é", count: 14)] {
      #expect(TrackingToken.verify(other, key) == nil)
    }
  }

  @Test func urls() {
    let context = TrackingContext(publicURL: "https://m.example.com", secret: [1])
    #expect(context.openURL(MessageID(5)).hasPrefix("https://m.example.com/t/o/"))
    #expect(context.openURL(MessageID(5)).hasSuffix(".gif"))
    #expect(context.clickURL(MessageID(5), link: 2).hasPrefix("https://m.example.com/t/c/"))
  }
}
