"""Connectors: one module per platform, all behind the contract in `base`."""
