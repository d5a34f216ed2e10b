"""The plan of a pull request, offline: manifests, and a digest of the live classes."""
