"""The rules: one module and one page of the same name for each, in folders by area."""
