"""The roof: the only package that knows all others."""
