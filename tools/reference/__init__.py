"""Pages of docs/reference/, one module each, with a `render_page()` that returns its Markdown."""
