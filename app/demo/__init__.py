"""The demo market: people, offers, contracts and work of five months, made through the services people use."""
