"""CISA's SCuBA tools: results of ScubaGear for Microsoft 365, and of ScubaGoggles for Google Workspace."""
