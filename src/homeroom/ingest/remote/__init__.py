"""Read consoles over their APIs: specs describe requests, one engine sends them, loads read the pages."""
