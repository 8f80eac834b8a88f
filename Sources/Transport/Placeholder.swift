import NIOCore
import NIOPosix
import NIOSSL
import X509
import SwiftASN1
import CUnbound
