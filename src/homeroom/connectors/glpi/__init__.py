"""GLPI: computers and other assets, as its lists are exported to CSV."""
