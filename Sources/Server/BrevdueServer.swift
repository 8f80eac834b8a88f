/// The server as a whole: configuration in, everything running until SIGTERM or SIGINT.
public enum BrevdueServer {
  /// Runs until told to stop.
  public static func run(configuration: ServerConfiguration) async throws {}
}
