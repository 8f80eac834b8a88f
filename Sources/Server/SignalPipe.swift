import Dispatch
import Glibc
import ServiceLifecycle
import Synchronization

/// What an operator tells the process by a signal.
enum OperatorSignal: Sendable {
  /// SIGTERM or SIGINT.
  case stop
  /// SIGHUP.
  case reload
}

/// Hands signals from their handlers, which may do next to nothing, to whoever reads them.
///
/// Not by Dispatch's signal sources: on Linux these raise each signal again until somebody has read it, and the default
/// action that returns when they go away then ends a process that is just stopping in good order.
final class SignalPipe: Sendable {
  /// The descriptor that handlers write to, for the process; −1 before there is one.
  private static let entrance = Atomic<Int32>(-1)

  private let exit: Int32

  /// Traps the signals from here on, for as long as the process lives: who has been told to stop is not killed by being
  /// told again.
  /// - Throws: `DataFolder.Problem` when the system has no descriptors left.
  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw DataFolder.Problem(
        description: "no pipe for signals could be made: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    exit = ends[0]
    Self.entrance.store(ends[1], ordering: .sequentiallyConsistent)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      signal(number) { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        // A full pipe has told it often enough.
        _ = write(SignalPipe.entrance.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = before
      }
    }
  }

  /// The signals as they come, to be read once.
  func signals() -> AsyncStream<OperatorSignal> {
    // Sources may be used from any thread, which Dispatch's interface does not say.
    nonisolated(unsafe) let source = DispatchSource.makeReadSource(fileDescriptor: exit)
    return AsyncStream { continuation in
      source.setEventHandler { [exit] in
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(exit, &bytes, bytes.count)
        for byte in bytes.prefix(max(count, 0)) {
          continuation.yield(Int32(byte) == SIGHUP ? .reload : .stop)
        }
      }
      continuation.onTermination = { _ in source.cancel() }
      source.activate()
    }
  }
}

/// Ends when the operator says stop, and with it, by its place in the group, everything else.
struct SignalService: Service {
  let pipe: SignalPipe
  /// What SIGHUP does.
  let reload: @Sendable () -> Void

  func run() async throws {
    for await signal in pipe.signals().cancelOnGracefulShutdown() {
      switch signal {
      case .stop: return
      case .reload: reload()
      }
    }
  }
}
