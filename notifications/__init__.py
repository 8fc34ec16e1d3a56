"""Notices in the inbox and by mail."""
