internal import Omnibus

/// The options of `pgp_public_key`.
struct PublicKeyStepOptions: Options {
  @Option(help: "the keys; of secret ones the public part is given")
  var keys: KeyRingOptions

  @Option(help: "the key to give: a fingerprint, a key id, a user id or an address")
  var key: KeyName
}
