import Configuration
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where values come from, the strongest first: command line, environment, file.
struct ConfigurationSources {
  /// A value as text and where it was found.
  struct Finding {
    var text: String
    var origin: String
  }

  private let commandLine: InMemoryProvider
  private let environment: EnvironmentVariablesProvider
  private let file: ConfigurationFile?

  init(commandLine: [ConfigurationKey: String], environment: [String: String], file: ConfigurationFile?) {
    let values = commandLine.map { key, text in
      (AbsoluteConfigKey(ConfigKey(key.rawValue)), ConfigValue(.string(text), isSecret: key.isSecret))
    }
    self.commandLine = InMemoryProvider(
      name: "command line", values: Dictionary(values, uniquingKeysWith: { $1 }))
    self.environment = EnvironmentVariablesProvider(environmentVariables: environment)
    self.file = file
  }

  /// The value in force, or nil when the key is set nowhere.
  func find(_ key: ConfigurationKey) throws -> Finding? {
    let plain = AbsoluteConfigKey(ConfigKey(key.rawValue))
    if let text = try commandLine.value(forKey: plain, type: .string).text {
      return Finding(text: text, origin: "option --\(key.optionName)")
    }
    let prefixed = plain.prepending(ConfigKey(["brevdue"]))
    if let text = try environment.value(forKey: prefixed, type: .string).text {
      return Finding(text: text, origin: "environment variable \(key.environmentName)")
    }
    guard let file, let text = file.text(forKey: plain) else { return nil }
    return Finding(text: text, origin: file.path)
  }
}

/// A parsed YAML file. JSON is read by the same parser: it is YAML in its flow style.
struct ConfigurationFile {
  let path: String
  /// As written, joined by dots; to find those that mean nothing.
  let keys: [String]
  private let snapshot: YAMLSnapshot?

  init(path: String) throws(ConfigurationError) {
    self.path = path
    let bytes = try Self.read(path)
    let seen = Keys()
    do {
      // The parser asks of each key whether it is a secret; that is how we learn which there are.
      let options = YAMLSnapshot.ParsingOptions(
        secretsSpecifier: .dynamic { key, _ in
          seen.names.withLock { $0.append(key) }
          return ConfigurationKey(rawValue: key)?.isSecret ?? false
        })
      snapshot =
        Self.isBlank(bytes)
        ? nil : try YAMLSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: options)
    } catch {
      throw Self.failure(path, "it is neither YAML nor JSON with named sections: \(error)")
    }
    keys = seen.names.withLock { $0 }.sorted()
  }

  /// The value as text, the elements of a list joined by commas.
  func text(forKey key: AbsoluteConfigKey) -> String? {
    guard let snapshot else { return nil }
    if let one = try? snapshot.value(forKey: key, type: .string).text { return one }
    guard let list = try? snapshot.value(forKey: key, type: .stringArray).value,
      case .stringArray(let items) = list.content
    else { return nil }
    return items.joined(separator: ",")
  }

  private final class Keys: Sendable {
    let names = Mutex<[String]>([])
  }

  private static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
    do {
      return try [UInt8](Data(contentsOf: URL(filePath: path)))
    } catch {
      throw failure(path, "the file cannot be read: does it exist, and may this user read it?")
    }
  }

  /// Nothing but blank lines and comments, which the YAML parser would take for an error.
  private static func isBlank(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
      let content = line.drop {
        $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
      }
      return content.isEmpty || content.first == UInt8(ascii: "#")
    }
  }

  private static func failure(_ path: String, _ text: String) -> ConfigurationError {
    ConfigurationError(problems: [.init(key: nil, value: nil, origin: path, expected: text)])
  }
}

extension LookupResult {
  fileprivate var text: String? {
    guard case .string(let text) = value?.content else { return nil }
    return text
  }
}
