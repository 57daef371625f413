"""The screens: there is one, and everything else lies on it."""
