import MailFormats
import Testing

@Suite struct CommandTests {
  private func parse(_ line: String) -> Result<SMTPCommand, SMTPCommandError> {
    Array(line.utf8).withUnsafeBytes { bytes in
      do throws(SMTPCommandError) { return .success(try SMTPCommand(parsing: bytes)) } catch {
        return .failure(error)
      }
    }
  }

  @Test(arguments: [
    ("<a@b.example>", "a", "b.example"), ("<a.b+c=d@B.Example>", "a.b+c=d", "B.Example"),
    ("<\"a@b\"@c.example>", "\"a@b\"", "c.example"), ("<\"\\\"\"@c.example>", "\"\\\"\"", "c.example"),
    ("<\"\"@c.example>", "\"\"", "c.example"), ("<\"a>b\"@c.example>", "\"a>b\"", "c.example"),
    ("<a@[127.0.0.1]>", "a", "[127.0.0.1]"), ("<a@[IPv6:::1]>", "a", "[IPv6:::1]"),
    ("<a@localhost>", "a", "localhost"),
    ("<user%dom@us.example>", "user%dom", "us.example"), ("<dom!user@us.example>", "dom!user", "us.example"),
    ("<a@1.2>", "a", "1.2"), ("<!#$%&'*+-/=?^_`{|}~@x-y.z>", "!#$%&'*+-/=?^_`{|}~", "x-y.z"),
  ])
  func paths(path: String, local: String, domain: String) {
    for separator in ["", " "] {
      guard case .success(.recipient(let read, _)) = parse("rcpt to:\(separator)\(path)") else {
        Issue.record("not a recipient: \(path)")
        return
      }
      #expect(read.localPart == local)
      #expect(read.domain == domain)
      #expect(read.description == path)
    }
  }

  @Test(arguments: [
    "<>", "a@b.example", "<a@b.example", "<a>", "<@b.example>", "<a@>", "<@x:a@b.example>",
    "<@x,@y:a@b.example>",
    "<.a@b.example>", "<a.@b.example>", "<a..b@c.example>", "<a b@c.example>", "<a@b..example>",
    "<a@b.example.>",
    "<a@.b.example>", "<a@-b.example>", "<a@b-.example>", "<a@b_c.example>", "<a@b.example>x",
    "<a@b@c.example>",
    "<\"a@c.example>", "<\"a\"b@c.example>", "<\"a\t\"@c.example>", "<a@[]>", "<a@[127.0.0.1>", "<a@[1 2]>",
    "<a@[x]y>",
    "<postmaster>", "<\"user@dom\">", "< a@b.example>", "<a@b.example >", "<a\\b@c.example>",
    "<a(c)@b.example>", "",
    "<a@b.example> ", "<a,b@c.example>", "<a@b.example>,<c@d.example>", "<\u{85}@b.example>",
  ])
  func badPaths(path: String) {
    let result = parse("RCPT TO:\(path)")
    if path == "<a@b.example> " {
      #expect((try? result.get()) != nil)
      return
    }
    guard case .failure(let error) = result else {
      Issue.record("taken: \(path)")
      return
    }
    #expect(error.reply.code == 501)
    #expect(!error.isFatal)
  }

  @Test(arguments: [(64, 63, true), (65, 63, false), (1, 63, true), (1, 64, false)])
  func labelLimits(local: Int, label: Int, isValid: Bool) {
    let text = "\(String(repeating: "l", count: local))@\(String(repeating: "d", count: label)).example"
    #expect(((try? parse("MAIL FROM:<\(text)>").get()) != nil) == isValid)
  }

  @Test func pathLimit() {
    let domain = Array(repeating: String(repeating: "d", count: 49), count: 5).joined(separator: ".")
    #expect(domain.utf8.count == 249)
    #expect((try? parse("MAIL FROM:<abcd@\(domain)>").get()) != nil)
    #expect((try? parse("MAIL FROM:<abcde@\(domain)>").get()) == nil)
  }

  @Test(arguments: [
    ("SIZE=", 501), ("SIZE=x", 501), ("SIZE=-1", 501), ("SIZE", 501), ("SIZE=1 SIZE=1", 501),
    ("BODY=BINARYMIME", 504),
    ("BODY", 501), ("SMTPUTF8=1", 501), ("RET=ALL", 501), ("ENVID=a+0D+0A", 501), ("ENVID=a+0d", 501),
    ("ENVID=a+", 501),
    ("ENVID=+7F", 501), ("ENVID=\u{e9}", 501), ("FOO", 555), ("FOO=1", 555), ("=1", 501), ("SIZE==1", 501),
    ("NOTIFY=NEVER", 555),
    ("X-Y=z", 555), ("AUTH=", 501), ("AUTH=a+0A", 501), ("ENVID=\(String(repeating: "x", count: 101))", 501),
  ])
  func badMailParameters(parameters: String, code: Int) {
    guard case .failure(let error) = parse("MAIL FROM:<a@b.example> \(parameters)") else {
      Issue.record("taken: \(parameters)")
      return
    }
    #expect(error.reply.code == code)
  }

  @Test(arguments: [
    ("NOTIFY=NEVER", true), ("NOTIFY=never", true), ("NOTIFY=SUCCESS,FAILURE,DELAY", true),
    ("NOTIFY=NEVER,DELAY", false),
    ("NOTIFY=SUCCESS,SUCCESS", false), ("NOTIFY=", false), ("NOTIFY=,", false), ("NOTIFY=SUCCESS,", false),
    ("ORCPT=rfc822;a@b.example", true), ("ORCPT=rfc822;a+2B@b.example", true), ("ORCPT=rfc822", false),
    ("ORCPT=;a", false),
    ("ORCPT=rfc822;", false), ("ORCPT=rfc822;a+0D+0A", false), ("ORCPT=utf-8;\u{e9}@b.example", true),
    ("SIZE=1", false),
  ])
  func recipientParameters(parameters: String, isValid: Bool) {
    #expect(((try? parse("RCPT TO:<a@b.example> \(parameters)").get()) != nil) == isValid)
  }

  @Test func mailParameters() {
    guard
      case .success(.mail(let path, let parameters)) = parse(
        "mail from:<> size=0005  body=8bitmime smtputf8 ret=full envid=abc auth=<>")
    else {
      Issue.record("not read")
      return
    }
    #expect(path.isNull && path.localPart.isEmpty && path.domain.isEmpty)
    #expect(parameters.size == 5 && parameters.is8Bit && parameters.isUTF8)
    #expect(
      parameters.dsnReturn == "FULL" && parameters.dsnEnvelopeID == "abc" && parameters.authenticated == "<>")
  }

  @Test(arguments: [
    ("BDAT 0", SMTPCommand.chunk(size: 0, isLast: false)), ("bdat 12 last", .chunk(size: 12, isLast: true)),
    ("NOOP", .noop), ("noop  x", .noop), ("DATA  ", .data), ("StartTLS", .startTLS),
    ("EHLO a_b", .ehlo("a_b")),
    ("HELO [1.2.3.4]", .helo("[1.2.3.4]")), ("AUTH plain", .authenticate(mechanism: "PLAIN", initial: nil)),
    ("AUTH X-Y =", .authenticate(mechanism: "X-Y", initial: [0x3D])),
  ])
  func others(line: String, command: SMTPCommand) {
    #expect((try? parse(line).get()) == command)
  }
}
