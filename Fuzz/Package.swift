// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "omnibus-fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "omnibus", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        .product(name: "Omnibus", package: "omnibus"),
        .product(name: "OmnibusPlugins", package: "omnibus"),
        .product(name: "OmnibusTesting", package: "omnibus"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Sources",
      swiftSettings: [
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
        // `main` is libFuzzer's.
        .unsafeFlags(["-parse-as-library"]),
      ])
  ]
)
