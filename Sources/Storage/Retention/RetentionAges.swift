import MailModel

/// What is kept for a time of its own.
public enum RetainedKind: String, Sendable, CaseIterable {
  /// Bytes of messages: as accepted, and what was changed for each recipient.
  case bodies
  /// What happened to a message.
  case events
  /// The messages themselves with what lists and searches need, and single sends.
  case messages
}

/// How long things are kept, counted from when their message was accepted.
public struct RetentionAges: Sendable, Hashable {
  public var bodies = Duration.seconds(30 * 86_400)
  public var events = Duration.seconds(400 * 86_400)
  public var messages = Duration.seconds(400 * 86_400)

  /// The defaults.
  public init() {}

  public init(bodies: Duration, events: Duration, messages: Duration) {
    self.bodies = bodies
    self.events = events
    self.messages = messages
  }

  public subscript(kind: RetainedKind) -> Duration {
    get {
      switch kind {
      case .bodies: bodies
      case .events: events
      case .messages: messages
      }
    }
    set {
      switch kind {
      case .bodies: bodies = newValue
      case .events: events = newValue
      case .messages: messages = newValue
      }
    }
  }

  /// Why these ages can't be, for people; nil when they can.
  public var problem: String? {
    // A body or an event is found through its message.
    for kind in [RetainedKind.bodies, .events] where self[kind] > messages {
      let (age, longest) = (RetentionAge.text(self[kind]), RetentionAge.text(messages))
      return "messages are kept for \(longest), but their \(kind.rawValue) for \(age), and those are found "
        + "through the message: keep messages for \(age) or longer, or \(kind.rawValue) for \(longest) or less"
    }
    return nil
  }

  /// With what an account has of its own.
  func with(_ own: RetentionOverride) -> RetentionAges {
    var ages = self
    for kind in RetainedKind.allCases { if let age = own[kind] { ages[kind] = age } }
    // The configuration may have changed since the account's ages were set: the longer one counts.
    ages.messages = max(ages.messages, ages.events, ages.bodies)
    return ages
  }
}

/// An account's own ages; nil is the configuration's.
public struct RetentionOverride: Sendable, Hashable {
  public var bodies: Duration?
  public var events: Duration?
  public var messages: Duration?

  public init(bodies: Duration? = nil, events: Duration? = nil, messages: Duration? = nil) {
    self.bodies = bodies
    self.events = events
    self.messages = messages
  }

  public subscript(kind: RetainedKind) -> Duration? {
    get {
      switch kind {
      case .bodies: bodies
      case .events: events
      case .messages: messages
      }
    }
    set {
      switch kind {
      case .bodies: bodies = newValue
      case .events: events = newValue
      case .messages: messages = newValue
      }
    }
  }

  /// Why these ages, over those of the configuration, can't be; nil when they can.
  public func problem(over ages: RetentionAges) -> String? {
    var merged = ages
    for kind in RetainedKind.allCases { if let age = self[kind] { merged[kind] = age } }
    return merged.problem
  }
}

/// An age as people write it: `12h`, `30d`, `8w`.
public enum RetentionAge {
  /// What `parse` takes; ends the sentence "expected …".
  public static let expectation =
    "a number of hours, days or weeks, such as 12h, 30d or 8w, from 1h to 36500d (which is for ever)"

  public static func parse(_ text: String) -> Duration? {
    let units: [Character: Int64] = ["h": 3600, "d": 86_400, "w": 604_800]
    guard let last = text.last, let unit = units[last], text.utf8.count <= 7,
      text.dropLast().utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let number = Int64(text.dropLast())
    else { return nil }
    let seconds = number * unit
    return (3600...36_500 * 86_400).contains(seconds) ? .seconds(seconds) : nil
  }

  /// In days where it is whole days, else in hours.
  public static func text(_ age: Duration) -> String {
    let hours = age.components.seconds / 3600
    return hours % 24 == 0 ? "\(hours / 24)d" : "\(hours)h"
  }
}
