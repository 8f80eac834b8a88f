import MailModel

extension StoreCopy {
  /// Writes all that is in a database, as of one moment, into a file: an SQLite database with the same tables, which
  /// also says what it holds. Servers may go on meanwhile.
  /// - Parameter overwrite: whether a file of that name may be replaced.
  public static func backup(
    _ source: Store.Location, to file: String, overwrite: Bool, observer: @escaping CopyObserver
  ) async throws -> CopyReport {
    try await CopyEnds.run { try backUp(source, to: file, overwrite: overwrite, observer: observer) }
  }

  static func backUp(
    _ source: Store.Location, to file: String, overwrite: Bool, limit: SliceLimit = SliceLimit(),
    observer: @escaping CopyObserver
  ) throws -> CopyReport {
    guard overwrite || !CopyFile.exists(file) else {
      throw CopyRefusal(
        "There is a file \(file) already.", next: "Name another, or overwrite it with --force.")
    }
    let begin = ContinuousClock.now
    let copy = try CopyFile(file)
    var report = try CopyEnds.reading(source) { from in
      let target = try SQLiteDriver(path: copy.partialPath, isReader: false)
      return try CopyEnds.with(.sqlite(target)) { to in
        try target.setUnsafe()
        let report = try fill(to, target, from, limit: limit, observer: observer)
        let note = CopyNote(
          state: .backup, source: source.text, fingerprint: "", version: report.schemaVersion,
          createdAt: .now())
        try to.transaction(writing: true) {
          try to.write(note, contents: report.tables.map { ($0.name, $0.target) })
        }
        try target.setSingleFile()
        return report
      }
    }
    guard overwrite || !CopyFile.exists(file) else {
      throw CopyRefusal("Somebody has made a file \(file) meanwhile.", next: "Name another.")
    }
    try copy.moveIntoPlace()
    report.bytes = copy.byteCount
    report.seconds = (ContinuousClock.now - begin) / .seconds(1)
    return report
  }

  private static func fill(
    _ to: Connection, _ target: SQLiteDriver, _ from: Connection, limit: SliceLimit,
    observer: @escaping CopyObserver
  ) throws -> CopyReport {
    var report: CopyReport
    switch from.driver {
    case .sqlite(let driver):
      try driver.copyPages(to: target) { done, total in
        try observer(CopyProgress(bytes: done, totalBytes: total))
      }
      report = try contentReport(of: to, observer)
    case .postgres:
      report = try from.transaction(writing: false) {
        try Schema.migrate(to, at: .now(), upTo: try Schema.version(of: from) ?? 0)
        return try StoreCopier(from: from, to: to, limit: limit, observer: observer).run()
      }
      guard report.differing.isEmpty else {
        throw StoreError.other("the copy differs in \(report.differing.map(\.name).joined(separator: ", "))")
      }
    }
    report.schemaVersion = try Schema.version(of: to) ?? 0
    return report
  }

  /// Of a copy that is what it was copied from.
  static func contentReport(of connection: Connection, _ observer: CopyObserver) throws -> CopyReport {
    var report = CopyReport()
    let shapes = try connection.tableShapes()
    let contents = try connection.contents(shapes, observer)
    report.tables = shapes.map { shape in
      let content = contents[shape.name] ?? TableContent()
      return CopyReport.Table(name: shape.name, source: content, target: content)
    }
    report.rows = report.tables.reduce(0) { $0 + $1.target.rows }
    return report
  }
}
