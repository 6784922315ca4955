/// A service of AWS, by the name that its signatures use.
enum AWSService {}
