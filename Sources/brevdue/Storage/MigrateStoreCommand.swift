import ArgumentParser
import Glibc
import Server
import Storage

struct MigrateStore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate-store", abstract: "Copy everything to another database, of the other engine too.",
    discussion: """
      From the data folder to the PostgreSQL database of the configuration:
        export BREVDUE_DATABASE_URL=postgres://brevdue:PASSWORD@db.example.com/brevdue
        brevdue migrate-store

      Or say both, as sqlite:PATH or postgres://…:
        brevdue migrate-store --from sqlite:data/brevdue.db --to postgres://brevdue@db.example.com/brevdue
        brevdue migrate-store --from postgres://brevdue@db.example.com/brevdue --to sqlite:new/brevdue.db

      The target must be empty, and no server may run on either side. The source is not changed. Ended in the \
      middle, by whatever, the same command goes on where it was; until it is done nothing else can use the \
      target. At the end the rows of both sides are counted and their keys compared.

      A password on the command line can be seen by other users of the machine: keep it in the environment, the \
      configuration file or ~/.pgpass. See docs/backup.md for the way with the least time without a server.
      """)

  @Option(
    name: .long,
    help: ArgumentHelp("Where the data is. Default: the file in the data folder.", valueName: "database"))
  var from: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where it goes. Default: the configured database.url.", valueName: "database"))
  var to: String?

  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration = try location.configuration()
    let source = try Self.location(from, option: "--from") ?? .sqlite(path: configuration.data.databaseFile)
    let target =
      try Self.location(to, option: "--to") ?? configuration.database.url.map { .postgres(url: $0) }
    guard let target else {
      throw ValidationError("Say where the data goes: --to postgres://…, --to sqlite:PATH, or database.url.")
    }
    let locks = try Self.lock(source, target)
    defer { for lock in locks { lock.release() } }
    let line = ProgressLine()
    let report = try await line.during {
      try await StoreCopy.move(from: source, to: target, observer: line.show)
    }
    show(report, from: source, to: target)
    try report.checkEqual(
      next:
        "Has something written to the source meanwhile? Run the same command again: it begins from the start."
    )
  }

  private static func location(_ text: String?, option: String) throws -> Store.Location? {
    guard let text else { return nil }
    guard let location = Store.Location(text: text) else {
      throw ValidationError(
        "\(option) must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE, not \(DatabaseURL.redacted(text))."
      )
    }
    return location
  }

  /// Locks data folders, so that no server starts on them. A file of another name has no server.
  private static func lock(_ source: Store.Location, _ target: Store.Location) throws -> [DataFolder.Lock] {
    var locks: [DataFolder.Lock] = []
    for location in [source, target] {
      guard case .sqlite(let path) = location, source != target || locks.isEmpty else { continue }
      let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      guard ServerConfiguration.DataSection.databaseName == path.split(separator: "/").last.map(String.init)
      else { continue }
      // A folder that is not there is not made for a source.
      if location == source, access(path, F_OK) != 0 { continue }
      locks.append(try FolderLock.take(folder))
    }
    return locks
  }

  private func show(_ report: CopyReport, from source: Store.Location, to target: Store.Location) {
    if output.json {
      let ends: [JSON.Member] = [
        .init(name: "from", value: .string(source.text)), .init(name: "to", value: .string(target.text)),
        .init(name: "resumed", value: .bool(report.isResumed)),
        .init(name: "equal", value: .bool(report.differing.isEmpty)),
      ]
      return Terminal.print(.object(ends + report.members))
    }
    var table = Table(["TABLE", "SOURCE", "TARGET", "KEYS"])
    for one in report.tables {
      table.add(
        one.name, "\(one.source.rows)", "\(one.target.rows)",
        one.source.keyDigest == one.target.keyDigest ? "equal" : "DIFFERENT")
    }
    Terminal.print(table.text(width: Terminal.width))
    Terminal.print("\n\(source.text) to \(target.text): \(report.summary)")
    if report.differing.isEmpty, case .postgres = target {
      Terminal.print("Next: set database.url to the new database, then: brevdue serve")
    }
  }
}
