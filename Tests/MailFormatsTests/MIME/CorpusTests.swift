import Foundation
import MailFormats
import MailModel
import Testing

/// The messages of Tests/Conformance/corpus.py, with what Python's own parser sees in them.
private struct Corpus {
  struct Entry: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var expectedParts: [UInt8]?
    var testDescription: String { name }
  }

  /// Where python3 is; nil when this machine has none.
  static let python = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  private static let loaded = Result { try python.map { try load($0) } ?? [] }
  static let entries: [Entry] = (try? loaded.get()) ?? []
  /// Why there are no entries though there is a python3.
  static var failure: String? {
    if case .failure(let error) = loaded { return "\(error)" }
    return entries.isEmpty ? "Tests/Conformance/corpus.py made no messages" : nil
  }

  private static func load(_ program: String) throws -> [Entry] {
    let directory = FileManager.default.temporaryDirectory.appending(path: "corpus-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let script = tests.deletingLastPathComponent().appending(path: "Conformance/corpus.py")
    let python = Process()
    python.executableURL = URL(filePath: program)
    python.arguments = [script.path, directory.path]
    try python.run()
    python.waitUntilExit()
    guard python.terminationStatus == 0 else { throw ScriptFailed(status: python.terminationStatus) }
    let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == "eml" }.map { file in
      let parts = try? Data(contentsOf: file.deletingPathExtension().appendingPathExtension("parts"))
      return Entry(
        name: file.deletingPathExtension().lastPathComponent, bytes: Array(try Data(contentsOf: file)),
        expectedParts: parts.map { Array($0) })
    }.sorted { $0.name < $1.name }
  }
}

private struct ScriptFailed: Error, CustomStringConvertible {
  let status: Int32
  var description: String { "Tests/Conformance/corpus.py ended with \(status); its reason is above" }
}

/// What must hold for every message, however broken.
enum Invariants {
  /// The first promise that is broken; nil when all hold.
  static func broken(in message: MIMEMessage) -> String? {
    let whole = 0..<message.bytes.count
    guard contains(whole, message.root.headerRange), contains(whole, message.root.bodyRange) else {
      return "the root lies outside of the message"
    }
    if message.parts.count > MIMEMessage.partLimit { return "more parts than the limit" }
    return broken(in: message.root, depth: 1)
  }

  private static func broken(in part: MIMEPart, depth: Int) -> String? {
    if depth > MIMEMessage.depthLimit { return "deeper than the limit" }
    if part.headerRange.upperBound > part.bodyRange.lowerBound { return "header and body overlap" }
    var place = part.bodyRange.lowerBound
    for child in part.children {
      guard child.headerRange.lowerBound >= place, contains(part.bodyRange, child.headerRange),
        contains(part.bodyRange, child.bodyRange)
      else { return "a child lies outside of its parent or over its sibling" }
      place = child.bodyRange.upperBound
      if part.isProtected, !child.isProtected { return "unprotected inside of protected" }
      if part.isEnclosed, !child.isEnclosed { return "an enclosed part lost its mark" }
      if let problem = broken(in: child, depth: depth + 1) { return problem }
    }
    return nil
  }

  private static func contains(_ outer: Range<Int>, _ inner: Range<Int>) -> Bool {
    inner.lowerBound >= outer.lowerBound && inner.upperBound <= outer.upperBound
  }
}

@Suite(
  "The corpus of nasty messages",
  .enabled(
    if: Corpus.python != nil,
    "there is no python3 in PATH, and Tests/Conformance/corpus.py makes the corpus: scripts/install test"))
struct CorpusTests {
  @Test("the corpus could be made")
  fileprivate func isThere() {
    #expect(Corpus.failure == nil)
    #expect(Corpus.entries.count >= 60)
  }

  @Test("parts are those that Python's parser sees, byte for byte", arguments: Corpus.entries)
  fileprivate func sameParts(_ entry: Corpus.Entry) throws {
    let message = MIMEMessage(parsing: entry.bytes)
    #expect(Invariants.broken(in: message) == nil)
    guard let expected = entry.expectedParts else { return }
    var seen: [UInt8] = []
    describe(message.root, of: message, depth: 0, into: &seen)
    let isSame = seen == expected
    #expect(isSame, "\(outline(seen))\n--- expected\n\(outline(expected))")
  }

  @Test("nothing in the corpus hides who sent it", arguments: Corpus.entries)
  fileprivate func sender(_ entry: Corpus.Entry) {
    let inspection = MessageInspector.inspect(entry.bytes)
    #expect(inspection.findings.isDisjoint(with: .ambiguousSender))
    #expect(inspection.findings.senderProblem == nil)
    #expect(inspection.from.count == 1)
    if !entry.name.hasPrefix("smtputf8") {
      #expect(inspection.from.first?.address.description == "ann@example.com")
    }
  }

  @Test("cut, spliced and flipped messages break no promise", arguments: Corpus.entries)
  fileprivate func mutations(_ entry: Corpus.Entry) {
    guard entry.bytes.count < 20_000 else { return }
    var random = Sequence(state: UInt64(entry.bytes.count))
    var problems: Set<String> = []
    for _ in 0..<30 {
      let inspection = MessageInspector.inspect(mutated(entry.bytes, &random))
      if let problem = Invariants.broken(in: inspection.message) { problems.insert(problem) }
      for part in inspection.message.parts { _ = inspection.message.decodedBody(of: part) }
    }
    #expect(problems == [])
  }

  private func describe(_ part: MIMEPart, of message: MIMEMessage, depth: Int, into output: inout [UInt8]) {
    let content = part.children.isEmpty ? message.decodedBody(of: part) : []
    let type = part.contentType
    output += Array("\(depth) \(type.type)/\(type.subtype) \(content.count)\n".utf8) + content
    for child in part.children { describe(child, of: message, depth: depth + 1, into: &output) }
  }

  private func outline(_ bytes: [UInt8]) -> String {
    String(String(decoding: bytes.prefix(100_000), as: UTF8.self).prefix(1500))
  }

  /// The same numbers on every run.
  private struct Sequence {
    var state: UInt64
    mutating func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(limit, 1)
    }
  }

  private func mutated(_ bytes: [UInt8], _ random: inout Sequence) -> [UInt8] {
    var copy = bytes
    for _ in 0...random.next(below: 4) {
      let place = random.next(below: copy.count)
      switch random.next(below: 4) {
      case 0: copy = Array(copy[..<place])
      case 1: copy.removeSubrange(place..<min(place + random.next(below: 60), copy.count))
      case 2: if !copy.isEmpty { copy[place] = UInt8(random.next(below: 256)) }
      default:
        let from = random.next(below: copy.count)
        copy.insert(contentsOf: copy[from..<min(from + 80, copy.count)], at: place)
      }
    }
    return copy
  }
}
