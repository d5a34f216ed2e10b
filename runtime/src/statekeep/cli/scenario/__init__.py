"""Scenarios: migrations tested as code, in memory or against a server."""
