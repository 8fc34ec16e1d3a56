"""Contracts: document, signatures, billing plan."""
