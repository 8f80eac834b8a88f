import CUnbound
import Glibc
import Synchronization

/// A libunbound context with the thread that takes its results.
///
/// Queries may be started from any thread. libunbound resolves in a thread of its own; ours waits on its
/// descriptor, runs the callbacks, ends what takes too long, and is the only one to delete the context.
///
/// `@unchecked`: `context` is a C pointer; libunbound locks it itself, and it is used only while `state` is
/// locked and not closed, or on our thread, which deletes it last.
final class Unbound: @unchecked Sendable {
  /// A look-up under way. libunbound holds a reference to it until its callback ran or it was cancelled.
  final class Query: Sendable {
    private let completion: Mutex<(@Sendable (RawAnswer) -> Void)?>

    init(_ completion: @escaping @Sendable (RawAnswer) -> Void) {
      self.completion = Mutex(completion)
    }

    var isDone: Bool { completion.withLock { $0 == nil } }

    func finish(_ answer: RawAnswer) {
      let completion = completion.withLock { completion in
        defer { completion = nil }
        return completion
      }
      completion?(answer)
    }
  }

  private struct Pending {
    var id: Int32
    var query: Query
    var deadline: Int
  }

  private struct State {
    var isClosed = false
    /// In the order they were started, thus of their deadlines.
    var pending: [Pending] = []
  }

  private let context: OpaquePointer
  private let timeLimit: Int
  private let state = Mutex(State())
  /// Written to when the thread shall look at `state` again.
  private let wakeUp: Int32

  init(_ configuration: ResolverConfiguration) throws(ResolverError) {
    context = try Unbound.makeContext(configuration)
    timeLimit = configuration.timeLimit
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard wakeUp >= 0 else {
      ub_ctx_delete(context)
      throw ResolverError(description: "no descriptor left for the resolver")
    }
    try startThread()
  }

  /// Starts a look-up; `completion` is called once, on the resolver's thread or, when it cannot be started,
  /// on this one.
  func resolve(_ name: String, type: Int32, completion: @escaping @Sendable (RawAnswer) -> Void) {
    let query = Query(completion)
    let problem: String? = state.withLock { state in
      guard !state.isClosed else { return "the resolver is stopped" }
      let reference = Unmanaged.passRetained(query)
      var id: Int32 = 0
      let status = ub_resolve_async(context, name, type, 1, reference.toOpaque(), onResult, &id)
      guard status == 0 else {
        reference.release()
        return String(cString: ub_strerror(status))
      }
      state.pending.append(Pending(id: id, query: query, deadline: monotonicSeconds() + timeLimit))
      if state.pending.count == 1 { signal() }
      return nil
    }
    if let problem { query.finish(.failure(problem)) }
  }

  /// Ends every look-up and the thread. Later look-ups fail.
  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      signal()
    }
  }

  /// Only with `state` locked and not closed before: the thread closes the descriptor when it has seen that,
  /// and its number may then be another's.
  private func signal() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, 8)
  }

  private func startThread() throws(ResolverError) {
    var thread = pthread_t()
    let reference = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Unbound>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, reference.toOpaque())
    guard status == 0 else {
      reference.release()
      ub_ctx_delete(context)
      _ = Glibc.close(wakeUp)
      throw ResolverError(description: "cannot start the resolver's thread: error \(status)")
    }
    pthread_detach(thread)
  }

  private func run() {
    let results = ub_fd(context)
    var sweptAt = monotonicSeconds()
    while true {
      let (isClosed, isIdle) = state.withLock { ($0.isClosed, $0.pending.isEmpty) }
      if isClosed { break }
      var descriptors = [
        pollfd(fd: results, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
      ]
      poll(&descriptors, 2, isIdle ? -1 : 1000)
      if descriptors[0].revents != 0 { ub_process(context) }
      if descriptors[1].revents != 0 {
        var count: UInt64 = 0
        _ = read(wakeUp, &count, 8)
      }
      let now = monotonicSeconds()
      if now != sweptAt { endLateQueries(now) }
      sweptAt = now
    }
    tearDown()
  }

  /// Each second at most: it walks through all that are pending.
  private func endLateQueries(_ now: Int) {
    let late = state.withLock { state in
      state.pending.removeAll { $0.query.isDone }
      let late = state.pending.prefix { $0.deadline <= now }
      state.pending.removeFirst(late.count)
      return late
    }
    for pending in late where ub_cancel(context, pending.id) == 0 {
      pending.query.finish(.failure("no answer within \(timeLimit) s"))
      Unmanaged.passUnretained(pending.query).release()
    }
  }

  private func tearDown() {
    ub_ctx_delete(context)
    let left = state.withLock { state in
      defer { state.pending = [] }
      return state.pending
    }
    for pending in left where !pending.query.isDone {
      pending.query.finish(.failure("the resolver is stopped"))
      Unmanaged.passUnretained(pending.query).release()
    }
    _ = Glibc.close(wakeUp)
  }
}

/// Called by `ub_process` on the resolver's thread, once for a query that was not cancelled.
private func onResult(
  argument: UnsafeMutableRawPointer?, error: Int32, result: UnsafeMutablePointer<ub_result>?
) {
  guard let argument else { return }
  let query = Unmanaged<Unbound.Query>.fromOpaque(argument).takeRetainedValue()
  guard error == 0, let result else {
    query.finish(.failure(String(cString: ub_strerror(error))))
    return
  }
  query.finish(RawAnswer(result.pointee))
  ub_resolve_free(result)
}

private func monotonicSeconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec
}
