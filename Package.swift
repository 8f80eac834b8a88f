// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every target, so that no build differs from another by a flag.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
  name: "brevdue",
  products: [.executable(name: "brevdue", targets: ["brevdue"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // In the order a message travels; imports point up this list, never down. Only Server sees all.
    module("MailModel", []),
    module("MailFormats", ["MailModel"]),
    module("Signing", ["MailModel", "MailFormats", "COpenSSL"]),
    module("HubL", ["MailModel"]),
    module("EmailDesign", ["HubL", "CGumbo"]),
    module("TemplateImport", ["HubL", "EmailDesign", "CGumbo"]),
    module("Composition", ["MailModel", "MailFormats", "Signing", "HubL", "CGumbo"]),
    module(
      "Storage",
      [
        "MailModel", "CPostgreSQL", logging, crypto,
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    module(
      "Transport",
      [
        "MailModel", "MailFormats", "CUnbound", logging, crypto, lifecycle,
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
      ] + nio),
    module(
      "Intake",
      [
        "MailModel", "MailFormats", "Signing", "HubL", "Composition", "Storage", "Transport", logging, crypto,
        lifecycle, collections,
      ] + nio),
    module(
      "Delivery",
      [
        "MailModel", "MailFormats", "Signing", "Composition", "Storage", "Transport", logging, lifecycle,
        collections,
      ] + nio),
    module(
      "Web",
      [
        "MailModel", "MailFormats", "Signing", "HubL", "Composition", "Storage", "Transport", "Intake",
        logging, metrics, lifecycle, hummingbird, collections,
      ] + nio),
    module(
      "Server",
      [
        "MailModel", "MailFormats", "Signing", "HubL", "Composition", "Storage", "Transport", "Intake",
        "Delivery", "Web", logging, metrics, crypto, lifecycle, hummingbird,
        .product(name: "Configuration", package: "swift-configuration"),
      ] + nio),
    .executableTarget(
      name: "brevdue",
      dependencies: [
        "MailModel", "MailFormats", "Signing", "HubL", "EmailDesign", "TemplateImport", "Composition",
        "Storage", "Transport", "Intake", "Server", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: settings),

    tests("MailFormatsTests", ["MailModel", "MailFormats"]),
    tests(
      "WebTests",
      [
        "MailModel", "HubL", "Composition", "Signing", "Storage", "Intake", "Web", logging, metrics,
        lifecycle,
        hummingbird, .product(name: "HummingbirdTesting", package: "hummingbird"),
      ]),

    tests("DeliveryTests", ["Delivery", "MailModel", "Storage", "Transport", logging, lifecycle]),
    tests(
      "TransportTests",
      [
        "MailModel", "MailFormats", "Transport", logging, lifecycle,
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ] + nio),

    tests("SigningTests", ["MailModel", "MailFormats", "Signing"]),
    tests("HubLTests", ["MailModel", "HubL"]),
    tests("EmailDesignTests", ["EmailDesign", "HubL"], exclude: ["Golden"]),
    tests("TemplateImportTests", ["TemplateImport", "EmailDesign", "HubL"]),
    tests("CompositionTests", ["MailModel", "MailFormats", "Signing", "HubL", "Composition"]),
    tests("StorageTests", ["Storage", "MailModel", logging]),
    tests("CommandTests", ["brevdue", "Server", "Storage", "MailModel", "Intake", "Transport", logging]),

    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // Without pkg-config, which wants another package's file for it; the module map says what to link.
    .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CGumbo", pkgConfig: "gumbo", providers: [.apt(["libgumbo-dev"])]),
  ]
)
