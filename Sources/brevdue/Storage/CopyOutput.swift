import Glibc
import Storage
import Synchronization

/// How far a copy has come, on standard error: one line that changes on a terminal, else a line now and then.
final class ProgressLine: Sendable {
  private struct State {
    var step: CopyProgress.Step?
    var begin = ContinuousClock.now
    /// Rows and bytes when the step was first heard of.
    var first = CopyProgress()
    var shown: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows progress while `body` runs, and leaves the line free for what follows.
  func during<T>(_ body: () async throws -> T) async throws -> T {
    defer { if isTerminal, state.withLock({ $0.shown != nil }) { Terminal.notePart("\r\u{1B}[K") } }
    return try await body()
  }

  func show(_ progress: CopyProgress) {
    let now = ContinuousClock.now
    let interval: Duration = isTerminal ? .milliseconds(300) : .seconds(10)
    let text = state.withLock { state -> String? in
      if state.step != progress.step {
        state = State(step: progress.step, begin: now, first: progress, shown: state.shown)
      }
      guard now - (state.shown ?? state.begin) >= interval else { return nil }
      state.shown = now
      return Self.text(progress, since: state.first, seconds: (now - state.begin) / .seconds(1))
    }
    guard let text else { return }
    if isTerminal { Terminal.notePart("\r\u{1B}[K\(text)") } else { Terminal.note(text) }
  }

  static func text(_ progress: CopyProgress, since first: CopyProgress, seconds: Double) -> String {
    var parts: [String] = []
    if progress.rows > 0 {
      parts.append(progress.totalRows.map { "\(progress.rows) of \($0) rows" } ?? "\(progress.rows) rows")
    }
    if progress.bytes > 0 {
      let done = ByteText.of(progress.bytes)
      parts.append(progress.totalBytes.map { "\(done) of \(ByteText.of($0))" } ?? done)
    }
    if seconds > 0 {
      if progress.rows > first.rows {
        parts.append("\(Int(Double(progress.rows - first.rows) / seconds)) rows/s")
      }
      if progress.bytes > first.bytes {
        parts.append("\(ByteText.of(Int(Double(progress.bytes - first.bytes) / seconds)))/s")
      }
    }
    let verb = progress.step == .copying ? "copying" : "checking"
    return "\(verb)\(progress.table.map { " \($0)" } ?? ""): \(parts.joined(separator: ", "))"
  }
}

/// Sizes for people.
enum ByteText {
  static func of(_ bytes: Int) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    guard bytes >= 1000 else { return "\(bytes) bytes" }
    var (value, unit) = (Double(bytes) / 1000, 0)
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return value < 100
      ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded())) \(units[unit])"
  }
}

extension CopyReport {
  /// What every copy tells programs.
  var members: [JSON.Member] {
    [
      .init(name: "schemaVersion", value: .int(schemaVersion)), .init(name: "rows", value: .int(rows)),
      .init(name: "bytes", value: .int(bytes)),
      .init(name: "seconds", value: .double((seconds * 1000).rounded() / 1000)),
      .init(
        name: "tables",
        value: .array(
          tables.map { table in
            .object([
              "name": .string(table.name), "rows": .int(table.target.rows),
              "sourceRows": .int(table.source.rows), "equal": .bool(table.source == table.target),
              "keyDigest": .string(table.target.keyDigest),
            ])
          })),
    ]
  }

  var summary: String {
    let messages = tables.first { $0.name == "message" }?.target.rows ?? 0
    let queued = tables.first { $0.name == "queue" }?.target.rows ?? 0
    let tenths = Int((seconds * 10).rounded())
    return "\(messages) messages, \(queued) of them queued; \(isResumed ? "the last " : "")\(rows) rows, "
      + "\(ByteText.of(bytes)) in \(tenths / 10).\(tenths % 10) s"
  }

  /// Throws when what was copied is not what there was.
  func checkEqual(next: String) throws {
    guard !differing.isEmpty else { return }
    let list = differing.map { "\($0.name) (\($0.source.rows) and \($0.target.rows) rows)" }
    throw Failure("Source and target differ in \(list.joined(separator: ", ")).", next: next)
  }
}
