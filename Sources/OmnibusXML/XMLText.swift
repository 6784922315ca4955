/// Text of XML 1.0 that was read.
enum XMLText {}
