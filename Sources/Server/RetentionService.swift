import CoreMetrics
import Logging
import MailModel
import ServiceLifecycle
import Storage
import Web

/// Removes what is older than it is to be kept, again and again.
struct RetentionService: Service {
  /// After the start, when others have more urgent things to do.
  private static let firstPause = Duration.seconds(60)
  private static let pause = Duration.seconds(600)

  private let retention: Retention
  private let metrics: PrometheusMetrics
  private let logger: Logger

  init(store: Store, ages: RetentionAges, metrics: PrometheusMetrics, logger: Logger) {
    retention = Retention(store: store, ages: ages)
    self.metrics = metrics
    self.logger = logger
    metrics.describe(
      "brevdue_retention_removed_total", "Rows removed because they were older than they are to be kept.")
    metrics.describe(
      "brevdue_retention_partitions_dropped_total", "Partitions of PostgreSQL dropped, with all their rows.")
    metrics.describe(
      "brevdue_retention_strays", "Rows in default partitions of PostgreSQL, counted up to 1000; should be 0."
    )
    metrics.describe(
      "brevdue_retention_oldest_timestamp_seconds", "When the message of the oldest row was accepted.")
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var wait = Self.firstPause
      while true {
        try? await Task.sleep(for: wait)
        if Task.isCancelled { return }
        await pass()
        wait = Self.pause
      }
    }
  }

  private func pass() async {
    do {
      note(try await retention.pass(at: .now()))
    } catch is CancellationError {
    } catch {
      logger.warning("old data could not be removed", metadata: ["error": "\(error)"])
    }
  }

  private func note(_ report: Retention.Report) {
    var metadata: Logger.Metadata = [:]
    for (table, count) in report.removed {
      let dimensions = [("table", table.rawValue)]
      Counter(label: "brevdue_retention_removed_total", dimensions: dimensions, factory: metrics)
        .increment(by: count)
      if count > 0 { metadata[table.rawValue] = "\(count)" }
    }
    Counter(label: "brevdue_retention_partitions_dropped_total", dimensions: [], factory: metrics)
      .increment(by: report.dropped.count)
    if !report.dropped.isEmpty { metadata["partitions"] = "\(report.dropped.joined(separator: ", "))" }
    for (table, count) in report.strays {
      Meter(label: "brevdue_retention_strays", dimensions: [("table", table.rawValue)], factory: metrics)
        .set(count)
      guard count > 0 else { continue }
      logger.warning(
        "rows are in the default partition, for want of one for their time: docs/postgresql.md says what to do",
        metadata: ["table": "\(table.rawValue)", "rows": "\(count)\(count < 1000 ? "" : " or more")"])
    }
    for obstacle in report.obstacles {
      logger.warning("partitions are tried again in 10 minutes", metadata: ["error": "\(obstacle)"])
    }
    for (table, instant) in report.oldest {
      Meter(
        label: "brevdue_retention_oldest_timestamp_seconds", dimensions: [("table", table.rawValue)],
        factory: metrics
      ).set(instant.milliseconds / 1000)
    }
    if !metadata.isEmpty { logger.info("old data was removed", metadata: metadata) }
  }
}
