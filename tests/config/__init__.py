"""Tests of the roof: settings, start, probes and the house's own rules."""
