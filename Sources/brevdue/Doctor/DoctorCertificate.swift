import Glibc
import MailModel
import Server
import Transport

/// The certificate of the SMTP listeners: can it be used, and will clients that check it be content?
extension DoctorChecks {
  /// A certificate that ends sooner than this should have been renewed: the usual tools do it 30 days before.
  static let renewalDays: Int64 = 14

  var certificate: [Finding] {
    guard let configured = configuration.tls.identity else { return [selfSigned] }
    if let broken = broken(configured) { return [broken] }
    do {
      return Self.judge(
        try CertificateFacts(file: configured.certificateFile), file: configured.certificateFile,
        hostname: configuration.smtp.hostname, now: .now())
    } catch {
      return [
        Finding("certificate", .failed, "\(error)", hint: "The file must be PEM, the server's own first.")
      ]
    }
  }

  private var selfSigned: Finding {
    let identity = configuration.data.selfSigned
    guard access(identity.certificateFile, F_OK) == 0 else {
      return Finding("certificate", .skipped, "a self-signed one is made at first start")
    }
    return broken(identity)
      ?? Finding(
        "certificate", .ok, "self-signed",
        hint: "For clients elsewhere set tls.certificate-file and tls.key-file.")
  }

  /// What the server itself would say of it at start.
  private func broken(_ identity: TLSIdentity) -> Finding? {
    do {
      _ = try TLSContextStore(identity, logger: Installation.logger)
      return nil
    } catch {
      return Finding(
        "certificate", .failed, "\(error)", hint: "Certificate and key must be PEM and belong together.")
    }
  }

  /// What clients would say of a configured one.
  static func judge(_ facts: CertificateFacts, file: String, hostname: String, now: Instant) -> [Finding] {
    var findings: [Finding] = []
    let days = (facts.notAfter.milliseconds - now.milliseconds) / 86_400_000
    if facts.notAfter <= now {
      findings.append(
        Finding(
          "certificate", .failed,
          "\(file) expired on \(facts.notAfter.local): clients that check it refuse us",
          hint: "Renew it; a running server takes up the new file by itself."))
    } else if now < facts.notBefore {
      findings.append(
        Finding(
          "certificate", .failed, "\(file) is not valid before \(facts.notBefore.local)",
          hint: "Check the clock of this machine, or use another certificate."))
    } else if days < renewalDays {
      findings.append(
        Finding(
          "certificate", .warning, "\(file) expires on \(facts.notAfter.local), in \(days) days",
          hint: "Renew it, and see why that did not happen by itself."))
    }
    if !facts.covers(hostname) {
      let names = facts.names.isEmpty ? "no name" : facts.names.prefix(5).joined(separator: ", ")
      findings.append(
        Finding(
          "certificate", .warning, "\(file) is for \(names), not for smtp.hostname \(hostname)",
          hint:
            "Clients that connect to \(hostname) refuse it: get one with that name, or correct smtp.hostname."
        ))
    }
    if findings.isEmpty {
      findings.append(Finding("certificate", .ok, "\(file), good until \(facts.notAfter.local)"))
    }
    return findings
  }
}
