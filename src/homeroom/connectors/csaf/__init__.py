"""CSAF: advisories of makers and authorities in the Common Security Advisory Framework."""
