"""What a plain YAML scalar becomes on its way to the API server, by each kind of reader.

The same file is read by three families, and they disagree:

* ``kubectl``: kubectl, Helm and Argo CD's plain folders (sigs.k8s.io/yaml, YAML 1.1 words);
* ``kustomize``: kustomize, so ``kubectl apply -k`` and all of Flux (yaml.v3, YAML 1.2 words,
  and mapping keys must be strings);
* ``pyyaml``: Python clients (YAML 1.1 with PyYAML's own idea of numbers and times).

This module holds that table as data and three pure functions over it. Texts are JSON texts; None
means that the reader refuses the file. It must never look at a file or decide how bad a
difference is: that is the linter's. Recorded answers of the real readers are in
``tests/golden/yaml_words.jsonl``.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final

import yaml


def _cased(*words: str) -> tuple[str, ...]:
    return tuple(form for word in words for form in (word, word.capitalize(), word.upper()))


TRUE: Final = frozenset(_cased("true"))
FALSE: Final = frozenset(_cased("false"))
NULL: Final = frozenset((*_cased("null"), "~", ""))
TRUE_TO_KUBECTL: Final = frozenset(_cased("on", "yes", "y"))
FALSE_TO_KUBECTL: Final = frozenset(_cased("off", "no", "n"))
NOT_FINITE: Final = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), ".inf"),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), "-.inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ".nan"),
}

_MAYBE_NUMBER = re.compile(r"[-+.0-9]")
_PREFIXED = re.compile(r"([-+]?)0([xXoObB])([0-9a-fA-F]+)\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"[-+]?0[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt](?P<h>\d{1,2}):(?P<m>\d{1,2}):(?P<s>\d{1,2})(?P<f>[.,]\d{1,9})?(?P<z>Z|[-+]\d\d:\d\d)"
    r"| (?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})(?P<F>[.,]\d{1,9})?)?\Z"
)
_BASES: Final = {"x": 16, "o": 8, "b": 2}


@dataclass(frozen=True, slots=True)
class Reading:
    """The JSON text of a plain scalar as a mapping key and as a value; None is a refusal."""

    key: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Readings:
    kubectl: Reading
    kustomize: Reading
    pyyaml: Reading

    @property
    def keys(self) -> tuple[str | None, str | None, str | None]:
        return self.kubectl.key, self.kustomize.key, self.pyyaml.key

    @property
    def values(self) -> tuple[str | None, str | None, str | None]:
        return self.kubectl.value, self.kustomize.value, self.pyyaml.value


@lru_cache(maxsize=4096)
def readings(text: str) -> Readings:
    """All three readings of the plain scalar ``text``."""
    return Readings(kubectl(text), kustomize(text), pyyaml(text))


def kubectl(text: str) -> Reading:
    if text in TRUE_TO_KUBECTL or text in TRUE:
        return Reading('"true"', "true")
    if text in FALSE_TO_KUBECTL or text in FALSE:
        return Reading('"false"', "false")
    if text in NULL:
        return Reading(None, "null")
    if text in NOT_FINITE:
        return Reading(json.dumps(NOT_FINITE[text]), None)
    number = go_number(text)
    if number is None:
        return Reading(json.dumps(text), json.dumps(text))
    return Reading(_kubectl_number_key(number), _json_number(number))


def kustomize(text: str) -> Reading:
    if text in TRUE:
        return Reading(None, "true")
    if text in FALSE:
        return Reading(None, "false")
    if text in NULL:
        return Reading(None, "null")
    if text in NOT_FINITE:
        return Reading(None, None)
    stamp = _go_timestamp(text)
    if stamp is not None:
        return Reading(None, json.dumps(stamp))
    number = go_number(text)
    if number is None:
        return Reading(json.dumps(text), json.dumps(text))
    return Reading(None, _json_number(number))


def pyyaml(text: str) -> Reading:
    """PyYAML answers for itself; keys and values as Python's json would then write them."""
    loader = yaml.SafeLoader("")
    resolve: Callable[..., str] = loader.resolve
    tag = resolve(yaml.ScalarNode, text, (True, False))
    try:
        value = loader.construct_object(yaml.ScalarNode(tag, text))
    except (ValueError, OverflowError, yaml.YAMLError):
        return Reading(None, None)
    try:
        key = next(iter(json.loads(json.dumps({value: 0}))))
    except TypeError:
        return Reading(None, json.dumps(str(value)))
    return Reading(json.dumps(key), json.dumps(value))


def go_number(text: str) -> int | float | None:
    """The number that Go's YAML readers (v2 and v3 alike) see in a plain scalar."""
    if not _MAYBE_NUMBER.match(text):
        return None
    plain = text.replace("_", "")
    whole = _go_integer(plain)
    if whole is not None and -(2**63) <= whole < 2**64:
        return whole
    if _FLOAT.match(plain) is None:
        return None
    value = float(plain)
    return None if math.isinf(value) else value


def _go_integer(plain: str) -> int | None:
    if prefixed := _PREFIXED.match(plain):
        sign, base, digits = prefixed.groups()
        try:
            return int(sign + digits, _BASES[base.lower()])
        except ValueError:
            return None
    if len(plain) > 400:
        return None
    if _DECIMAL.match(plain):
        return int(plain)
    return int(plain, 8) if _OCTAL.match(plain) else None


def _go_timestamp(text: str) -> str | None:
    """The RFC 3339 text that yaml.v3 makes of what it takes for a time."""
    found = _DATE.match(text)
    if found is None:
        return None
    part = found.groupdict()
    hour, minute, second = (int(part[a] or part[a.upper()] or 0) for a in "hms")
    zone = _zone(part["z"] or "Z")
    if zone is None:
        return None
    year, month, day = (int(n) for n in found.groups()[:3])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    fraction = (part["f"] or part["F"] or "")[1:].rstrip("0")
    clock = moment.strftime("%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "")
    suffix = "Z" if zone is UTC else str(part["z"])
    return f"{year:04}-{clock}{suffix}"


def _zone(text: str) -> timezone | None:
    if text in ("Z", "+00:00"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _json_number(number: int | float) -> str:
    """As Go's encoding/json writes it."""
    if isinstance(number, int):
        return str(number)
    if number == 0:
        return "-0" if math.copysign(1, number) < 0 else "0"
    if 1e-6 <= abs(number) < 1e21:
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = repr(number).split("e")
    sign = "-" if exponent.startswith("-") else "+"
    return f"{mantissa}e{sign}{exponent.lstrip('+-').lstrip('0')}"


def _kubectl_number_key(number: int | float) -> str | None:
    """sigs.k8s.io/yaml refuses unsigned keys and writes floats as 32-bit ones."""
    if isinstance(number, int):
        return json.dumps(str(number)) if number < 2**63 else None
    return json.dumps(_short_float32(number))


def _short_float32(number: float) -> str:
    try:
        wanted = struct.pack("<f", number)
    except OverflowError:
        return ".inf" if number > 0 else "-.inf"
    single: float = struct.unpack("<f", wanted)[0]
    text = next(
        text for text in (f"{single:.{digits}e}" for digits in range(17)) if _same(text, wanted)
    )
    mantissa, exponent = text.split("e")
    if -4 <= int(exponent) < 6:
        return format(Decimal(text), "f")
    return f"{mantissa}e{exponent}"


def _same(text: str, wanted: bytes) -> bool:
    try:
        return struct.pack("<f", float(text)) == wanted
    except OverflowError:
        return False
