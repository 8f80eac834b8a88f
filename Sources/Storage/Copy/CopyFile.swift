#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A file that is made beside its place and moved there when it is complete and on disk.
final class CopyFile {
  let path: String
  /// Where it is until then.
  let partialPath: String
  private let descriptor: Int32
  private var isInPlace = false

  /// Makes it empty, for the owner alone. What an earlier try has left is taken away.
  init(_ path: String) throws {
    self.path = path
    partialPath = path + ".partial"
    descriptor = open(partialPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw CopyRefusal(
        "\(partialPath) can't be made: \(Self.reason()).",
        next: "Is the folder there, and may this user write it?")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CopyRefusal(
        "Another process is making \(path) just now.", next: "Wait for it, or name another file.")
    }
    guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else {
      let reason = Self.reason()
      close(descriptor)
      throw CopyRefusal("\(partialPath) can't be written: \(reason).", next: "Is this user its owner?")
    }
  }

  deinit {
    if !isInPlace { unlink(partialPath) }
    close(descriptor)
  }

  /// Nobody else may have it open, in this process either.
  func moveIntoPlace() throws {
    guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
      throw StoreError.unavailable("\(path) can't be written: \(Self.reason())")
    }
    isInPlace = true
    try Self.syncFolder(of: path)
  }

  var byteCount: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  // MARK: Any file

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Differs when the database in the file has been written.
  static func fingerprint(_ path: String) throws -> String {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw StoreError.unavailable("\(path) can't be looked at: \(reason())")
    }
    return
      "\(status.st_size) bytes at \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec), log \(size(path + "-wal"))"
  }

  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private static func syncFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.unavailable("\(folder) can't be opened: \(reason())") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw StoreError.unavailable("\(folder) can't be synced: \(reason())")
    }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
