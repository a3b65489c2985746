"""Which devices are replaced when, and by which fund: the least weighted years past support, then the least money."""
