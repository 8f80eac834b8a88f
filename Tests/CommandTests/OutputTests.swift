import MailModel
import Storage
import Testing
import Transport

@testable import brevdue

@Suite struct OutputTests {
  @Test func jsonKeepsOrderAndEscapes() {
    let json = JSON.object([
      "b": .string("a\"\\\r\n\t\u{1}é"), "a": .int(1), "left out": nil, "none": .null, "empty": .array([]),
      "list": .strings(["x"]), "rate": .double(12.5), "odd": .double(.infinity),
    ])
    let expected = #"""
      {
        "b": "a\"\\\r\n\t\u0001é",
        "a": 1,
        "none": null,
        "empty": [],
        "list": [
          "x"
        ],
        "rate": 12.5,
        "odd": null
      }
      """#
    #expect(json.text == expected)
  }

  @Test(arguments: [
    (999, "999 bytes"), (1000, "1.0 kB"), (99_949, "99.9 kB"), (123_456_789, "123 MB"),
    (7_000_000_000, "7.0 GB"),
  ])
  func sizesAreForPeople(_ bytes: Int, _ text: String) {
    #expect(ByteText.of(bytes) == text)
  }

  @Test func progressSaysHowFarAndHowFast() {
    var progress = CopyProgress(table: "message", rows: 300, bytes: 5000)
    progress.totalRows = 1000
    let first = CopyProgress(table: "account", rows: 100, bytes: 1000)
    let text = ProgressLine.text(progress, since: first, seconds: 2)
    #expect(text == "copying message: 300 of 1000 rows, 5.0 kB, 100 rows/s, 2.0 kB/s")
    let pages = CopyProgress(bytes: 4000, totalBytes: 8000)
    #expect(ProgressLine.text(pages, since: pages, seconds: 1) == "copying: 4.0 kB of 8.0 kB")
  }

  @Test func columnsLineUp() {
    var table = Table(["NAME", "N", "TEXT"])
    table.add("a", "100", "first")
    table.add("日本", "2", "")
    #expect(table.text() == "NAME  N    TEXT\na     100  first\n日本  2")
  }

  @Test func lastColumnIsCutToTheWidth() {
    var table = Table()
    table.add("a", String(repeating: "x", count: 200))
    #expect(table.text(width: 40).count == 40)
    #expect(table.text(width: 40).hasSuffix("…"))
  }

  @Test(arguments: ["a\u{1B}[31mb", "a\r\nb", "a\u{202E}b", "a\u{9B}b"])
  func nothingForeignSteersTheTerminal(_ text: String) {
    let shown = Table.printable(text)
    #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    #expect(!shown.unicodeScalars.contains("\u{202E}"))
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_795_433_040_007, "2026-11-23T11:24:00.007Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func timesForPrograms(_ milliseconds: Int64, _ text: String) {
    #expect(Instant(milliseconds: milliseconds).iso8601 == text)
  }

  @Test(
    arguments: [
      (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (119_999, "119 s"), (120_000, "2 min"), (7_200_000, "2 h"),
      (172_800_000, "2 days"), (-5, "0 ms"),
    ] as [(Int64, String)])
  func spans(_ milliseconds: Int64, _ text: String) {
    #expect(spanText(milliseconds: milliseconds) == text)
  }

  @Test(arguments: [
    ("   0: 0100007F:0A1B 00000000:0000 0A 0", "127.0.0.1", 2587),
    ("   1: 00000000000000000000000001000000:0019 0:0 0A 0", "::1", 25),
  ])
  func kernelsListOfListeners(_ line: String, _ address: String, _ port: Int) {
    let socket = ListeningPorts.parse(line[...])
    #expect(socket?.address?.description == address)
    #expect(socket?.port == port)
  }

  @Test(arguments: ["   0: 0100007F:0A1B 0100007F:9999 01 0", "", "  sl  local_address rem_address   st"])
  func whatDoesNotListenIsLeftOut(_ line: String) {
    #expect(ListeningPorts.parse(line[...]) == nil)
  }
}

@Suite struct RecordTests {
  private func wanted(_ purpose: WantedRecord.Purpose, _ value: String) -> WantedRecord {
    WantedRecord(kind: .txt, name: "x.example", value: value, purpose: purpose)
  }

  @Test(
    arguments: [
      (["v=DKIM1; k=rsa; p=AAAA"], "ok"), (["v=DKIM1;p=AA AA"], "ok"), (["k=rsa; p=BBBB"], "different"),
      (["v=DKIM1; p="], "different"), (["v=spf1 -all"], "missing"), ([], "missing"),
      (["p=AAAA", "p=BBBB"], "different"),
    ] as [([String], String)])
  func dkim(_ texts: [String], _ word: String) {
    #expect(RecordJudge.judge(texts, wanted(.dkim, "v=DKIM1; k=rsa; p=AAAA")).word == word)
  }

  @Test(
    arguments: [
      (["v=spf1 a:mail.example.com ~all"], "ok"), (["V=SPF1 include:x +a:MAIL.example.com -all"], "ok"),
      (["v=spf1 -all"], "different"), (["v=spf10 a:mail.example.com"], "missing"),
      (["v=spf1 a:mail.example.com", "v=spf1 -all"], "different"), ([], "missing"),
    ] as [([String], String)])
  func spf(_ texts: [String], _ word: String) {
    #expect(RecordJudge.judge(texts, wanted(.spf, "v=spf1 a:mail.example.com ~all")).word == word)
  }

  @Test(
    arguments: [(["v=DMARC1; p=reject"], "ok"), (["v=DMARC2"], "missing"), ([], "missing")]
      as [([String], String)])
  func dmarc(_ texts: [String], _ word: String) {
    #expect(RecordJudge.judge(texts, wanted(.dmarc, "v=DMARC1; p=none")).word == word)
  }
}

@Suite struct TimelineTests {
  private let now = Instant(milliseconds: 1_795_433_040_000)

  @Test func wordsOfTheOtherSideComeWithTheirPlace() {
    var detail = EventDetail()
    detail.response = "451 4.7.1 greylisted"
    detail.stage = "rcpt"
    detail.host = "mx.example.net"
    detail.ipAddress = "192.0.2.1"
    detail.tls = "TLSv1.3"
    let event = Event(id: EventID(1), message: MessageID(2), type: .deferred, at: now, detail: detail)
    #expect(MessageTimeline.place(detail) == "mx.example.net [192.0.2.1] TLSv1.3")
    #expect(MessageTimeline.words(event) == "at RCPT TO: 451 4.7.1 greylisted")
  }

  @Test func planOfAQueuedMessage() {
    var entry = QueueEntry(
      message: MessageID(2), account: AccountID(1), original: OriginalID(3), domain: "example.net",
      dueAt: now.advanced(bySeconds: 300), attempts: 1, expiresAt: now.advanced(bySeconds: 86_400))
    #expect(MessageReason.plan(entry, now: now).hasPrefix("Tried again in 5 min, at "))
    entry.dueAt = now
    #expect(MessageReason.plan(entry, now: now).hasPrefix("Due now"))
    entry.isHeld = true
    #expect(MessageReason.plan(entry, now: now).hasPrefix("Held back"))
  }

  @Test func smtpUserNamesHaveHubSpotsForm() {
    let name = SMTPCredentials.userName(account: AccountID(1_000_001))
    let parts = name.split(separator: "@")
    #expect(parts.last == "1000001.smtp.brevdue")
    #expect(parts.first?.count == 10)
    #expect(SMTPCredentials.password().utf8.count == 28)
  }
}

/// The tests' zone may be any: whole units that join, and the last has now in it.
struct StatisticsIntervalTests {
  @Test(arguments: StatisticsInterval.allCases) func spansJoinAndEndWithNow(_ interval: StatisticsInterval) {
    let now = Instant(milliseconds: 1_795_433_040_000)
    let spans = interval.spans(60, until: now)
    #expect(spans.count == 60)
    #expect(spans.last?.contains(now) == true)
    #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    let begins = spans.map(\.lowerBound.local)
    switch interval {
    case .hour: #expect(begins.allSatisfy { $0.hasSuffix(":00:00") })
    case .day, .week: #expect(begins.allSatisfy { $0.hasSuffix(" 00:00:00") })
    case .month: #expect(begins.allSatisfy { $0.hasSuffix("-01 00:00:00") })
    }
  }
}
