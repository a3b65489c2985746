"""Tools, the products that a district pays for or uses; their names, and the capabilities that they bring."""
