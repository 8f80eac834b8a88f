import HubL
import MailModel

/// Code that sends one e-mail by the single-send API, with the sample values of its contract, to copy.
public struct SendSnippet: Sendable {
  public enum Language: String, Sendable, CaseIterable {
    case curl, python, node, php
  }

  private let email: EmailID
  private let contract: EmailContract
  private let baseURL: String
  private let recipient: String

  public init(
    email: EmailID, contract: EmailContract, baseURL: String = "http://localhost:8080",
    recipient: String = "ada@example.net"
  ) {
    self.email = email
    self.contract = contract
    self.baseURL = baseURL
    self.recipient = recipient
  }

  /// The token is taken from the variable `BREVDUE_TOKEN` of the environment.
  public func text(_ language: Language) -> String {
    let url = baseURL + "/marketing/v3/transactional/single-email/send"
    switch language {
    case .curl:
      return """
        curl '\(url)' \\
          -H "Authorization: Bearer $BREVDUE_TOKEN" -H 'Content-Type: application/json' \\
          -d '\(Self.escaped(json(.json), ["'": "'\\''"]))'
        """
    case .python:
      return """
        import json, os, urllib.request

        body = \(json(.python))
        request = urllib.request.Request(
            "\(url)", json.dumps(body).encode(),
            {"Authorization": "Bearer " + os.environ["BREVDUE_TOKEN"], "Content-Type": "application/json"})
        print(urllib.request.urlopen(request).read().decode())
        """
    case .node:
      return """
        const body = \(json(.json));
        const answer = await fetch("\(url)", {
          method: "POST",
          headers: {Authorization: `Bearer ${process.env.BREVDUE_TOKEN}`, "Content-Type": "application/json"},
          body: JSON.stringify(body),
        });
        console.log(await answer.text());
        """
    case .php:
      return """
        <?php
        $body = \(json(.php));
        $context = stream_context_create(["http" => [
          "method" => "POST", "content" => json_encode($body),
          "header" => "Authorization: Bearer " . getenv("BREVDUE_TOKEN") . "\\r\\nContent-Type: application/json",
        ]]);
        echo file_get_contents("\(url)", false, $context), "\\n";
        """
    }
  }

  private var body: Value {
    .map([
      "emailId": .int(email.value), "message": .map(["to": .string(recipient)]),
      "customProperties": .map(contract.sample),
    ])
  }

  private static func escaped(_ text: String, _ signs: [Character: String]) -> String {
    text.reduce(into: "") { $0 += signs[$1] ?? String($1) }
  }
}

// MARK: - literals

extension SendSnippet {
  /// How a language writes a map, a list, what is neither, and text.
  private struct Literals {
    var isPHP = false
    var null = "null"
    var yes = "true"
    var no = "false"

    static let json = Literals()
    static let python = Literals(null: "None", yes: "True", no: "False")
    static let php = Literals(isPHP: true)
  }

  private func json(_ literals: Literals) -> String { Self.literal(body, literals, indent: "") }

  private static func literal(_ value: Value, _ literals: Literals, indent: String) -> String {
    let inner = indent + "  "
    switch value {
    case .null: return literals.null
    case .bool(let word): return word ? literals.yes : literals.no
    case .int(let number): return String(number)
    case .double(let number): return number.isFinite ? String(number) : "0"
    case .string(let text): return quoted(text, literals)
    case .list(let elements):
      return "[" + elements.map { literal($0, literals, indent: indent) }.joined(separator: ", ") + "]"
    case .map(let members):
      if members.isEmpty { return literals.isPHP ? "new stdClass()" : "{}" }
      let lines = members.map { name, member in
        inner + quoted(name, literals) + (literals.isPHP ? " => " : ": ")
          + literal(member, literals, indent: inner)
      }
      return (literals.isPHP ? "[\n" : "{\n") + lines.joined(separator: ",\n")
        + "\n\(indent)" + (literals.isPHP ? "]" : "}")
    }
  }

  /// JSON's escapes are Python's and JavaScript's too. PHP's text in single quotes has but two.
  private static func quoted(_ text: String, _ literals: Literals) -> String {
    if literals.isPHP { return "'" + escaped(text, ["'": "\\'", "\\": "\\\\"]) + "'" }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\" + String(scalar)
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
