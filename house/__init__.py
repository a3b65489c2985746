"""What the house itself needs: the checks, the tests' servers and browser, the generated docs, the changelog."""
