import GRDBSQLite

extension SQLiteDriver {
  private static let pagesAtOnce: Int32 = 512

  /// Copies the whole file page by page, as of one moment, which takes a tenth of the time of reading rows. Those who
  /// write to it meanwhile are not held up; what they write does not get into the copy.
  /// - Parameter progress: is told bytes done, and bytes in all.
  func copyPages(to target: SQLiteDriver, progress: (Int, Int) throws -> Void) throws {
    // An open transaction keeps the moment; else a writer would make the copy start again.
    try script("BEGIN; SELECT count(*) FROM sqlite_master")
    defer { try? script("COMMIT") }
    var pageSize = 0
    try run("PRAGMA page_size", []) { row in
      pageSize = row.int(0)
      return false
    }
    guard let backup = sqlite3_backup_init(target.handle, "main", handle, "main") else {
      throw StoreError.sqlite(sqlite3_extended_errcode(target.handle), target.handle, "a copy of pages")
    }
    do {
      while true {
        let code = sqlite3_backup_step(backup, Self.pagesAtOnce)
        guard code == SQLITE_OK || code == SQLITE_DONE else {
          throw StoreError.sqlite(code, text: String(cString: sqlite3_errstr(code)), sql: "a copy of pages")
        }
        let total = Int(sqlite3_backup_pagecount(backup))
        let done = total - Int(sqlite3_backup_remaining(backup))
        try progress(done * pageSize, total * pageSize)
        if code == SQLITE_DONE { break }
      }
    } catch {
      sqlite3_backup_finish(backup)
      throw error
    }
    let code = sqlite3_backup_finish(backup)
    guard code == SQLITE_OK else {
      throw StoreError.sqlite(code, text: String(cString: sqlite3_errstr(code)), sql: "a copy of pages")
    }
  }

  /// For a file that nobody sees until it is complete: no journal, no waiting for the disk.
  func setUnsafe() throws { try script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF") }

  /// Makes it one plain file, without the two that write-ahead logging has beside it.
  func setSingleFile() throws { try script("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF") }

  /// What SQLite finds wrong in the file; empty when nothing is.
  func integrityProblems() throws -> [String] {
    var problems: [String] = []
    try run("PRAGMA integrity_check(20)", []) { row in
      problems.append(row.text(0))
      return true
    }
    return problems == ["ok"] ? [] : problems
  }
}
