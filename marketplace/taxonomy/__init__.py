"""The trade as data: responsibilities, platforms, measures and the words around them."""
