// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A module of `Sources/` and, unless `tested` is false, its tests in `Tests/<name>Tests`.
func module(_ name: String, _ dependencies: [Target.Dependency], tested: Bool = true) -> [Target] {
  let library = Target.target(name: name, dependencies: dependencies, swiftSettings: settings)
  guard tested else { return [library] }
  return [
    library,
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name), "OmnibusTesting"],
      path: "Tests/\(name)Tests", swiftSettings: settings),
  ]
}

/// A plugin of `Plugins/<name>/`: the module `<name>Plugin` and its tests.
func plugin(_ name: String, _ libraries: [Target.Dependency] = []) -> [Target] {
  [
    .target(
      name: "\(name)Plugin", dependencies: ["Omnibus", "OmnibusExpression"] + libraries,
      path: "Plugins/\(name)/Sources", swiftSettings: settings),
    .testTarget(
      name: "\(name)PluginTests",
      dependencies: ["OmnibusTesting", "OmnibusEngine", .byName(name: "\(name)Plugin")],
      path: "Plugins/\(name)/Tests", swiftSettings: settings),
  ]
}

/// A C library of the system, seen through `Sources/System/<name>/module.modulemap`.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let plugins = [
  "DeliveryPlugin", "DirectPlugin", "FilePlugin", "FlatFilePlugin", "FlowPlugin", "JSONPlugin", "JSONSchemaPlugin",
  "OpenPGPPlugin", "QueuePlugin", "RabbitMQPlugin", "ResiliencePlugin", "RESTPlugin", "S3Plugin", "SQSPlugin",
  "TimerPlugin",
]

/// Whether the program and what is run to build it are left out: the sanitizers of the fuzzer, which its package asks for, would
/// be linked into the tools, too, with a `main` of their own.
let isForFuzzer = Context.environment["OMNIBUS_FUZZER"] != nil

/// The program, and what is run to build it and libraries with plugins of others.
let program: [Target] = [
  .executableTarget(
    name: "omnibus",
    dependencies: [
      "Omnibus", "OmnibusExpression", "OmnibusReactor", "OmnibusHTTP", "OmnibusStore", "OmnibusEngine",
      "OmnibusAdmin", "CReactor", arguments, log,
    ]
      + plugins.map { .byName(name: $0) },
    swiftSettings: settings,
    // Libraries of third parties take what they need of the core from the program.
    linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"])],
    plugins: ["StampProgram"]),
  .executableTarget(name: "InterfaceStamp", path: "Tools/InterfaceStamp", swiftSettings: settings),
  .plugin(
    name: "StampProgram", capability: .buildTool, dependencies: ["InterfaceStamp"], path: "Tools/StampProgram"),
  .plugin(
    name: "OmnibusPlugin",
    capability: .command(
      intent: .custom(verb: "omnibus-plugin", description: "Builds a plugin as a library that Omnibus loads.")),
    dependencies: ["InterfaceStamp"], path: "Tools/OmnibusPlugin"),
  .testTarget(
    name: "EndToEndTests", dependencies: ["OmnibusTesting", "omnibus"], path: "Tests/EndToEndTests",
    exclude: ["Support"], swiftSettings: settings),
]

