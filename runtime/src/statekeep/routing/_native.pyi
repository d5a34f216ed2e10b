"""What cffi makes at build time; typed where it is used."""

from typing import Any

ffi: Any
lib: Any
