"""What is kept on disk: sessions, settings, choices. Everything here is synchronous and raises `StoreError`."""
