#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A thread of our own: database calls block, and must not do so on the cooperative pool.
struct WorkerThread: Sendable {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread, which ends with it and is then to be joined.
  /// - Parameter name: what `top -H` and profilers call it; 15 bytes at most.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws -> WorkerThread {
    let box = Unmanaged.passRetained(
      Body {
        nameThisThread(name)
        body()
      })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw StoreError.unavailable("no thread for the database: error \(code)")
    }
    return WorkerThread(handle: thread)
  }

  /// Waits until the threads are gone; once only for each. What libraries keep for a thread is freed as it ends: when
  /// that met the end of the process, the same was freed twice.
  static func join(_ threads: [WorkerThread]) async {
    await withCheckedContinuation { continuation in
      let wait: @Sendable () -> Void = {
        for thread in threads { pthread_join(thread.handle, nil) }
        continuation.resume()
      }
      // Without another thread it waits here: they are ending anyway.
      do { try start("store-join", wait).detach() } catch { wait() }
    }
  }

  /// Nobody will wait for it.
  func detach() { pthread_detach(handle) }

  /// Glibc hides the function for it from Swift; the kernel's file does the same. Without a name it works too.
  private static func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name, name.utf8.count)
    close(file)
  }
}
