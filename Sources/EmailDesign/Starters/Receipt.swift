extension Starter {
  /// The purchase is paid.
  static let receipt = Starter(
    "receipt", "Receipt", "After a payment: what was bought, what was paid, and how.",
    Draft(
      subject:
        "Your receipt from \(token: "site_settings.company_name", or: "us"): order \(token: "custom.order.number")",
      preheader: "We received your payment of \(token: "custom.order.total"). Here is what you bought."
    ).document(
      [
        .plain(
          .heading("Thank you for your order"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), we received your payment of \(token: "custom.order.total", isBold: true). This is your receipt; there is nothing you need to do."
          )),
        .panel(
          .details(
            .pair("Order", "\(token: "custom.order.number")"),
            .pair("Date", "\(token: "custom.order.date")"),
            .pair("Paid with", "\(token: "custom.order.payment")", when: "custom.order.payment"))),
        .plain(
          Block(
            id: "",
            .items(
              ItemTable(
                list: TokenPath(trusted: "custom.order.items"), name: "item",
                caption: Copy("What you bought").line,
                columns: [
                  .column("Item", "\(token: "item.name")", note: "\(token: "item.note")"),
                  .column("Qty", "\(token: "item.quantity")", align: .right),
                  .column("Price", "\(token: "item.price")", align: .right),
                ],
                totals: [
                  .pair("Subtotal", "\(token: "custom.order.subtotal")", when: "custom.order.subtotal"),
                  .pair("Shipping", "\(token: "custom.order.shipping")", when: "custom.order.shipping"),
                  .pair("Tax", "\(token: "custom.order.tax")", when: "custom.order.tax"),
                  .pair("Total", "\(token: "custom.order.total")", isStrong: true),
                ]))),
          .button("View your order", to: "custom.order.url"),
          .text("Something not right? Reply to this e-mail and a person will help you.", tone: .small)),
      ],
      footer: "You get this e-mail because you placed an order with us."),
    custom: [
      "order": [
        "number": "10482", "date": "14 November 2026", "payment": "Visa ending in 4242",
        "items": [
          ["name": "Merino blanket", "note": "Moss green, 130 × 180 cm", "quantity": 1, "price": "£89.00"],
          ["name": "Stoneware mug", "note": "Set of two", "quantity": 2, "price": "£36.00"],
          ["name": "Gift wrapping", "quantity": 1, "price": "£4.50"],
        ],
        "subtotal": "£129.50", "shipping": "£4.95", "tax": "£22.41", "total": "£134.45",
        "url": "https://example.com/orders/10482",
      ]
    ])
}
