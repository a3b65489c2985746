"""The pages of docs/reference/, one module each, with a `page()` that returns its Markdown."""
