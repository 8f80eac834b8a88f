import MailModel

/// Copies of everything that a store holds: into a file, back from it, and to another engine.
public enum StoreCopy {
  /// Copies all that is in one database to another that holds nothing, of whatever engines, and compares them. After a
  /// failure or a kill, calling it again goes on where it was, unless the source has been changed meanwhile. Until it
  /// is done nothing else can open the target. No server may work on either side.
  ///
  /// When the report has tables that differ the copy is left unfinished, and the next try begins from the start.
  public static func move(
    from source: Store.Location, to target: Store.Location, observer: @escaping CopyObserver
  ) async throws -> CopyReport {
    try await CopyEnds.run { try move(from: source, to: target, overwrite: false, observer: observer) }
  }

  /// - Parameter overwrite: whether what the target holds may be lost.
  static func move(
    from source: Store.Location, to target: Store.Location, overwrite: Bool, limit: SliceLimit = SliceLimit(),
    observer: @escaping CopyObserver
  ) throws -> CopyReport {
    guard source != target else {
      throw CopyRefusal("\(source.text) can't be copied onto itself.", next: "Name another database.")
    }
    let begin = ContinuousClock.now
    try CopyEnds.reading(source) { _ in }
    try Engine.foldLog(of: source)
    return try CopyEnds.reading(source) { from in
      try from.refuseRunningServers(source)
      let note = CopyNote(
        state: .unfinished, source: source.text, fingerprint: try from.fingerprint(of: source),
        version: try Schema.version(of: from) ?? 0, createdAt: .now())
      var report = try CopyEnds.writing(target) { to in
        try prepare(to, target, for: note, overwrite: overwrite)
        let report = try from.transaction(writing: false) {
          try StoreCopier(from: from, to: to, limit: limit, observer: observer).run()
        }
        try refuseChanged(from, source, note)
        try finish(to, note, isEqual: report.differing.isEmpty)
        return report
      }
      report.schemaVersion = Schema.newest
      report.seconds = (ContinuousClock.now - begin) / .seconds(1)
      return report
    }
  }

  /// Throws when somebody has worked on the source while it was read. The copy stays unfinished, and the next one
  /// begins from the start.
  private static func refuseChanged(_ from: Connection, _ source: Store.Location, _ note: CopyNote) throws {
    try from.refuseRunningServers(source)
    guard try from.fingerprint(of: source) == note.fingerprint else {
      throw CopyRefusal(
        "\(source.text) has been changed while it was copied.",
        next: "Run the same command again, with no other at work on it: it begins from the start.")
    }
  }

  // MARK: The target

  /// Makes it ready for rows: those that an earlier run has copied stay.
  private static func prepare(
    _ target: Connection, _ location: Store.Location, for note: CopyNote, overwrite: Bool
  ) throws {
    try lock(target, location)
    let old = try target.copyNote()
    if old.map(note.continues) != true {
      if old?.state != .unfinished { try refuse(target, location, overwrite: overwrite) }
      try target.transaction(writing: true) {
        try Schema.erase(target)
        try target.write(note)
      }
    }
    try Schema.migrate(target, at: .now(), upTo: note.version)
    try target.limitForCopying()
  }

  /// Keeps other copies away. SQLite files have the lock of their folder.
  private static func lock(_ target: Connection, _ location: Store.Location) throws {
    guard target.dialect == .postgres else { return }
    do {
      // Waits a while: the session of a copy that was killed just now may have a statement to end.
      try target.each("SELECT pg_advisory_lock($1)", [.integer(lockNumber)]) { _ in true }
    } catch StoreError.busy {
      throw CopyRefusal("Something else copies into \(location.text) just now.", next: "Wait for it.")
    }
  }

  /// Held while a copy is written; next to the one of migrations.
  private static let lockNumber = Schema.lockNumber + 1

  /// Throws when there is something in the target that must not be lost.
  static func refuse(_ target: Connection, _ location: Store.Location, overwrite: Bool) throws {
    try target.refuseRunningServers(location)
    guard try Schema.version(of: target) != nil else {
      let names = try target.tableNames()
      guard let name = StoreTable.all.map(\.name).first(where: names.contains) else { return }
      throw CopyRefusal(
        "\(location.text) has a table \(name) that is not Brevdue's.",
        next: "Give Brevdue a database of its own.")
    }
    guard !overwrite else { return }
    let held = try target.tablesInUse()
    guard held.isEmpty else {
      throw CopyRefusal(
        "\(location.text) holds data already: rows in \(held.prefix(4).joined(separator: ", ")).",
        next: "Name an empty database. Only `restore` can overwrite one, with --force.")
    }
  }

  private static func finish(_ target: Connection, _ note: CopyNote, isEqual: Bool) throws {
    guard isEqual else {
      var spoilt = note
      spoilt.fingerprint = "differs"
      return try target.transaction(writing: true) { try target.write(spoilt) }
    }
    try Schema.migrate(target, at: .now())
    try target.limitForCopying()
    // Else the server would plan its first statements for empty tables.
    if target.dialect == .postgres {
      for table in StoreTable.all { try target.script("ANALYZE \(table.name)") }
    }
    try target.transaction(writing: true) { try target.dropCopyNote() }
  }
}

extension Connection {
  /// Tables with something in them that somebody has stored.
  func tablesInUse() throws -> [String] {
    let names = try tableNames()
    return try StoreTable.all.filter { !$0.isHousekeeping && names.contains($0.name) }.map(\.name).filter {
      var hasRow = false
      try each("SELECT 1 FROM \($0) LIMIT 1", []) { _ in
        hasRow = true
        return false
      }
      return hasRow
    }
  }
}
