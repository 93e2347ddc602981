"""The protocols that the service speaks: thin adapters on one predict function."""
