import CoreMetrics
import Synchronization

/// Keeps what swift-metrics counts and prints it in Prometheus' text format (version 0.0.4). Also takes
/// functions that are asked when the page is, for numbers that someone else keeps.
public final class PrometheusMetrics: MetricsFactory {
  private struct State {
    var series: [String: any PrometheusSeries] = [:]
    var asked: [String: @Sendable () -> Double] = [:]
    var help: [String: String] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// A number that is asked for each time the page is.
  public func gauge(_ name: String, help: String, _ value: @escaping @Sendable () -> Double) {
    state.withLock { state in
      state.asked[name] = value
      state.help[name] = help
    }
  }

  /// What a metric means, for the page.
  public func describe(_ name: String, _ help: String) {
    state.withLock { $0.help[name] = help }
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions) { PrometheusCounter($0) }
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions) { PrometheusGauge($0, kind: "counter") }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions) { PrometheusGauge($0, kind: "gauge") }
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return series(label, dimensions) { PrometheusGauge($0, kind: "gauge") } }
    return series(label, dimensions) { PrometheusHistogram($0) }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions) { PrometheusHistogram($0) }
  }

  // Series stay for the life of the process, so that counters never go back.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}

  /// The page.
  public func text() -> String {
    let (series, asked, help) = state.withLock { ($0.series, $0.asked, $0.help) }
    var page = ""
    var last = ""
    for one in series.values.sorted(by: {
      ($0.name.metric, $0.name.labels) < ($1.name.metric, $1.name.labels)
    }) {
      if one.name.metric != last {
        last = one.name.metric
        page += Self.head(last, one.kind, help[last])
      }
      one.write(to: &page)
    }
    for (name, value) in asked.sorted(by: { $0.key < $1.key }) {
      page += Self.head(name, "gauge", help[name]) + "\(name) \(number(value()))\n"
    }
    return page
  }

  private static func head(_ name: String, _ kind: String, _ help: String?) -> String {
    (help.map { "# HELP \(name) \($0)\n" } ?? "") + "# TYPE \(name) \(kind)\n"
  }

  /// The series of that name and labels, made at first use. One name has one kind: another kind of the same
  /// name gets a series that is not shown.
  private func series<Series: PrometheusSeries>(
    _ label: String, _ dimensions: [(String, String)], _ make: (SeriesName) -> Series
  ) -> Series {
    let name = SeriesName(label, dimensions)
    return state.withLock { state in
      if let known = state.series[name.key] as? Series { return known }
      let new = make(name)
      if state.series[name.key] == nil { state.series[name.key] = new }
      return new
    }
  }
}

/// Name and labels of one series in the page's own writing.
struct SeriesName: Sendable {
  var metric: String
  /// Such as `method="GET",route="/"`; empty without labels.
  var labels: String

  var key: String { labels.isEmpty ? metric : "\(metric){\(labels)}" }

  init(_ label: String, _ dimensions: [(String, String)]) {
    metric = String(decoding: label.utf8.map { Self.isNameByte($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    labels = dimensions.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
  }

  /// The series with one more label, or with a suffix to its name.
  func written(suffix: String = "", adding label: String = "") -> String {
    let all = labels.isEmpty || label.isEmpty ? labels + label : labels + "," + label
    return all.isEmpty ? metric + suffix : "\(metric)\(suffix){\(all)}"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private static func escape(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Whole numbers without a fraction, as people expect counts.
func number(_ value: Double) -> String {
  if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  return "\(value)"
}
