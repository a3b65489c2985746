"""CrowdStrike Falcon: which computers its sensor protects."""