let package = Package(
  name: "omnibus",
  platforms: [.macOS(.v15)],
  products: [
    .library(
      name: "Omnibus", targets: ["Omnibus", "OmnibusExpression", "OmnibusReactor", "OmnibusHTTP", "OmnibusStore"]),
    .library(name: "OmnibusTesting", targets: ["OmnibusTesting"]),
    // For the package in `Fuzz/`.
    .library(name: "OmnibusPlugins", targets: ["OmnibusEngine"] + plugins),
  ]
    + (isForFuzzer
      ? []
      : [
        .executable(name: "omnibus", targets: ["omnibus"]),
        .plugin(name: "OmnibusPlugin", targets: ["OmnibusPlugin"]),
      ]),
  dependencies: [.package(url: "https://github.com/apple/swift-log", from: "1.16.0")]
    + (isForFuzzer ? [] : [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")]),
  targets: [
    system("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CRabbitMQ", pkgConfig: "librabbitmq", apt: "librabbitmq-dev"),
    system("CRNP", pkgConfig: "librnp", apt: "librnp-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    .target(
      name: "COpenPGP", path: "Sources/System/COpenPGP", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CReactor", path: "Sources/System/CReactor"),
    .target(
      name: "COpenSSL", path: "Sources/System/COpenSSL",
      linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
  ]
    + module("OmnibusReactor", ["CReactor", "COpenSSL"])
    + module("Omnibus", ["OmnibusReactor", log])
    + module("OmnibusExpression", ["Omnibus"])
    + module("OmnibusHTTP", ["Omnibus", "OmnibusReactor", "CCurl", "CZlib"])
    + module("OmnibusCrypto", ["COpenSSL", "CReactor"])
    + module("OmnibusXML", ["Omnibus", "CXML2"])
    + module("OmnibusAWS", ["Omnibus", "OmnibusReactor", "OmnibusHTTP", "OmnibusCrypto", "OmnibusXML", log])
    + module("OmnibusStore", ["Omnibus", "OmnibusReactor", "OmnibusCrypto", "CSQLite"])
    + module(
      "OmnibusEngine", ["Omnibus", "OmnibusExpression", "OmnibusReactor", "OmnibusStore", "CLibYAML", "CReactor"])
    + module(
      "OmnibusAdmin",
      [
        "Omnibus", "OmnibusExpression", "OmnibusReactor", "OmnibusHTTP", "OmnibusStore", "OmnibusCrypto",
        "OmnibusEngine", log,
      ])
    + module("OmnibusTesting", ["Omnibus", "OmnibusStore", "OmnibusEngine", "CReactor"], tested: false)
    + plugin("Delivery", ["OmnibusStore", "OmnibusCrypto", "OmnibusReactor"])
    + plugin("Direct")
    + plugin("File", ["CReactor", "OmnibusReactor"])
    + plugin("FlatFile")
    + plugin("Flow")
    + plugin("JSON")
    + plugin("JSONSchema")
    + plugin(
      "OpenPGP",
      ["CRNP", "COpenPGP", "COpenSSL", "CZlib", "OmnibusCrypto", "OmnibusHTTP", "OmnibusReactor", "CReactor"])
    + plugin("Queue", ["OmnibusStore", "OmnibusReactor"])
    + plugin("RabbitMQ", ["CRabbitMQ", "OmnibusReactor", "CReactor"])
    + plugin("Resilience", ["OmnibusReactor"])
    + plugin("REST", ["OmnibusHTTP", "OmnibusReactor"])
    + plugin("S3", ["OmnibusAWS", "OmnibusHTTP", "OmnibusXML", "OmnibusReactor", "OmnibusCrypto"])
    + plugin("SQS", ["OmnibusAWS", "OmnibusHTTP", "OmnibusReactor", "OmnibusCrypto"])
    + plugin("Timer")
    + [
      .testTarget(
        name: "OmnibusTestingTests", dependencies: ["OmnibusTesting"], path: "Tests/OmnibusTestingTests",
        swiftSettings: settings),
      .testTarget(
        name: "FuzzTests",
        dependencies: [
          "OmnibusTesting", "OmnibusEngine", "OmnibusHTTP", "OmnibusReactor", "OmnibusStore", "OmnibusXML", log,
        ]
          + plugins.map { .byName(name: $0) },
        path: "Fuzz", exclude: ["Corpus", "Dictionaries", "Package.swift", "README.md", "Sources/Entry", "run"],
        sources: ["Sources/Targets", "Tests"], swiftSettings: settings),
    ]
    + (isForFuzzer ? [] : program)
)
