"""Pages of docs/reference/, one module each; its `render_pages()` returns Markdown by path below that folder."""
