"""The screen in a browser: a server for this machine alone, the page, and the driver of a screen that a page shows."""
