"""Who does what per client, and how much of it is used."""
