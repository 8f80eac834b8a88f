import MailModel

extension Store {
  /// `health`, found out anew when the disk was full: by a small write, for where it decides who sends mail here,
  /// nobody else may write any more. Waits for that write.
  public func examine() async -> Health {
    if case .full = health {
      _ = try? await write { try $0.setSetting("examined", Array("\(Instant.now().milliseconds)".utf8)) }
    }
    return health
  }
}

extension Store.Health {
  /// Why no mail should be sent here and what to do, for people; nil when all is well.
  public var complaint: String? {
    switch self {
    case .healthy: nil
    case .full(let text): "the disk of the database is full (\(text)); make room, and it goes on by itself"
    case .failed(let text):
      "the database can't be written (\(text)); look at the disk and the kernel's log, then restart"
    case .unreachable, .unfit: obstacle
    }
  }
}
