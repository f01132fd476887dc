"""Fakes that behave: each a loopback server or a small class, used by the whole test suite."""
