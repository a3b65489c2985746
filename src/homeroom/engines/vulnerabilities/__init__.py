"""Which flaw is on which device: what other tools say of it, and what feeds say of the versions that are installed."""
