"""Properties as the engine sends them, read straight into the form that rules read.

It is what `normalise(decode_properties(…))` gives, in one go: reading is the dearest part of judging a large stack.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from policypack.gcp.normal import KEEP_EMPTY, normalise, with_one_port_form
from policypack.model.values import clean, secret_texts
from policypack.sources.wire import MARKED_LENGTH, REDACTED, decode, decode_properties, decode_text

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

    from policypack.model.values import Value


class Same(dict[str, str]):
    """Gives each text back as the very same object: each text of protobuf is a new one, and URNs are long and many."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


_NOTHING: Final[frozenset[str]] = frozenset()


class PropertyReader:
    """Reads the properties of many resources.

    The engine tells most lists and objects twice (before a resource is made, and with the whole stack), and stacks
    repeat themselves: each is read once and shared. So nobody may change what was read; threads may share a reader.
    """

    LARGEST_SHARED: Final = 4096
    """Bytes of a list or an object that is kept for whoever sends it again."""

    MOST_SHARED: Final = 50_000
    """How many are kept at a time."""

    def __init__(self) -> None:
        self._shared: dict[bytes, tuple[Value, frozenset[str]]] = {}
        self._orders: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.same = Same()

    def read(self, type_token: str, struct: struct_pb2.Struct) -> tuple[dict[str, Value], frozenset[str]]:
        """Give the properties of a resource in the form that rules read, and every text inside secrets among them."""
        if type_token in KEEP_EMPTY:
            properties = normalise(type_token, decode_properties(struct))
            return properties, frozenset(secret_texts(properties))
        properties = {}
        secrets = _NOTHING
        fields = struct.fields
        for key in self._names(tuple(fields)):
            value = fields[key]
            # Most values are texts: no call for those.
            text = value.string_value
            if text and len(text) < MARKED_LENGTH and text != REDACTED:
                properties[key] = text
                continue
            read, hidden = self._value(value, text)
            if read is not None:
                properties[key] = read
                if hidden:
                    secrets |= hidden
        return with_one_port_form(type_token, properties), secrets

    def _names(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Give the properties that are read, sorted: protobuf has them in an order of its own, as each process has."""
        names = self._orders.get(keys)
        if names is None:
            if len(self._orders) >= self.MOST_SHARED:
                self._orders = {}
            # Interned: whoever asks for a property by its name finds it without a look at the letters.
            names = tuple(sys.intern(key) for key in sorted(keys) if not key.startswith("__"))
            self._orders[keys] = names
        return names

    def _value(self, value: struct_pb2.Value, text: str) -> tuple[Value, frozenset[str]]:
        if text:
            return decode_text(text), _NOTHING
        kind = value.WhichOneof("kind")
        if kind == "bool_value":
            return value.bool_value, _NOTHING
        if kind == "number_value":
            return clean(value.number_value), _NOTHING
        return self._nested(value) if kind in {"struct_value", "list_value"} else (None, _NOTHING)

    def _nested(self, value: struct_pb2.Value) -> tuple[Value, frozenset[str]]:
        told = value.SerializeToString()
        known = self._shared.get(told)
        if known is None:
            read = clean(decode(value))
            known = (read, frozenset(secret_texts(read)))
            if len(told) <= self.LARGEST_SHARED:
                if len(self._shared) >= self.MOST_SHARED:
                    self._shared = {}
                self._shared[told] = known
        return known

    def forget(self) -> None:
        """Let go of what is kept for whoever sends it again."""
        self._shared = {}
        self.same.clear()
