public import Omnibus

extension Plugin {
  /// Encrypts, decrypts, signs and verifies OpenPGP messages (RFC 4880), by librnp.
  public static let openPGP = Plugin(
    name: "openpgp", version: "0.1.0",
    components: [
      .step(
        "pgp_encrypt", "Encrypts the body, and signs it along where it is to.", EncryptOptions.self,
        connection: "openpgp"
      ) {
        options, context in try EncryptStep(options, context)
      },
      .step("pgp_decrypt", "Decrypts the body, and verifies who signed it.", DecryptOptions.self, connection: "openpgp")
      {
        options, context in try DecryptStep(options, context)
      },
      .step("pgp_sign", "Signs the body.", SignOptions.self, connection: "openpgp") { options, context in
        try SignStep(options, context)
      },
      .step("pgp_verify", "Verifies who signed the body.", VerifyOptions.self, connection: "openpgp") {
        options, context in
        try VerifyStep(options, context)
      },
      .step(
        "pgp_public_key", "Replaces the body by a public key, armoured.", PublicKeyStepOptions.self,
        connection: "openpgp"
      ) {
        options, context in try PublicKeyStep(options, context)
      },
    ])
}
