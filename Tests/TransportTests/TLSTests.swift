import Glibc
import Logging
import NIOPosix
import Testing
import Transport

@Suite struct TLSTests {
  @Test func selfSignedIsMadeOnceWithAPrivateKeyFile() throws {
    let folder = TemporaryFolder()
    let identity = try TLSIdentity.selfSigned(in: folder.path, hostname: "mail.example")
    #expect(identity == TLSIdentity(selfSignedIn: folder.path))
    #expect(permissions(identity.keyFile) == 0o600)
    let before = contents(identity.keyFile)
    #expect(try TLSIdentity.selfSigned(in: folder.path, hostname: "mail.example") == identity)
    #expect(contents(identity.keyFile) == before)
    #expect(before.contains("PRIVATE KEY"))
    // One that somebody opened up, say by restoring it from somewhere, is closed again.
    chmod(identity.keyFile, 0o644)
    _ = try TLSIdentity.selfSigned(in: folder.path, hostname: "mail.example")
    #expect(permissions(identity.keyFile) == 0o600)
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    let error = #expect(throws: TLSIdentityError.self) {
      try TLSIdentity.selfSigned(in: "/nonexistent/folder", hostname: "mail.example")
    }
    #expect(error?.description.contains("/nonexistent/folder") == true)
  }

  @Test func changedFilesAreReadAndBadOnesAreNot() async throws {
    let (folder, other) = (TemporaryFolder(), TemporaryFolder())
    let identity = try TLSIdentity.selfSigned(in: folder.path, hostname: "mail.example")
    let new = try TLSIdentity.selfSigned(in: other.path, hostname: "mail.example")
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let store = try TLSContextStore(identity, logger: logger)
    let watching = Task { try await store.run() }
    let policy = TestPolicy()
    let listener = SMTPListener(
      SMTPListenerConfiguration(
        name: "smtp", addresses: [HostPort(host: "127.0.0.1", port: 0)], mode: .implicitTLS,
        hostname: "mail.example"),
      policy: policy, tls: store, group: .singleton, logger: logger)
    let address = try await listener.start()[0]
    let serving = Task { try await listener.run() }

    let first = try await certificate(address)
    // Neither half of a change nor rubbish may take effect.
    rename(new.keyFile, identity.keyFile)
    #expect(store.reload() == false)
    #expect(try await certificate(address) == first)
    rename(new.certificateFile, identity.certificateFile)
    #expect(await eventually { (try? await certificate(address)) ?? first != first })
    let second = try await certificate(address)
    #expect(second != nil && second != first)
    try #require(fopen(identity.certificateFile, "w").map { fclose($0) } == 0)
    #expect(store.reload() == false)
    #expect(try await certificate(address) == second)

    watching.cancel()
    serving.cancel()
    _ = try await (watching.value, serving.value)
  }

  private func certificate(_ address: HostPort) async throws -> [UInt8]? {
    let client = try await RawClient(to: address, isTLS: true)
    await client.expect("220")
    let certificate = try await client.peerCertificate
    try await client.close()
    return certificate
  }

  private func permissions(_ file: String) -> mode_t? {
    var status = stat()
    return stat(file, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  private func contents(_ file: String) -> String {
    guard let stream = fopen(file, "r") else { return "" }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, stream)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
