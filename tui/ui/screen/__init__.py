"""The chat screen: its layout and routing, and one controller for each thing that is done on it."""
