"""ScubaGear's own export of a Microsoft 365 tenant's settings (ProviderSettingsExport.json)."""
