"""KnowBe4: phishing security tests and training enrollments, over the Reporting API and as its answers."""
