import Glibc
import NIOCore
import NIOSSL

/// A connection's error in words for people, as they stand in a message's events.
func describe(_ error: any Error, _ connectTime: Int) -> String {
  switch error {
  case let error as IOError: String(cString: strerror(error.errnoCode))
  case ChannelError.connectTimeout: "no connection within \(connectTime) s"
  case is NIOSSLError, is BoringSSLError: "TLS: \(error)"
  case is NIOSSLExtraError: "TLS: the certificate is not for this host (\(error))"
  default: "\(error)"
  }
}
