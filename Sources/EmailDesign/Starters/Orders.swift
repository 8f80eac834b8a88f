extension Starter {
  /// The parcel is on its way.
  static let orderShipped = Starter(
    "order-shipped", "Order shipped", "When a parcel leaves: where it goes, when it comes, how to follow it.",
    Draft(
      subject: "Your order \(token: "custom.order.number") is on its way",
      preheader: "It should arrive \(token: "custom.shipment.estimate", or: "in a few days")."
    ).document(
      [
        .plain(
          .heading("Your order is on its way"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), your parcel left us today and should arrive \(token: "custom.shipment.estimate", or: "in a few days", isBold: true)."
          ),
          .button("Track your parcel", to: "custom.shipment.tracking_url")),
        .halves(
          [
            .heading("Ships to", level: 2),
            .text("\(token: "custom.shipment.recipient")\(lineBreak: ())\(token: "custom.shipment.address")"),
          ],
          [
            .heading("Carrier", level: 2),
            .text(
              "\(token: "custom.shipment.carrier")\(lineBreak: ())\(token: "custom.shipment.tracking_number")"
            ),
          ]),
        .plain(
          .heading("In this parcel", level: 2),
          Block(
            id: "",
            .items(
              ItemTable(
                list: TokenPath(trusted: "custom.order.items"), name: "item",
                caption: Copy("In this parcel").line,
                columns: [
                  .column("Item", "\(token: "item.name")", note: "\(token: "item.note")"),
                  .column("Qty", "\(token: "item.quantity")", align: .right),
                ],
                totals: []))),
          .text("It can take a few hours until the carrier shows the first step.", tone: .small)),
      ],
      footer: "You get this e-mail because you placed an order with us."),
    custom: [
      "order": [
        "number": "10482",
        "items": [
          ["name": "Merino blanket", "note": "Moss green, 130 × 180 cm", "quantity": 1],
          ["name": "Stoneware mug", "note": "Set of two", "quantity": 2],
        ],
      ],
      "shipment": [
        "estimate": "on Tuesday, 17 November", "recipient": "Ada Okafor",
        "address": "4 Mill Lane, Bath BA1 2NT", "carrier": "Royal Mail Tracked 48",
        "tracking_number": "QK 4471 2093 5GB", "tracking_url": "https://example.com/track/QK447120935GB",
      ],
    ])

  /// The parcel is there.
  static let orderDelivered = Starter(
    "order-delivered", "Order delivered",
    "When a parcel has arrived: where it was left, and what to do if not.",
    Draft(
      subject: "Delivered: your order \(token: "custom.order.number")",
      preheader: "Your parcel arrived \(token: "custom.shipment.delivered", or: "today")."
    ).document(
      [
        .plain(
          .heading("Your order has arrived"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), the carrier tells us that your parcel was delivered. We hope that you like what is in it."
          )),
        .panel(
          .details(
            .pair("Order", "\(token: "custom.order.number")"),
            .pair("Delivered", "\(token: "custom.shipment.delivered", or: "today")"),
            .pair("Left with", "\(token: "custom.shipment.place")", when: "custom.shipment.place"))),
        .plain(
          .heading("Can’t find it?", level: 2),
          .text(
            "Look with neighbours and in the letter box first. If it is not there by tomorrow, reply to this e-mail and we will find out what happened."
          ),
          .button("View your order", to: "custom.order.url"),
          .text(
            "You can \(link: "send something back", to: "custom.order.returns_url") within 30 days.",
            tone: .small)),
      ],
      footer: "You get this e-mail because you placed an order with us."),
    custom: [
      "order": [
        "number": "10482", "url": "https://example.com/orders/10482",
        "returns_url": "https://example.com/orders/10482/return",
      ],
      "shipment": ["delivered": "Tuesday, 17 November, 11:42", "place": "Reception"],
    ])
}
