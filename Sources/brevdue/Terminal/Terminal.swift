import ArgumentParser
import Glibc
import MailModel
import Server
import Storage

/// What went wrong, why, and what to do next.
struct Failure: Error, CustomStringConvertible {
  var what: String
  var next: String?

  init(_ what: String, next: String? = nil) {
    self.what = what
    self.next = next
  }

  var description: String { next.map { "\(what)\n\($0)" } ?? what }
}

/// Standard output for the answer, standard error for everything else.
enum Terminal {
  /// The answer of a command for people.
  static func print(_ text: String) {
    write(Array((text + "\n").utf8), to: STDOUT_FILENO)
  }

  /// The answer of a command for programs.
  static func print(_ json: JSON) {
    print(json.text)
  }

  /// Bytes as they are.
  static func print(bytes: [UInt8]) {
    write(bytes, to: STDOUT_FILENO)
  }

  /// A remark beside the answer.
  static func note(_ text: String) {
    write(Array((text + "\n").utf8), to: STDERR_FILENO)
  }

  /// A part of a remark, without an end of the line.
  static func notePart(_ text: String) {
    write(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Ends the process as the error asks: help is an answer, wrong use is 2, the rest 1.
  static func end(with error: any Error, of command: any ParsableCommand.Type) -> Never {
    let code = command.exitCode(for: error)
    if code == .success {
      let text = command.fullMessage(for: error)
      if !text.isEmpty { print(text) }
      exit(0)
    }
    if let error = error as? ValidationError {
      // Found out while running: ArgumentParser no longer knows which command's usage to show.
      note("Error: \(error.message)")
      exit(2)
    }
    if code == .validationFailure {
      note(command.fullMessage(for: error))
      exit(2)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    note("Error: \(explain(error))")
    exit(1)
  }

  static func explain(_ error: any Error) -> String {
    switch error {
    case StoreError.busy: "\(error)\nSomething else writes a lot just now; try again in a moment."
    case StoreError.newerSchema: "\(error)\nUse the release of Brevdue that wrote it, or a newer one."
    case StoreError.full: "\(error)\nMake room on that disk, then try again."
    case StoreError.unfinishedCopy:
      "\(error)\nRun the same `brevdue migrate-store`, or `brevdue restore`, again: nothing can use it before that is done."
    case StoreError.unavailable, StoreError.corrupt: "\(error)\n`brevdue doctor` looks further."
    default: String(describing: error)
    }
  }

  /// Whether a person reads standard output.
  static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns of the terminal; 100 where there is none, so that output is the same in every pipe.
  static var width: Int {
    var size = winsize()
    guard isInteractive, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else {
      return 100
    }
    return Int(size.ws_col)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }  // the reader has gone: nobody is left to tell
      rest = rest.dropFirst(count)
    }
  }
}
