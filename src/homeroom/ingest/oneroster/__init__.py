"""OneRoster CSV by its specification: members, columns, vocabularies and rules, and the validation of bundles."""
