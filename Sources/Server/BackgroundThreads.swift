import Glibc
import NIOPosix

/// Threads that step back while others want the processor: preparing and signing messages can wait on disk, the
/// client that hands one in can't. They still get about a quarter of a busy processor, so that the queue always moves.
final class BackgroundThreads: TaskExecutor {
  /// Steps of `nice(1)`: at 5 a thread weighs a third of one that is not nice.
  private static let niceness: Int32 = 5

  private let threads: NIOThreadPool

  init(count: Int) {
    threads = NIOThreadPool(numberOfThreads: count)
    threads.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    threads.submit { _ in
      // Of the calling thread alone on Linux. The pool tells nobody when it starts one, and asking first costs as much.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }

  /// When no task is on them any more.
  func close() async throws {
    try await threads.shutdownGracefully()
  }
}
