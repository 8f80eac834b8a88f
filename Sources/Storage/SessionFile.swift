import MailModel

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// `DATA/session`: this server's place on a shared database, for the server that comes after it on the folder. Who
/// holds the folder's lock knows that the one who wrote the file is dead, and need not wait for its lease.
///
/// A copy of the folder has a lock of its own while the server on the original lives. So what is in the file only
/// counts for the very lock file beside which it was written, and until the machine starts anew; it need not
/// outlive a loss of power, and is not synced.
public struct SessionFile: Sendable {
  private let path: String
  /// The lock file and the start of the machine; nil where they can't be told.
  private let witness: String?

  /// - Parameters:
  ///   - folder: the data folder.
  ///   - lock: its lock file, open, with the lock held by this process.
  public init(in folder: String, lock: Int32) {
    path = folder + "/session"
    var state = stat()
    let boot = Self.content(of: "/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first
    if let boot, fstat(lock, &state) == 0 {
      witness = "\(boot) \(state.st_dev) \(state.st_ino)"
    } else {
      witness = nil
    }
  }

  /// The place of the server before; nil when there is none or nothing proves that it is dead.
  public func predecessor() -> NodePlace? {
    guard let witness, let text = Self.content(of: path), text.hasSuffix("\n"),
      text.hasPrefix(witness + " ")
    else { return nil }
    let words = text.dropFirst(witness.count + 1).dropLast().split(separator: " ")
    guard words.count == 2, let number = Int(words[0]), let session = Int64(words[1]) else { return nil }
    return NodePlace(number: number, session: NodeSession(session))
  }

  /// False when it could not be written: the next server then waits for the lease. Blocks.
  public func keep(_ place: NodePlace) -> Bool {
    guard let witness else { return false }
    let aside = path + ".new"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let bytes = Array("\(witness) \(place.number) \(place.session)\n".utf8)
    let isWhole = write(descriptor, bytes, bytes.count) == bytes.count
    close(descriptor)
    return isWhole && rename(aside, path) == 0
  }

  /// When the session has ended in good order.
  public func remove() { unlink(path) }

  /// At most 1024 bytes.
  private static func content(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
