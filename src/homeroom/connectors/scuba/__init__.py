"""CISA's SCuBA tools: what ScubaGear says of a Microsoft 365 tenant, and ScubaGoggles of a Google Workspace."""
