import HubL

extension JSONWriter {
  /// Any value, members in order of their names.
  mutating func value(_ value: Value) {
    switch value {
    case .null: null()
    case .bool(let word): bool(word)
    case .int(let whole): number(whole)
    case .double(let fraction): number(fraction)
    case .string(let text): string(text)
    case .list(let elements):
      array { list in
        for element in elements { list.value(element) }
      }
    case .map(let members):
      object { object in
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
          object.key(name)
          object.value(member)
        }
      }
    }
  }
}
