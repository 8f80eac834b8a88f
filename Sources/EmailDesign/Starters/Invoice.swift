extension Starter {
  /// Something is to be paid.
  static let invoice = Starter(
    "invoice", "Invoice", "Asks for a payment: the amount, until when, and a way to pay.",
    Draft(
      subject:
        "Invoice \(token: "custom.invoice.number"): \(token: "custom.invoice.total") due \(token: "custom.invoice.due")",
      preheader: "From \(token: "site_settings.company_name", or: "us"). You can pay online in a minute."
    ).document(
      [
        .plain(
          .heading("Invoice \(token: "custom.invoice.number")"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), here is your invoice. Please pay \(token: "custom.invoice.total", isBold: true) by \(token: "custom.invoice.due", isBold: true)."
          ),
          .button("Pay this invoice", to: "custom.invoice.pay_url")),
        .panel(
          .details(
            .pair("Billed to", "\(token: "custom.invoice.customer")"),
            .pair("Address", "\(token: "custom.invoice.address")", when: "custom.invoice.address"),
            .pair("Issued", "\(token: "custom.invoice.date")"),
            .pair("Due", "\(token: "custom.invoice.due")"),
            .pair("Your reference", "\(token: "custom.invoice.reference")", when: "custom.invoice.reference"))
        ),
        .plain(
          Block(
            id: "",
            .items(
              ItemTable(
                list: TokenPath(trusted: "custom.invoice.lines"), name: "line",
                caption: Copy("Lines of the invoice").line,
                columns: [
                  .column("Description", "\(token: "line.name")", note: "\(token: "line.note")"),
                  .column("Qty", "\(token: "line.quantity")", align: .right),
                  .column("Amount", "\(token: "line.amount")", align: .right),
                ],
                totals: [
                  .pair("Subtotal", "\(token: "custom.invoice.subtotal")", when: "custom.invoice.subtotal"),
                  .pair("Tax", "\(token: "custom.invoice.tax")", when: "custom.invoice.tax"),
                  .pair("Amount due", "\(token: "custom.invoice.total")", isStrong: true),
                ]))),
          .text(
            "Prefer a bank transfer? \(link: "Download the invoice", to: "custom.invoice.pdf_url") for our account details.",
            tone: .small)),
      ],
      footer: "You get this invoice because you are a customer of ours."),
    custom: [
      "invoice": [
        "number": "2026-0317", "date": "1 November 2026", "due": "1 December 2026", "reference": "PO-5521",
        "customer": "Okafor Architects Ltd", "address": "4 Mill Lane, Bath BA1 2NT",
        "lines": [
          ["name": "Studio plan", "note": "November 2026", "quantity": 1, "amount": "£120.00"],
          ["name": "Additional seats", "note": "£15.00 each", "quantity": 3, "amount": "£45.00"],
        ],
        "subtotal": "£165.00", "tax": "£33.00", "total": "£198.00",
        "pay_url": "https://example.com/pay/2026-0317",
        "pdf_url": "https://example.com/invoices/2026-0317.pdf",
      ]
    ])
}
