"""``python -m app`` is the console command ``postwright``."""

from app.cli import main

main()
