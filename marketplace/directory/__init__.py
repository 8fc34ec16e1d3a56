"""Finding specialists: the directory, their public pages and the front page."""
