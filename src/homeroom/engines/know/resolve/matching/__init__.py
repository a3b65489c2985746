"""Which records are the same subject: blocking, scoring, components and account ownership."""
