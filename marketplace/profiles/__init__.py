"""Specialists' public profiles and the directory."""
