import MailModel

/// Copies rows from one database to another, of whatever engines, table by table in the order of their keys, a
/// transaction for each slice. The rows that are there say how far it has come.
struct StoreCopier {
  let source: Connection
  let target: Connection
  let limit: SliceLimit
  let observer: CopyObserver
  /// The source's tables.
  private let shapes: [TableShape]

  /// - Parameter source: within a transaction, so that all that is read is of one moment.
  init(from source: Connection, to target: Connection, limit: SliceLimit, observer: @escaping CopyObserver)
    throws
  {
    self.source = source
    self.target = target
    self.limit = limit
    self.observer = observer
    shapes = try source.tableShapes()
  }

  /// Copies what the target lacks, then compares both.
  func run() throws -> CopyReport {
    var report = CopyReport()
    var progress = CopyProgress()
    progress.totalRows = try count(in: source)
    progress.rows = try count(in: target)
    report.isResumed = progress.rows > 0
    let before = progress.rows
    for shape in shapes { try copy(shape, &progress) }
    try copyNumbers()
    report.rows = progress.rows - before
    report.bytes = progress.bytes
    report.tables = try compare()
    return report
  }

  private func count(in connection: Connection) throws -> Int {
    var rows = 0
    for shape in shapes {
      try connection.each("SELECT count(*) FROM \(shape.name)", []) { row in
        rows += row.int(0)
        return false
      }
    }
    return rows
  }

  private func copy(_ shape: TableShape, _ progress: inout CopyProgress) throws {
    progress.table = shape.name
    var last = try shape.lastKey(in: target)
    while true {
      let slice = try shape.slice(behind: last, of: source, limit)
      guard let row = slice.rows.last else { break }
      try target.transaction(writing: true) {
        try makePartitions(shape, for: slice)
        try shape.insert(slice.rows, into: target)
      }
      last = shape.key(of: row)
      progress.rows += slice.rows.count
      progress.bytes += slice.byteCount
      try observer(progress)
    }
  }

  private func makePartitions(_ shape: TableShape, for slice: Slice) throws {
    guard let table = RetainedTable(rawValue: shape.name) else { return }
    let ids = slice.rows.compactMap { row -> Int64? in
      if case .integer(let id) = shape.key(of: row).first { id } else { nil }
    }
    try target.makePartitions(of: table, for: ids)
  }

  private func copyNumbers() throws {
    try target.transaction(writing: true) {
      for kind in Numbered.allCases {
        if let last = try source.lastNumber(kind) { try target.setLastNumber(kind, to: last) }
      }
    }
  }

  /// What both sides hold, table by table.
  private func compare() throws -> [CopyReport.Table] {
    let sources = try source.contents(shapes, observer)
    let targets = try target.contents(shapes, observer)
    return shapes.map { shape in
      CopyReport.Table(
        name: shape.name, source: sources[shape.name] ?? TableContent(),
        target: targets[shape.name] ?? TableContent())
    }
  }
}

extension Connection {
  /// What the tables hold, by name. The observer counts from 0.
  func contents(_ shapes: [TableShape], _ observer: CopyObserver) throws -> [String: TableContent] {
    var contents: [String: TableContent] = [:]
    var done = 0
    for shape in shapes {
      let content = try shape.content(in: self) { count in
        try observer(CopyProgress(step: .checking, table: shape.name, rows: done + count))
      }
      done += content.rows
      contents[shape.name] = content
    }
    return contents
  }
}
