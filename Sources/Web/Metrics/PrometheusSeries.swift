import CoreMetrics
import Synchronization

/// One line, or for a histogram one block, of the metrics page.
protocol PrometheusSeries: AnyObject, Sendable {
  var name: SeriesName { get }
  /// Prometheus' type.
  var kind: String { get }
  func write(to page: inout String)
}

/// Counts up by whole numbers.
final class PrometheusCounter: PrometheusSeries, CounterHandler {
  let name: SeriesName
  var kind: String { "counter" }
  private let value = Atomic<Int64>(0)

  init(_ name: SeriesName) {
    self.name = name
  }

  func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { value.store(0, ordering: .relaxed) }

  func write(to page: inout String) {
    page += "\(name.written()) \(value.load(ordering: .relaxed))\n"
  }
}

/// A number that goes up and down, or up by fractions.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler, FloatingPointCounterHandler {
  let name: SeriesName
  let kind: String
  private let value = Mutex<Double>(0)

  init(_ name: SeriesName, kind: String) {
    self.name = name
    self.kind = kind
  }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func reset() { set(0.0) }

  func write(to page: inout String) {
    page += "\(name.written()) \(number(value.withLock { $0 }))\n"
  }
}

/// Values by size; times are in seconds.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
  /// Upper ends: half a millisecond to ten seconds.
  static let bounds: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  private struct State {
    var counts = [Int](repeating: 0, count: PrometheusHistogram.bounds.count + 1)
    var sum = 0.0
  }

  let name: SeriesName
  var kind: String { "histogram" }
  private let state = Mutex(State())

  init(_ name: SeriesName) {
    self.name = name
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let place = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  func write(to page: inout String) {
    let state = state.withLock { $0 }
    var total = 0
    for (bound, count) in zip(Self.bounds, state.counts) {
      total += count
      page += "\(name.written(suffix: "_bucket", adding: "le=\"\(number(bound))\"")) \(total)\n"
    }
    total += state.counts[Self.bounds.count]
    page += "\(name.written(suffix: "_bucket", adding: "le=\"+Inf\"")) \(total)\n"
    page += "\(name.written(suffix: "_sum")) \(number(state.sum))\n"
    page += "\(name.written(suffix: "_count")) \(total)\n"
  }
}
