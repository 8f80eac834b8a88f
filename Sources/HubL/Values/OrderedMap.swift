/// Members by name, in the order in which they came.
struct OrderedMap<Element> {
  struct Entry {
    let key: Key
    var value: Element
  }

  /// From this many members on an index is kept; below it looking at all is faster.
  private static var indexed: Int { 16 }

  private(set) var entries: [Entry] = []
  /// Places in `entries`; empty while there are few.
  private var index: [Key: Int] = [:]

  init() {}

  init(_ members: some Sequence<(String, Element)>) {
    for (name, value) in members { set(Key(name), to: value) }
  }

  var count: Int { entries.count }

  func place(of key: Key) -> Int? {
    if !index.isEmpty { return index[key] }
    for place in entries.indices where entries[place].key == key { return place }
    return nil
  }

  subscript(key: Key) -> Element? {
    guard let place = place(of: key) else { return nil }
    return entries[place].value
  }

  mutating func set(_ key: Key, to value: Element) {
    if let place = place(of: key) {
      entries[place].value = value
      return
    }
    entries.append(Entry(key: key, value: value))
    if !index.isEmpty {
      index[key] = entries.count - 1
    } else if entries.count > Self.indexed {
      for place in entries.indices { index[entries[place].key] = place }
    }
  }

  @discardableResult
  mutating func remove(_ key: Key) -> Element? {
    guard let place = place(of: key) else { return nil }
    index = [:]
    let value = entries.remove(at: place).value
    if entries.count > Self.indexed {
      for place in entries.indices { index[entries[place].key] = place }
    }
    return value
  }

  mutating func removeAll() { self = OrderedMap() }
}

extension OrderedMap.Entry: Sendable where Element: Sendable {}
extension OrderedMap: Sendable where Element: Sendable {}
