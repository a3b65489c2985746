"""Names of tools as purchase orders, invoices, contracts and lists of apps spell them."""
