"""The ingest side: article files in, normal form, shared store. Publishing is the package `feeds`."""
