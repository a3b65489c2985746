"""Access, navigation, charts and labels that several areas use."""
