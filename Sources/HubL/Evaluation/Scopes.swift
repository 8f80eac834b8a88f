/// The values of all variables. Each has one cell with its present value, so that looking one up is one access; what
/// a scope hides is kept on a trail and comes back when the scope ends.
struct Scopes {
  private struct Hidden {
    let cell: Int32
    var value: Datum
    var owner: Int32
  }

  private(set) var cells: [Datum] = []
  /// For cells that hold one of the caller's maps that map, which the cell keeps: looking at it counts no references.
  private var maps: [Unmanaged<OrderedMap<Value>.Storage>?] = []
  /// The scope that set each cell last.
  private var owners: [Int32] = []
  private var trail: [Hidden] = []
  private var scope: Int32 = 0
  private var lastScope: Int32 = 0
  /// Parts of the trail whose scopes are seen now; what comes behind `open` is seen too.
  private var closed: [Range<Int>] = []
  private var open = 0

  /// A scope that can be left again.
  struct Mark {
    fileprivate let scope: Int32
    fileprivate let trail: Int
  }

  mutating func add(_ value: Datum) -> Int32 {
    cells.append(value)
    maps.append(Self.map(of: value))
    owners.append(0)
    return Int32(cells.count - 1)
  }

  subscript(cell: Int32) -> Datum { cells[Int(cell)] }

  /// The caller's map in a cell, to be used at once; nil when it holds anything else.
  @inline(__always)
  func map(in cell: Int32) -> Unmanaged<OrderedMap<Value>.Storage>? { maps[Int(cell)] }

  private static func map(of value: Datum) -> Unmanaged<OrderedMap<Value>.Storage>? {
    if case .members(let map) = value { Unmanaged.passUnretained(map.members.storage) } else { nil }
  }

  /// Sets a variable of the present scope.
  mutating func set(_ cell: Int32, to value: Datum) {
    let place = Int(cell)
    if owners[place] != scope {
      trail.append(Hidden(cell: cell, value: cells[place], owner: owners[place]))
      owners[place] = scope
    }
    cells[place] = value
    maps[place] = Self.map(of: value)
  }

  mutating func enter() -> Mark {
    let mark = Mark(scope: scope, trail: trail.count)
    lastScope += 1
    scope = lastScope
    return mark
  }

  mutating func leave(_ mark: Mark) {
    while trail.count > mark.trail, let hidden = trail.popLast() {
      cells[Int(hidden.cell)] = hidden.value
      maps[Int(hidden.cell)] = Self.map(of: hidden.value)
      owners[Int(hidden.cell)] = hidden.owner
    }
    scope = mark.scope
  }

  /// The outermost scope, for a template with names of its own.
  mutating func enterBase() -> Int32 {
    defer { scope = 0 }
    return scope
  }

  mutating func leaveBase(_ outer: Int32) { scope = outer }

  // MARK: Macros see the scopes of their definition

  /// Which scopes are seen now.
  var environment: [Range<Int>] {
    open < trail.count ? closed + [open..<trail.count] : closed
  }

  /// Hides the scopes that `environment` does not have and shows those that it has.
  mutating func show(_ environment: [Range<Int>]) {
    let now = self.environment
    let wanted = environment.map { $0.clamped(to: 0..<trail.count) }
    let common = zip(now, wanted).prefix { $0 == $1 }.count
    // The first that differ may share their start.
    var shared: Int?
    if common < now.count, common < wanted.count, now[common].lowerBound == wanted[common].lowerBound {
      shared = min(now[common].upperBound, wanted[common].upperBound)
    }
    for (place, range) in now[common...].enumerated().reversed() {
      let start = place == 0 ? shared ?? range.lowerBound : range.lowerBound
      for entry in (start..<range.upperBound).reversed() { exchange(entry) }
    }
    for (place, range) in wanted[common...].enumerated() {
      let start = place == 0 ? shared ?? range.lowerBound : range.lowerBound
      for entry in start..<range.upperBound { exchange(entry) }
    }
    closed = wanted
    open = trail.count
  }

  /// The same for what was open before, at the end of a call.
  mutating func showAgain(_ environment: (closed: [Range<Int>], open: Int)) {
    show(
      environment.open < trail.count
        ? environment.closed + [environment.open..<trail.count] : environment.closed)
    closed = environment.closed
    open = environment.open
  }

  var saved: (closed: [Range<Int>], open: Int) { (closed, open) }

  private mutating func exchange(_ entry: Int) {
    let place = Int(trail[entry].cell)
    swap(&cells[place], &trail[entry].value)
    maps[place] = Self.map(of: cells[place])
    swap(&owners[place], &trail[entry].owner)
  }
}
