"""The district's nouns as small frozen values. Standard library only."""
