/// The members of an object, in the order in which they came. Used like a dictionary.
public struct ValueMap: Sendable {
  private(set) var members = OrderedMap<Value>()

  /// No members.
  public init() {}

  /// A dictionary has no order of its own: by name.
  public init(_ dictionary: [String: Value]) {
    members = OrderedMap(dictionary.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  init(_ members: OrderedMap<Value>) { self.members = members }

  /// The value under a name; nil takes it away.
  public subscript(name: String) -> Value? {
    get { members[HubL.Key(name)] }
    set {
      if let newValue { members.set(HubL.Key(name), to: newValue) } else { members.remove(HubL.Key(name)) }
    }
  }

  /// Takes a member away and gives it back; nil when there is none.
  public mutating func remove(_ name: String) -> Value? { members.remove(HubL.Key(name)) }

  /// All names, in order.
  public var keys: [String] { members.entries.map(\.key.name) }
  /// The same members without their order.
  public var dictionary: [String: Value] {
    Dictionary(members.entries.map { ($0.key.name, $0.value) }, uniquingKeysWith: { $1 })
  }
}

extension ValueMap: Sequence {
  /// Names and values in order.
  public func makeIterator() -> some IteratorProtocol<(key: String, value: Value)> {
    members.entries.lazy.map { (key: $0.key.name, value: $0.value) }.makeIterator()
  }

  /// How many there are.
  public var count: Int { members.count }
  /// Whether there is none.
  public var isEmpty: Bool { members.count == 0 }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Value)...) {
    members = OrderedMap(elements)
  }
}

extension ValueMap: Hashable {
  /// Whether they have the same members, in any order.
  public static func == (one: ValueMap, other: ValueMap) -> Bool {
    one.count == other.count && one.members.entries.allSatisfy { other.members[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(Set(members.entries.map(\.key)))
  }
}
