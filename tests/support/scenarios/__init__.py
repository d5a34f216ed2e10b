"""Random scenarios, led by the model so that they go where the law has something to decide."""
