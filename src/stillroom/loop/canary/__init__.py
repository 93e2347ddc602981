"""A new version on live requests: given its share, counted, compared."""
