public import Omnibus

/// Mail in folders.
public let omnibusPlugin = Plugin(
  name: "maildir", version: "0.1.0",
  components: [
    .source("maildir", "Takes the mail that comes into a Maildir.", MaildirSource.Settings.self) { settings, context in
      MaildirSource(settings: settings, maildir: Maildir(settings.directory, context))
    },
    .destination(
      "maildir", "Delivers messages into a Maildir.", MaildirDestination.Settings.self, answers: false
    ) { settings, context in
      MaildirDestination(maildir: Maildir(settings.directory, context))
    },
    .transformer("parse_mail", "Turns a mail into a document of its header fields and its text.", NoOptions.self) {
      _, _ in ParseMail()
    },
  ])
