import Delivery
import MailModel
import Synchronization

/// A courier whose answers a test gives, and that remembers what was carried.
final class ScriptedCourier: Courier {
  struct Carried: Sendable {
    var destination: DestinationKey
    var parcel: Parcel
  }

  private struct State {
    var carried: [Carried] = []
    var openLines = 0
    var mostLines = 0
  }

  private let state = Mutex(State())
  private let opening: @Sendable (DestinationKey) -> Outcome?
  private let answer: @Sendable (Parcel) async -> Outcome

  /// - Parameters:
  ///   - opening: why no line can be had; nil opens one.
  ///   - answer: the outcome of carrying a parcel.
  init(
    opening: @escaping @Sendable (DestinationKey) -> Outcome? = { _ in nil },
    answer: @escaping @Sendable (Parcel) async -> Outcome = { _ in .delivered(.taken) }
  ) {
    self.opening = opening
    self.answer = answer
  }

  var carried: [Carried] { state.withLock { $0.carried } }
  var mostLines: Int { state.withLock { $0.mostLines } }

  func open(_ destination: DestinationKey) async -> Opening {
    if let failure = opening(destination) { return .failed(failure) }
    state.withLock {
      $0.openLines += 1
      $0.mostLines = max($0.mostLines, $0.openLines)
    }
    return .line(
      Line(
        carry: { [self] parcel in
          let outcome = await answer(parcel)
          state.withLock { $0.carried.append(Carried(destination: destination, parcel: parcel)) }
          return outcome
        },
        close: { [self] in state.withLock { $0.openLines -= 1 } }))
  }
}

extension RemoteAnswer {
  static let taken = RemoteAnswer(
    stage: .dot, code: 250, enhancedStatus: "2.0.0", text: "2.0.0 taken", host: "mx")
  static let later = RemoteAnswer(
    stage: .rcpt, code: 450, enhancedStatus: "4.2.1", text: "4.2.1 later", host: "mx")
  static let never = RemoteAnswer(
    stage: .rcpt, code: 550, enhancedStatus: "5.1.1", text: "5.1.1 nobody", host: "mx")
}
