import Foundation
import MailModel
import Testing

@testable import Storage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// What a server leaves behind for the next on its data folder, and when that counts.
@Suite struct SessionFileTests {
  private let place = NodePlace(number: 7, session: NodeSession(123_456_789))

  /// A data folder with its lock file open.
  private func withFolder(_ body: (String, Int32) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lock = open(folder + "/serve.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(lock) }
    try body(folder, lock)
  }

  private func copy(_ folder: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: folder + "/session", toPath: other + "/session")
  }

  @Test func theNextOnTheFolderFindsIt() throws {
    try withFolder { folder, lock in
      #expect(SessionFile(in: folder, lock: lock).predecessor() == nil)
      #expect(SessionFile(in: folder, lock: lock).keep(place))
      #expect(SessionFile(in: folder, lock: lock).predecessor() == place)
      let later = NodePlace(number: 8, session: NodeSession(2))
      #expect(SessionFile(in: folder, lock: lock).keep(later))
      #expect(SessionFile(in: folder, lock: lock).predecessor() == later)
      SessionFile(in: folder, lock: lock).remove()
      #expect(SessionFile(in: folder, lock: lock).predecessor() == nil)
    }
  }

  @Test func inACopyOfTheFolderItCountsForNothing() throws {
    try withFolder { folder, lock in
      #expect(SessionFile(in: folder, lock: lock).keep(place))
      try withFolder { other, otherLock in
        try copy(folder, to: other)
        #expect(SessionFile(in: other, lock: otherLock).predecessor() == nil)
        #expect(SessionFile(in: other, lock: lock).predecessor() == place, "it is the lock that decides")
      }
    }
  }

  @Test(arguments: [0, 1, 30, 60])
  func halfOfItIsNothing(length: Int) throws {
    try withFolder { folder, lock in
      #expect(SessionFile(in: folder, lock: lock).keep(place))
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/session"))
      try whole.prefix(min(length, whole.count - 1)).write(to: URL(fileURLWithPath: folder + "/session"))
      #expect(SessionFile(in: folder, lock: lock).predecessor() == nil)
    }
  }

  @Test func anotherStartOfTheMachineEndsIt() throws {
    try withFolder { folder, lock in
      #expect(SessionFile(in: folder, lock: lock).keep(place))
      let file = URL(fileURLWithPath: folder + "/session")
      var text = try String(decoding: Data(contentsOf: file), as: UTF8.self)
      text.replaceSubrange(text.startIndex...text.startIndex, with: text.hasPrefix("0") ? "1" : "0")
      try Data(text.utf8).write(to: file)
      #expect(SessionFile(in: folder, lock: lock).predecessor() == nil)
    }
  }
}
