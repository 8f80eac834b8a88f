import ArgumentParser
import HubL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// For the tests and benchmarks of HubL; not shown in the help.
extension Templates {
  struct Batch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill in many templates of one JSON file.",
      discussion: """
        The file is a list of objects with `template`, `data` and, for those that it uses, `templates` by name. \
        Prints a list with the `output` or `error` of each.
        """, shouldDisplay: false)

    @Argument(help: "The JSON file.")
    var file: String

    func run() throws {
      guard case .list(let cases)? = try? Value(json: try Files.bytes(file)) else {
        throw Failure("The file \(file) is not a JSON list.")
      }
      Terminal.print(.array(try cases.map(Self.outcome)))
    }

    private static func outcome(_ entry: Value) throws -> JSON {
      guard case .string(let source)? = entry["template"], case .map(let data)? = entry["data"] else {
        throw Failure("An entry has no template or no data.")
      }
      var options = RenderOptions()
      options.template = { name throws(TemplateError) in
        guard case .string(let text)? = entry["templates"]?[name] else { return nil }
        return try Template(text)
      }
      do {
        return .object(["output": .string(try Template(source).render(data.dictionary, options))])
      } catch {
        return .object(["error": .string(error.description)])
      }
    }
  }

  struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time the filling in of a template, in microseconds.", shouldDisplay: false)

    @Argument(help: "The template.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("JSON file with the values by name.", valueName: "file"))
    var data: String

    @Option(name: .long, help: "Renderings of one measurement, of which the best of ten counts.")
    var rounds = 1000

    func validate() throws {
      guard rounds > 0 else { throw ValidationError("--rounds must be at least 1.") }
    }

    func run() throws {
      let values = try Files.object(data)
      let template = try Template(try Files.text(file))
      let options = RenderOptions()
      var best = Int64.max
      var size = 0
      for _ in 0..<10 {
        let start = Self.processorTime
        for _ in 0..<rounds { size = try template.bytes(values, options).count }
        best = min(best, Self.processorTime - start)
      }
      let microseconds = Double(best) / 1000 / Double(rounds)
      Terminal.print(.object(["microseconds": .double(microseconds), "bytes": .int(size)]))
    }

    /// Of this process, in nanoseconds: other work on the machine does not count.
    private static var processorTime: Int64 {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
  }
}
