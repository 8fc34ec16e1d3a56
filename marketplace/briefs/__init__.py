"""What businesses ask for."""
