"""What `statekeep lint` finds in definitions and manifests, file by file."""
