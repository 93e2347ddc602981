"""One package a pipeline, each with a function `create_pipeline`."""
