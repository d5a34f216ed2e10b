"""The real parts StateKeep is tried on: a Kubernetes control plane, Valkey, and our own processes.

Everything here listens on loopback, picks free ports, ends with the process that asked for it, and
leaves nothing behind but the cache of built binaries.
"""
