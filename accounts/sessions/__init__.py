"""Log-ins: in, out, the list of devices."""
