import Glibc
import Logging
import MailModel

/// Writes each log entry as a JSON object on a line of standard error, in one write so that lines don't mix.
struct JSONLogHandler: LogHandler {
  let label: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(label: String, logLevel: Logger.Level) {
    self.label = label
    self.logLevel = logLevel
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let line = Self.line(
      level: event.level, label: label, message: "\(event.message)", metadata: all, at: .now())
    _ = write(STDERR_FILENO, line, line.count)
  }

  static func line(
    level: Logger.Level, label: String, message: String, metadata: Logger.Metadata, at now: Instant
  )
    -> [UInt8]
  {
    var text = "{\"time\":\(now.milliseconds),\"level\":\"\(level)\",\"label\":\(quoted(label))"
    text += ",\"message\":\(quoted(message))"
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      text += ",\(quoted(key)):\(quoted("\(value)"))"
    }
    return Array((text + "}\n").utf8)
  }

  /// A JSON string (RFC 8259 section 7); what a remote server said can't break out of it.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
