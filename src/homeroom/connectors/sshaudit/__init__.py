"""ssh-audit: algorithms and flaws of SSH servers, as its JSON has them."""
