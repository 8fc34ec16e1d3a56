"""People: sign-up, confirmation, password and address, deletion."""
