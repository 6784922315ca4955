// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "omnibus-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "omnibus", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .executableTarget(
      name: "RoutingBenchmark",
      dependencies: [
        .product(name: "Omnibus", package: "omnibus"),
        .product(name: "OmnibusPlugins", package: "omnibus"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "RabbitMQBaseline", linkerSettings: [.linkedLibrary("rabbitmq")]),
    .executableTarget(
      name: "JSONSchemaBenchmark",
      dependencies: [
        .product(name: "Omnibus", package: "omnibus"),
        .product(name: "OmnibusPlugins", package: "omnibus"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "StoreBenchmark", dependencies: [.product(name: "Omnibus", package: "omnibus")], swiftSettings: settings),
  ]
)
