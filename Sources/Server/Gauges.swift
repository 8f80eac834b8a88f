import Delivery
import Storage
import Web

/// The server's state for `/metrics`, read when somebody asks.
enum Gauges {
  static func add(to metrics: PrometheusMetrics, store: Store, delivery: Delivery) {
    metrics.gauge("brevdue_delivery_in_flight", help: "Messages being tried or recorded now.") {
      Double(delivery.inFlightCount)
    }
    metrics.gauge("brevdue_store_commits", help: "Transactions committed since the start.") {
      Double(store.statistics.commits)
    }
    metrics.gauge(
      "brevdue_store_work_items", help: "Pieces of work within them; their ratio is the group commit."
    ) {
      Double(store.statistics.items)
    }
    metrics.gauge("brevdue_store_waiting", help: "Pieces of work that wait for the next transaction.") {
      Double(store.statistics.waiting)
    }
    metrics.gauge("brevdue_store_statements", help: "Statements sent to a database server since the start.") {
      Double(store.statistics.statements)
    }
    metrics.gauge(
      "brevdue_store_round_trips", help: "Times that the answer of a database server was waited for."
    ) {
      Double(store.statistics.roundTrips)
    }
    metrics.gauge("brevdue_store_healthy", help: "1 while what is written can be trusted to stay.") {
      store.health == .healthy ? 1 : 0
    }
  }
}
