"""An app for tests only: what the kernel's model bases promise, on real tables made by real migrations."""
