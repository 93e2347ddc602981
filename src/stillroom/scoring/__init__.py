"""Score whole tables with the champion: the numbers that the service answers, at the speed of the model."""
