"""The parts that are always on the screen."""
