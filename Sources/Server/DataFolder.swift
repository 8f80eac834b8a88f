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
      guard mkdir(made, 0o700) != 0, errno != EEXIST, access(made, X_OK) != 0 else { continue }
      throw Problem(description: "the data folder \(path) can't be made: \(Self.reason())")
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      throw Problem(
        description:
          "the data folder \(path) can't be written: \(Self.reason()); change its owner or data.directory")
    }
  }

  /// Keeps other servers off the folder for as long as the lock lives: two would deliver everything twice.
  public func lock() throws(Problem) -> Lock {
    try create()
    let file = path + "/serve.lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Problem(description: "\(file) can't be opened: \(Self.reason())") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Problem(
        description:
          "another server works on the data folder \(path); stop it, or give this one another data.directory")
    }
    return Lock(descriptor: descriptor)
  }

  public struct Lock: Sendable {
    let descriptor: Int32

    public func release() { close(descriptor) }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
