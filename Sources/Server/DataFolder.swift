import Glibc

/// The folder with everything that must survive. One server at a time works on it.
public struct DataFolder: Sendable {
  public let path: String

  public init(_ path: String) {
    self.path = path
  }

  /// What kept the folder from being used, for people.
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// Makes the folder, for the owner alone, if it is not there.
  public func create() throws(Problem) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made == "/" ? "" : "/") + part
      if made.isEmpty || made == "/" { continue }
      if mkdir(made, 0o700) == 0 {
        try Self.keepName(of: made)
      } else if errno != EEXIST, access(made, X_OK) != 0 {
        throw Problem(
          description:
            "the data folder \(path) can't be made: \(Self.reason()); change data.directory or the disk")
      }
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      throw Problem(
        description:
          "the data folder \(path) can't be written: \(Self.reason()); make it writable or change data.directory"
      )
    }
  }

  /// A new folder is only there after a power cut when the one that it is in was synced.
  private static func keepName(of folder: String) throws(Problem) {
    let descriptor = open(folder + "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // one that we may write but not read: nothing can be done
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw Problem(description: "the data folder \(folder) can't be made to last: \(reason())")
    }
  }

  /// Keeps other servers off the folder for as long as the lock lives: two would deliver everything twice.
  public func lock() throws(Problem) -> Lock {
    try create()
    let file = path + "/serve.lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Problem(description: "\(file) can't be opened: \(Self.reason()); nothing was started")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Problem(
        description:
          "another server works on the data folder \(path); stop it, or give this one another data.directory")
    }
    do {
      try writeTrial()
    } catch {
      close(descriptor)
      throw error
    }
    return Lock(descriptor: descriptor)
  }

  /// Finds out before anything is begun whether the disk takes what is written: SQLite's words would be less clear.
  private func writeTrial() throws(Problem) {
    let file = path + "/trial"
    let descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Problem(description: "\(file) can't be made: \(Self.reason())") }
    defer {
      close(descriptor)
      unlink(file)
    }
    // As much as the database needs to be opened: its log and the index of that.
    let bytes = [UInt8](repeating: 0, count: 128 * 1024)
    let count = write(descriptor, bytes, bytes.count)
    if count == bytes.count, fsync(descriptor) == 0 { return }
    if 0..<bytes.count ~= count || errno == ENOSPC || errno == EDQUOT {
      throw Problem(description: "the disk of the data folder \(path) is full. Make room, then start again")
    }
    throw Problem(
      description:
        "the data folder \(path) can't be written: \(Self.reason()); look at the disk and the kernel's log")
  }

  public struct Lock: Sendable {
    let descriptor: Int32

    public func release() { close(descriptor) }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
