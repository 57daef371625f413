"""Where the references of a schema lead: `$ref`, `$anchor`, `$dynamicAnchor` and the resources that `$id` begins.

Nothing is fetched: a reference that leads out of the schema leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urljoin

from tui.schema.json_value import is_sequence
from tui.schema.schema import DEPTH, Schema, schemas_below

_KEPT = 8


class Resource:
    """A schema that has an address of its own: the whole, or a part that begins with `$id`."""

    __slots__ = ("anchors", "dynamic", "root", "uri")

    def __init__(self, uri: str, root: Schema) -> None:
        self.uri = uri
        self.root = root
        self.anchors: dict[str, Schema] = {}
        self.dynamic: dict[str, Schema] = {}


class References:
    """All that can be referred to in one schema."""

    def __init__(self, root: Schema) -> None:
        """Look through the schema once."""
        self.whole = Resource(_id_of(root), root)
        self._by_uri = {self.whole.uri: self.whole, "": self.whole}
        self._homes: dict[int, Resource] = {}
        self._found: dict[tuple[int, str], tuple[Schema, Resource] | None] = {}
        self._walk(root, self.whole, 0)

    @property
    def is_nested(self) -> bool:
        """Whether a part of the schema has an address of its own, from which its references count."""
        return bool(self._homes)

    def home(self, schema: Schema) -> Resource:
        """The resource in which a piece of the schema stands."""
        return self._homes.get(id(schema), self.whole)

    def find(self, target: str, base: Resource) -> tuple[Schema, Resource] | None:
        """What a reference stands for and in which resource, or `None` where it leads out of the schema or nowhere."""
        key = (id(base), target)
        if key not in self._found:
            self._found[key] = self._find(target, base)
        return self._found[key]

    def _find(self, target: str, base: Resource) -> tuple[Schema, Resource] | None:
        address, _, fragment = target.partition("#")
        resource = base
        if address:
            try:
                address = urljoin(base.uri, address)
            except ValueError:
                return None
            named = self._by_uri.get(address)
            if named is None:
                return None
            resource = named
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return self._point(fragment, resource)
        at = resource.anchors.get(fragment, resource.dynamic.get(fragment))
        return None if at is None else (at, resource)

    def _point(self, pointer: str, resource: Resource) -> tuple[Schema, Resource] | None:
        place: Any = resource.root
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(place, Mapping) and name in place:
                place = place[name]
            elif is_sequence(place) and name.isdecimal() and int(name) < len(place):
                place = place[int(name)]
            else:
                return None
            resource = self._homes.get(id(place), resource) if isinstance(place, Mapping) else resource
        return (place, resource) if isinstance(place, Mapping | bool) else None

    def _walk(self, schema: Any, resource: Resource, depth: int) -> None:
        if not isinstance(schema, Mapping) or depth > DEPTH:
            return
        if (own := _id_of(schema)) and schema is not self.whole.root:
            if own.startswith("#"):  # the older way to write an anchor
                resource.anchors.setdefault(own[1:], schema)
            else:
                resource = Resource(_joined(resource.uri, own), schema)
                self._by_uri.setdefault(resource.uri, resource)
        if resource is not self.whole:
            self._homes[id(schema)] = resource
        for key, named in (("$anchor", resource.anchors), ("$dynamicAnchor", resource.dynamic)):
            if isinstance(name := schema.get(key), str):
                named.setdefault(name, schema)
        for _, inner in schemas_below(schema):
            self._walk(inner, resource, depth + 1)


def references_of(root: Schema) -> References:
    """What can be referred to in a schema; the last few are kept, since a schema is asked about many times."""
    for references in _last:
        if references.whole.root is root:
            return references
    _last.insert(0, References(root))
    del _last[_KEPT:]
    return _last[0]


_last: list[References] = []


def resolve(schema: Schema, root: Schema) -> Mapping[str, Any]:
    """A schema as it is shown: with what its `$ref` stands for; one that cannot be found allows everything."""
    for _ in range(DEPTH):
        if schema is True or not isinstance(schema, Mapping):
            return {}
        target = schema.get("$ref")
        if not isinstance(target, str):
            return schema
        references = references_of(root)
        target_schema = references.find(target, references.home(schema))
        if target_schema is None:
            return {}
        rest = {key: inner for key, inner in schema.items() if key != "$ref"}
        schema = {**target_schema[0], **rest} if rest and isinstance(target_schema[0], Mapping) else target_schema[0]
    return {}


def _id_of(schema: Any) -> str:
    own = schema.get("$id") if isinstance(schema, Mapping) else None
    return own.removesuffix("#") if isinstance(own, str) else ""


def _joined(base: str, uri: str) -> str:
    try:
        return urljoin(base, uri)
    except ValueError:
        return uri
