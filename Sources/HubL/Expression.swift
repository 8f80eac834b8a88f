/// An expression with its place, the byte of the source where it starts.
struct Expression: Sendable {
  let kind: Kind
  let offset: Int

  indirect enum Kind: Sendable {
    case literal(Value)
    /// A top name.
    case name(String)
    /// `base.name`, and `base["name"]`.
    case member(Expression, String)
    /// `base[0]`.
    case index(Expression, Int)
    /// `base|name(arguments)`.
    case filter(Filter, Expression, [Expression])
  }

  /// Its value is printed as it is, or part of it may be.
  var isMarkedSafe: Bool {
    guard case .filter(let filter, let base, let arguments) = kind else { return false }
    return filter == .safe || base.isMarkedSafe || arguments.contains(where: \.isMarkedSafe)
  }
}

/// The filters of this version.
enum Filter: String, Sendable {
  case `default`, safe, escape

  /// By HubL's names, short ones too.
  init?(name: String) {
    switch name {
    case "default", "d": self = .default
    case "safe": self = .safe
    case "escape", "e": self = .escape
    default: return nil
    }
  }

  /// How many arguments it takes.
  var arguments: ClosedRange<Int> { self == .default ? 1...2 : 0...0 }
}

/// A piece of a template.
enum Node: Sendable {
  case text([UInt8])
  case output(Expression)

  /// Whether it is text with this in it.
  func contains(_ sign: [UInt8]) -> Bool {
    guard case .text(let bytes) = self else { return false }
    return bytes.firstRange(of: sign) != nil
  }
}
