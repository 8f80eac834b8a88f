import Glibc
import Server

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The server that runs on a data folder, as its `runtime.json` tells.
struct RunningServer: Decodable {
  var pid: Int32
  /// Real addresses by listener.
  var listeners: [String: String]
  /// Messages being handed over or recorded, by account. A moment old.
  var inFlight: [InFlight]

  /// Of the messages that the store counts as waiting, those that are on their way.
  struct InFlight: Decodable {
    var account: Int64
    /// At their first try.
    var queued: Int
    /// Tried before.
    var deferred: Int
  }

  /// Nil when none runs, or the file was left by one that was killed.
  static func find(_ configuration: ServerConfiguration) -> RunningServer? {
    guard let text = Files.ownText(configuration.data.runtimeFile),
      let server = try? JSONDecoder().decode(RunningServer.self, from: Data(text.utf8)),
      server.pid > 0, kill(server.pid, 0) == 0 || errno == EPERM
    else { return nil }
    return server
  }
}
