"""Officers of a release, on machines without a network: keys, roots, bundles, signatures (ADR-0022)."""
