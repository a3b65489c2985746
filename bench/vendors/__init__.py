"""The benchmark of vendors: a district with planted overreach and near-misses, and a million permissions."""
