"""Mail: templates, sending."""
