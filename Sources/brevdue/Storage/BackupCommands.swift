import ArgumentParser
import Server
import Storage

struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write everything into one file, while the server runs.",
    discussion: """
        brevdue backup /backups/brevdue-$(date +%F).db
        brevdue restore /backups/brevdue-2026-11-23.db

      The file has what was accepted before the backup began, whichever the engine: accounts, tokens, keys, \
      e-mails, messages, the queue. It is an SQLite database, readable by its owner only: it holds private keys \
      and mail. Senders are not held up.

      Not in it: the configuration file and TLS certificates. See docs/backup.md.
      """)

  @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
  var file: String

  @Flag(name: .long, help: "Replace the file if it is there.")
  var force = false

  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration = try location.configuration()
    let line = ProgressLine()
    let report = try await line.during {
      try await StoreCopy.backup(
        configuration.storeLocation, to: file, overwrite: force, observer: line.show)
    }
    if output.json {
      return Terminal.print(.object([JSON.Member(name: "file", value: .string(file))] + report.members))
    }
    Terminal.print("\(file): \(report.summary)")
  }
}

struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a backup in the place of the data there is.",
    discussion: """
        brevdue restore /backups/brevdue-2026-11-23.db

      Into the data folder, or with database.url into that PostgreSQL database, whichever engine the backup \
      was made from. Stop the server first. The backup is checked before anything is changed; data that is \
      there already is only replaced with --force.

      What was delivered after the backup was made is in its queue, and would be delivered again. To decide \
      yourself: `brevdue queue hold --all` before the server is started, then `queue release` or `queue cancel`.
      """)

  @Argument(help: ArgumentHelp("A file that `backup` has made.", valueName: "file"))
  var file: String

  @Flag(name: .long, help: "Replace the data that is there; it is lost.")
  var force = false

  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration = try location.configuration()
    let lock = try FolderLock.take(configuration.data.directory)
    defer { lock.release() }
    let target = configuration.storeLocation
    let line = ProgressLine()
    let report = try await line.during {
      try await StoreCopy.restore(file, to: target, overwrite: force, observer: line.show)
    }
    if output.json {
      Terminal.print(.object([JSON.Member(name: "target", value: .string(target.text))] + report.members))
    } else {
      Terminal.print("\(target.text): \(report.summary)")
    }
    try report.checkEqual(next: "Restore again; if it stays so, use another backup.")
  }
}

/// The lock that a server holds on its data folder.
enum FolderLock {
  static func take(_ folder: String) throws -> DataFolder.Lock {
    do {
      return try DataFolder(folder).lock()
    } catch {
      throw Failure("\(error).", next: "This takes a data folder that no server works on.")
    }
  }
}
