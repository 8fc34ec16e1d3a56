"""Companies and contacts of a specialist."""
