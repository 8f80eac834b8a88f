/// Members by name, in the order in which they came.
struct OrderedMap<Element> {
  struct Entry {
    let key: Key
    var value: Element
  }

  /// In one object, so that handing a map on counts one reference. Changed only while nobody else has it.
  private final class Storage {
    // Unchecked, since only a map that has it alone changes it, and that within one call.
    @exclusivity(unchecked) var entries: [Entry] = []
    /// Places in `entries`; empty while there are few.
    @exclusivity(unchecked) var index: [Key: Int] = [:]

    init() {}

    init(_ other: Storage) { (entries, index) = (other.entries, other.index) }
  }

  /// From this many members on an index is kept; below it looking at all is faster.
  private static var indexed: Int { 16 }

  private var storage = Storage()

  init() {}

  init(_ members: some Sequence<(String, Element)>) {
    for (name, value) in members { set(Key(name), to: value) }
  }

  var entries: [Entry] { storage.entries }
  var count: Int { storage.entries.count }

  func place(of key: Key) -> Int? {
    if !storage.index.isEmpty { return storage.index[key] }
    for place in storage.entries.indices where storage.entries[place].key == key { return place }
    return nil
  }

  /// The value at a place that `place(of:)` gave.
  subscript(place place: Int) -> Element { storage.entries[place].value }

  subscript(key: Key) -> Element? {
    guard let place = place(of: key) else { return nil }
    return storage.entries[place].value
  }

  private mutating func own() {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage) }
  }

  mutating func set(_ key: Key, to value: Element) {
    own()
    if let place = place(of: key) {
      storage.entries[place].value = value
      return
    }
    storage.entries.append(Entry(key: key, value: value))
    if !storage.index.isEmpty {
      storage.index[key] = count - 1
    } else if count > Self.indexed {
      makeIndex()
    }
  }

  private mutating func makeIndex() {
    for place in storage.entries.indices { storage.index[storage.entries[place].key] = place }
  }

  @discardableResult
  mutating func remove(_ key: Key) -> Element? {
    guard let place = place(of: key) else { return nil }
    own()
    storage.index = [:]
    let value = storage.entries.remove(at: place).value
    if count > Self.indexed { makeIndex() }
    return value
  }

  mutating func removeAll() { self = OrderedMap() }
}

extension OrderedMap.Entry: Sendable where Element: Sendable {}
// The storage is guarded by copying it before a change while another has it, as the standard library's own types do.
extension OrderedMap: @unchecked Sendable where Element: Sendable {}
