"""Proposals, hire offers, counter-offers."""
