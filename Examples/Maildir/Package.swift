// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "omnibus-maildir",
  dependencies: [
    .package(name: "omnibus", path: "../..")
  ],
  targets: [
    .target(
      name: "MaildirPlugin",
      dependencies: [.product(name: "Omnibus", package: "omnibus")],
      path: "Sources"),
    .testTarget(
      name: "MaildirPluginTests",
      dependencies: ["MaildirPlugin", .product(name: "OmnibusTesting", package: "omnibus")],
      path: "Tests"),
  ]
)
