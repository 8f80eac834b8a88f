import Logging
import MailModel

/// Where logs go: standard error, as text for people or as a JSON object a line.
enum LogOutput {
  static func bootstrap(_ section: ServerConfiguration.LogSection) {
    let level = section.level
    switch section.format {
    case .text:
      LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
      }
    case .json:
      LoggingSystem.bootstrap { label in JSONLogHandler(label: label, logLevel: level) }
    }
  }
}
