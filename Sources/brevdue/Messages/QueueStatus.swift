import MailModel
import Storage

/// What `queue status` counts; each message that is not delivered yet is in one of the four.
struct QueueStatus {
  var queued: Int
  var inFlight: Int
  var deferred: Int
  var held: Int

  /// - Parameters:
  ///   - counts: rows of the store, in which what is on its way still waits.
  ///   - inFlight: what the server tells. It may be a moment older than the rows, so that rows have the last word.
  ///   - account: whose are counted; nil for all.
  init(_ counts: QueueCounts, inFlight: [RunningServer.InFlight], of account: AccountID?) {
    let own = inFlight.filter { account == nil || account?.value == $0.account }
    let first = min(own.reduce(0) { $0 + $1.queued }, counts.queued)
    let again = min(own.reduce(0) { $0 + $1.deferred }, counts.deferred)
    queued = counts.queued - first
    deferred = counts.deferred - again
    self.inFlight = first + again
    held = counts.held
  }
}
