/// The names of one namespace of variables. A template shares it with what it includes; an imported one has its own.
final class Space {
  /// Where the values of names lie.
  lazy var cells: [String: Int32] = first.mapValues { $0 + start }
  private let first: [String: Ref]
  private let start: Int32

  /// A template's names lie one after the other; only another template has to look them up.
  init(_ first: [String: Ref] = [:], start: Int32 = 0) {
    self.first = first
    self.start = start
  }
}

/// A program with the places of its variables.
final class Unit {
  let program: Program
  let code: Code
  let space: Space
  /// Cell of each symbol.
  let cells: UnsafeMutableBufferPointer<Int32>
  /// Name of the template; nil for the first.
  let name: String?

  init(_ template: Template, _ space: Space, cells: [Int32], name: String?) {
    program = template.program
    code = template.code
    self.space = space
    self.cells = .allocate(capacity: cells.count)
    _ = self.cells.initialize(from: cells)
    self.name = name
  }

  deinit { cells.deallocate() }
}

/// What ends a rendering early; the renderer knows why.
struct Stop: Error {}
