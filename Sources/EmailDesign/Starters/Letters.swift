extension Starter {
  /// New terms.
  static let changeOfTerms = Starter(
    "change-of-terms", "Change of terms",
    "Says in plain words what changes, from when, and what can be done.",
    Draft(
      subject: "Our terms change on \(token: "custom.terms.date")",
      preheader: "What changes for you, in short."
    ).document(
      [
        .plain(
          .heading("We are changing our terms"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), on \(token: "custom.terms.date", isBold: true) new terms of service take effect. This is what changes for you:"
          )),
        .panel(
          Block(
            id: "",
            .items(
              ItemTable(
                list: TokenPath(trusted: "custom.terms.changes"), name: "change",
                caption: Copy("What changes").line,
                columns: [
                  .column("What changes", "\(token: "change.title")", note: "\(token: "change.summary")")
                ],
                totals: [])))),
        .plain(
          .button("Read the new terms", to: "custom.terms.url"),
          .text(
            "There is nothing you need to do to accept them. If you do not agree, you can close your account before \(token: "custom.terms.date"), free of charge.",
            "Questions? Reply to this e-mail.", tone: .small)),
      ],
      footer: "You get this e-mail because changes of our terms concern your account. It is not advertising."),
    custom: [
      "terms": [
        "date": "1 January 2027", "url": "https://example.com/terms/2027",
        "changes": [
          [
            "title": "Refunds are easier",
            "summary": "You have 30 days instead of 14 to ask for your money back, without a reason.",
          ],
          [
            "title": "Data is kept for a shorter time",
            "summary": "We delete closed accounts after 60 days instead of 180.",
          ],
          [
            "title": "Disputes go to mediation first",
            "summary": "Before a court, we both try to agree with the help of a mediator. We pay for it.",
          ],
        ],
      ]
    ])

  /// Words only.
  static let letter = Starter(
    "letter", "Plain letter", "A letter from a person: words, a name, nothing else.",
    Draft(
      subject: "\(token: "custom.letter.subject", or: "A word from us")",
      preheader: "\(token: "custom.letter.preview", or: "A short letter from our team.")"
    ).document(
      [
        .plain(
          .heading("\(token: "custom.letter.subject", or: "A word from us")"),
          .text(
            "Dear \(token: "contact.firstname", or: "customer"),",
            "\(token: "custom.letter.body")",
            "If there is anything you would like to know, just reply to this e-mail. I read every answer.",
            "Best wishes,"),
          .text("\(token: "custom.letter.sender", or: "The team", isBold: true)").space(0),
          .text("\(token: "custom.letter.role")", tone: .small).when("custom.letter.role"))
      ],
      footer: "You get this letter because you are a customer of ours."),
    custom: [
      "letter": [
        "subject": "Our workshop moves in March", "preview": "What it means for your open orders.",
        "body":
          "In March we are moving our workshop two streets down, to 30 Quay Road. Orders that are open by then will be finished before the move, so that none is late. Between 3 and 10 March we cannot take new ones.",
        "sender": "Miriam Castellan", "role": "Head of customer care",
      ]
    ])
}
