/// Members by name, in the order in which they came.
struct OrderedMap<Element> {
  struct Entry {
    let key: Key
    var value: Element
  }

  /// In one object, so that handing a map on counts one reference, and in plain memory, so that looking one member up
  /// counts none. Changed only while nobody else has it.
  final class Storage {
    // Unchecked, since only a map that has it alone changes it, and that within one call.
    @exclusivity(unchecked) fileprivate private(set) var base: UnsafeMutablePointer<Entry>
    @exclusivity(unchecked) fileprivate private(set) var count = 0
    private var capacity: Int
    /// Places of the entries; nil while there are few.
    @exclusivity(unchecked) fileprivate var index: [Key: Int]?

    init() {
      base = .allocate(capacity: 4)
      capacity = 4
    }

    fileprivate init(_ other: Storage) {
      capacity = other.count + 4
      base = .allocate(capacity: capacity)
      base.initialize(from: other.base, count: other.count)
      count = other.count
      index = other.index
    }

    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }

    fileprivate func append(_ entry: Entry) {
      if count == capacity {
        capacity *= 2
        let wider = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        wider.moveInitialize(from: base, count: count)
        base.deallocate()
        base = wider
      }
      (base + count).initialize(to: entry)
      count += 1
    }

    fileprivate func remove(at place: Int) -> Element {
      let entry = (base + place).move()
      (base + place).moveInitialize(from: base + place + 1, count: count - place - 1)
      count -= 1
      return entry.value
    }

    /// nil when there is no such member.
    @inline(__always)
    func place(of key: Key) -> Int? {
      if let index { return index[key] }
      for place in 0..<count where base[place].key.hash == key.hash && base[place].key == key { return place }
      return nil
    }

    /// The value at a place that `place(of:)` gave.
    @inline(__always)
    subscript(place: Int) -> Element {
      _read { yield base[place].value }
    }
  }

  /// From this many members on an index is kept; below it looking at all is faster.
  private static var indexed: Int { 16 }

  private(set) var storage = Storage()

  init() {}

  init(_ members: some Sequence<(String, Element)>) {
    for (name, value) in members { set(Key(name), to: value) }
  }

  var entries: [Entry] { Array(UnsafeBufferPointer(start: storage.base, count: storage.count)) }
  var count: Int { storage.count }

  func place(of key: Key) -> Int? { storage.place(of: key) }

  /// The value at a place that `place(of:)` gave.
  subscript(place place: Int) -> Element { storage[place] }

  subscript(key: Key) -> Element? { storage.place(of: key).map { storage[$0] } }

  private mutating func own() {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage) }
  }

  mutating func set(_ key: Key, to value: Element) {
    own()
    if let place = place(of: key) {
      storage.base[place].value = value
      return
    }
    storage.append(Entry(key: key, value: value))
    if storage.index != nil {
      storage.index?[key] = count - 1
    } else if count > Self.indexed {
      makeIndex()
    }
  }

  private mutating func makeIndex() {
    var index = [Key: Int](minimumCapacity: count)
    for place in 0..<count { index[storage.base[place].key] = place }
    storage.index = index
  }

  @discardableResult
  mutating func remove(_ key: Key) -> Element? {
    guard let place = place(of: key) else { return nil }
    own()
    storage.index = nil
    let value = storage.remove(at: place)
    if count > Self.indexed { makeIndex() }
    return value
  }

  mutating func removeAll() { self = OrderedMap() }
}

extension OrderedMap.Entry: Sendable where Element: Sendable {}
// The storage is guarded by copying it before a change while another has it, as the standard library's own types do.
extension OrderedMap: @unchecked Sendable where Element: Sendable {}
