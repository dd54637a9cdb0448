"""The domains, one folder each. `catalog` lists them in order, lowest first."""
