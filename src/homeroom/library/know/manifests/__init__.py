"""The manifests of connectors: the kinds of file that they declare, the readers that they name, and their folders."""
