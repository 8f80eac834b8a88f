/// HTML without the insides of its long runs of plain signs, and the way back to the whole.
///
/// Gumbo takes some 60 ns a byte, and most bytes of a mail are words and styles that have no say in where
/// a tag starts. What decides that are `< > & " ' =` and what stands next to them: names after `<`, names
/// before `=`, a short value after `=`, `--` and `]]` before `>`. So between two such signs only the ends
/// are kept, and one sign that is no white space, because white space alone is another thing to the parser.
struct HTMLSkeleton {
  private(set) var bytes: [UInt8] = []
  /// Where stretches without gaps start: here and in the whole.
  private var starts: [(here: Int, whole: Int)] = []

  /// Shorter runs are kept whole.
  private static let shortest = 24
  /// Longest attribute name that matters (`data-brevdue-track`) and white space.
  private static let beforeEquals = 40
  /// Longest attribute value that matters (`off`) and white space; also `--` and `]]` before `>`.
  private static let elsewhere = 8

  init(_ html: UnsafeBufferPointer<UInt8>) {
    bytes.reserveCapacity(html.count / 2 + 64)
    var runStart = 0
    for index in html.indices where Self.isDecisive(html[index]) {
      take(html, runStart..<index, before: html[index])
      keep(html, index..<(index + 1))
      runStart = index + 1
    }
    take(html, runStart..<html.count, before: 0)
  }

  /// All of the HTML: what the tests compare a skeleton with.
  init(whole html: UnsafeBufferPointer<UInt8>) {
    keep(html, html.indices)
  }

  /// The place in the whole of a place here.
  func whole(_ place: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle].here <= place { low = middle } else { high = middle }
    }
    return starts.isEmpty ? place : starts[low].whole + place - starts[low].here
  }

  @inline(__always)
  private static func isDecisive(_ byte: UInt8) -> Bool {
    byte == 0x3C || byte == 0x3E || byte == 0x22 || byte == 0x27 || byte == 0x3D || byte == 0x26
      || byte == 0x60
      || byte == 0
  }

  /// A run between two decisive signs, or the ends.
  private mutating func take(_ html: UnsafeBufferPointer<UInt8>, _ run: Range<Int>, before next: UInt8) {
    let tail = next == 0x3D ? Self.beforeEquals : Self.elsewhere
    let isName = run.lowerBound > 0 && (html[run.lowerBound - 1] == 0x3C || html[run.lowerBound - 1] == 0x26)
    guard !isName, run.count >= max(Self.shortest, Self.elsewhere + tail + 1) else { return keep(html, run) }
    let middle = (run.lowerBound + Self.elsewhere)..<(run.upperBound - tail)
    keep(html, run.lowerBound..<middle.lowerBound)
    if let solid = middle.first(where: { html[$0] > 0x20 }) { keep(html, solid..<(solid + 1)) }
    keep(html, middle.upperBound..<run.upperBound)
  }

  private mutating func keep(_ html: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let isJoined = starts.last.map { $0.whole + bytes.count - $0.here == range.lowerBound } ?? false
    if !isJoined { starts.append((bytes.count, range.lowerBound)) }
    bytes += UnsafeBufferPointer(rebasing: html[range])
  }
}
