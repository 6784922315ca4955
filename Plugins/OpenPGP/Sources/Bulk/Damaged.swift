/// What is read is not as OpenPGP has it, or was changed.
struct Damaged: Error {}
