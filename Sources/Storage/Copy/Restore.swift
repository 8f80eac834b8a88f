import MailModel

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension StoreCopy {
  /// Puts what a backup holds in the place of what a database holds. The backup is looked over first; a database that
  /// has data is refused unless `overwrite`. No server may work on it: who calls it holds the lock of the data folder.
  public static func restore(
    _ file: String, to target: Store.Location, overwrite: Bool, observer: @escaping CopyObserver
  ) async throws -> CopyReport {
    try await CopyEnds.run {
      let begin = ContinuousClock.now
      try verify(file, observer)
      var report: CopyReport
      switch target {
      case .sqlite(let path):
        report = try restoreFile(file, to: path, overwrite: overwrite, observer)
      case .postgres:
        report = try move(from: .sqlite(path: file), to: target, overwrite: overwrite, observer: observer)
      }
      report.seconds = (ContinuousClock.now - begin) / .seconds(1)
      return report
    }
  }

  // MARK: The backup

  /// Throws when the file is not a whole backup that this release understands.
  static func verify(_ file: String, _ observer: CopyObserver) throws {
    guard CopyFile.exists(file) else {
      throw CopyRefusal("There is no file \(file).", next: "Name one that `brevdue backup` has made.")
    }
    do {
      let driver = try SQLiteDriver(path: file, isReader: true)
      try CopyEnds.with(.sqlite(driver)) { backup in
        guard try backup.copyNote()?.state == .backup, let version = try Schema.version(of: backup) else {
          throw CopyRefusal("\(file) is not a backup.", next: "Name a file that `brevdue backup` has made.")
        }
        let problems = try driver.integrityProblems()
        guard problems.isEmpty else { throw damaged(file, problems.prefix(3).joined(separator: "; ")) }
        try checkContents(of: backup, version: version, file, observer)
      }
    } catch StoreError.corrupt(let reason) {
      throw damaged(file, reason)
    }
  }

  private static func checkContents(
    of backup: Connection, version: Int, _ file: String, _ observer: CopyObserver
  ) throws {
    let found = try backup.contents(try backup.tableShapes(), observer)
    let noted = try backup.notedContents()
    let differing = Set(found.keys).union(noted.keys).filter { found[$0] != noted[$0] }.sorted()
    guard differing.isEmpty else {
      throw damaged(file, "it does not hold what it says in \(differing.joined(separator: ", "))")
    }
  }

  private static func damaged(_ file: String, _ reason: String) -> CopyRefusal {
    CopyRefusal(
      "\(file) is damaged or no backup: \(reason).", next: "Nothing was changed. Use another backup.")
  }

  // MARK: Into a file

  private static func restoreFile(
    _ file: String, to path: String, overwrite: Bool, _ observer: @escaping CopyObserver
  ) throws -> CopyReport {
    if CopyFile.exists(path) { try refuseFile(path, overwrite: overwrite) }
    let copy = try CopyFile(path)
    let target = try SQLiteDriver(path: copy.partialPath, isReader: false)
    var report = try CopyEnds.with(.sqlite(target)) { to in
      try target.setUnsafe()
      let source = try SQLiteDriver(path: file, isReader: true)
      let noted = try CopyEnds.with(.sqlite(source)) { from in
        try source.copyPages(to: target) { done, total in
          try observer(CopyProgress(bytes: done, totalBytes: total))
        }
        return try from.notedContents()
      }
      var report = try contentReport(of: to, observer)
      for index in report.tables.indices {
        report.tables[index].source = noted[report.tables[index].name] ?? TableContent()
      }
      try to.transaction(writing: true) { try to.dropCopyNote() }
      try Schema.migrate(to, at: .now())
      try target.setSingleFile()
      return report
    }
    guard report.differing.isEmpty else { return report }
    try removeSideFiles(of: path)
    try copy.moveIntoPlace()
    report.bytes = copy.byteCount
    report.schemaVersion = Schema.newest
    return report
  }

  private static func refuseFile(_ path: String, overwrite: Bool) throws {
    do {
      try CopyEnds.with(.sqlite(try SQLiteDriver(path: path, isReader: true))) { old in
        if try old.copyNote()?.state != .unfinished {
          try refuse(old, .sqlite(path: path), overwrite: overwrite)
        }
      }
    } catch StoreError.corrupt where overwrite {
      // What is to be replaced need not be whole, or such as we understand.
    } catch StoreError.newerSchema where overwrite {
    }
  }

  /// A log left beside the old file would be taken for the new one's.
  private static func removeSideFiles(of path: String) throws {
    guard CopyFile.exists(path) else { return }
    do {
      // The last one to close a database takes its log into it and away.
      try CopyEnds.writing(.sqlite(path: path)) { _ in }
      if CopyFile.exists(path + "-wal") {
        throw CopyRefusal(
          "Some other program has \(path) open.", next: "End it, then restore again; nothing was changed.")
      }
    } catch StoreError.corrupt {
      unlink(path + "-wal")
      unlink(path + "-shm")
    }
  }
}
