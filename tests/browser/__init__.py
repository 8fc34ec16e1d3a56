"""A package, so that pytest ends its browser and its server with its last test: fixtures of the scope ``package``."""
