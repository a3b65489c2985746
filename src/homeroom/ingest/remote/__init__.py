"""Reading consoles over their APIs: clients describe requests, one engine sends them, and the ordinary load reads the pages."""
