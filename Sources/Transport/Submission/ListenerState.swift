import Logging
import MailFormats
import NIOCore
import Synchronization

/// What all connections of one listener share. Everything in it may be used from any thread.
final class ListenerState: Sendable {
  let configuration: SMTPListenerConfiguration
  let policy: any SubmissionPolicy
  let tls: TLSContextStore
  let logger: Logger
  let connections: ConnectionLedger
  let failures: FailureLedger
  /// Bytes of messages that all connections hold.
  let bufferedBytes = Atomic<Int>(0)
  let acceptedConnections = Atomic<Int>(0)
  let refusedConnections = Atomic<Int>(0)
  let authenticationFailures = Atomic<Int>(0)
  let acceptedMessages = Atomic<Int>(0)
  let refusedMessages = Atomic<Int>(0)

  init(
    _ configuration: SMTPListenerConfiguration, policy: any SubmissionPolicy, tls: TLSContextStore,
    logger: Logger
  ) {
    self.configuration = configuration
    self.policy = policy
    self.tls = tls
    self.logger = logger
    let limits = configuration.limits
    connections = ConnectionLedger(perAddress: limits.connectionsPerAddress, total: limits.connections)
    failures = FailureLedger(limit: limits.authenticationFailures)
  }

  func sessionOptions(for peer: PeerInfo, isTrusted: Bool) -> SMTPServerOptions {
    var options = SMTPServerOptions(hostname: configuration.hostname)
    options.maximumSize = configuration.limits.messageSize
    options.maximumRecipients = configuration.limits.recipients
    options.maximumMessages = configuration.limits.messages
    options.isSecure = configuration.mode == .implicitTLS
    options.offersStartTLS = !options.isSecure
    options.requiresAuthentication = !isTrusted
    options.allowsPlaintextAuthentication =
      switch configuration.plaintextAuthentication {
      case .never: false
      case .loopback: peer.address.isLoopback
      case .always: true
      }
    return options
  }

  var statistics: SMTPListenerStatistics {
    var statistics = SMTPListenerStatistics()
    statistics.openConnections = connections.count
    statistics.bufferedBytes = bufferedBytes.load(ordering: .relaxed)
    statistics.acceptedConnections = acceptedConnections.load(ordering: .relaxed)
    statistics.refusedConnections = refusedConnections.load(ordering: .relaxed)
    statistics.authenticationFailures = authenticationFailures.load(ordering: .relaxed)
    statistics.acceptedMessages = acceptedMessages.load(ordering: .relaxed)
    statistics.refusedMessages = refusedMessages.load(ordering: .relaxed)
    return statistics
  }
}

/// Counts the connections of each client.
final class ConnectionLedger: Sendable {
  private struct State {
    var total = 0
    var byAddress: [IPAddress: Int] = [:]
  }

  private let perAddress: Int
  private let total: Int
  private let state = Mutex(State())

  init(perAddress: Int, total: Int) {
    self.perAddress = perAddress
    self.total = total
  }

  var count: Int { state.withLock { $0.total } }

  /// Whether one more from `address` is within the limits; if so it is counted until `leave`.
  func enter(_ address: IPAddress) -> Bool {
    state.withLock { state in
      guard state.total < total, state.byAddress[address.limitKey, default: 0] < perAddress else {
        return false
      }
      state.total += 1
      state.byAddress[address.limitKey, default: 0] += 1
      return true
    }
  }

  func leave(_ address: IPAddress) {
    state.withLock { state in
      state.total -= 1
      let left = state.byAddress[address.limitKey, default: 1] - 1
      state.byAddress[address.limitKey] = left > 0 ? left : nil
    }
  }
}

/// Failed log-ins by client: a bucket of `limit`, refilled over ten minutes.
final class FailureLedger: Sendable {
  private struct Bucket {
    /// Failures not forgiven yet, as of `at`.
    var level: Double
    var at: NIODeadline
  }

  private static let period = 600.0
  private static let capacity = 10_000

  private let limit: Int
  private let buckets = Mutex<[IPAddress: Bucket]>([:])

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether `address` has used up its failures.
  func isBlocked(_ address: IPAddress, now: NIODeadline = .now()) -> Bool {
    buckets.withLock { buckets in
      guard let bucket = buckets[address.limitKey] else { return false }
      return level(of: bucket, now) > Double(limit) - 1 + 1e-6
    }
  }

  func record(_ address: IPAddress, now: NIODeadline = .now()) {
    buckets.withLock { buckets in
      if buckets.count >= FailureLedger.capacity {
        buckets = buckets.filter { level(of: $0.value, now) > 0 }
        if buckets.count >= FailureLedger.capacity { buckets.removeAll() }
      }
      let before = buckets[address.limitKey].map { level(of: $0, now) } ?? 0
      buckets[address.limitKey] = Bucket(level: before + 1, at: now)
    }
  }

  private func level(of bucket: Bucket, _ now: NIODeadline) -> Double {
    let seconds = Double((now - bucket.at).nanoseconds) / 1e9
    return max(0, bucket.level - seconds * Double(limit) / FailureLedger.period)
  }
}
