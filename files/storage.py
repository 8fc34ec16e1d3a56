"""Where the bytes of uploads live: a folder, a bucket, or memory. Nothing outside ``files`` knows which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

CONNECT = timedelta(seconds=2)
ANSWER = timedelta(seconds=4)
"""A bucket that does not answer gives up before the database's idle limit of ten seconds."""
_MISSING = (NotFoundError, FileNotFoundError)


class Storage:
    """Objects by key. Built from ``file:var/files``, ``s3://bucket?endpoint=…&region=…`` or ``memory:``.

    A bucket's keys come from ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY`` or the machine's role.
    """

    def __init__(self, url: str) -> None:
        self._store = _open(url)

    def put(self, key: str, content: bytes, mime: str) -> None:
        """Store ``content``, replacing what was there."""
        keeps_type = isinstance(self._store, S3Store)
        obstore.put(self._store, key, content, attributes={"Content-Type": mime} if keeps_type else None)

    def get(self, key: str) -> bytes | None:
        """The content, or ``None`` if there is none."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except _MISSING:
            return None

    def exists(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except _MISSING:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove the object; one that is already gone is no error."""
        try:
            obstore.delete(self._store, key)
        except _MISSING:
            return

    def older_than(self, moment: datetime) -> Iterator[list[str]]:
        """Keys of everything stored before ``moment`` (UTC), in batches."""
        for batch in obstore.list(self._store, chunk_size=500):
            yield [found["path"] for found in batch if found["last_modified"] < moment]


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return MemoryStore()
    if parts.scheme == "file" and parts.path:
        return LocalStore(Path(unquote(parts.path)).absolute(), mkdir=True)
    if parts.scheme == "s3" and parts.netloc:
        return _open_bucket(parts.netloc, {name: values[-1] for name, values in parse_qs(parts.query).items()})
    raise ValueError("POSTWRIGHT_STORAGE_URL must be file:<folder>, s3://<bucket>?endpoint=…&region=… or memory:")


def _open_bucket(bucket: str, options: dict[str, str]) -> S3Store:
    unknown = options.keys() - {"endpoint", "region"}
    if unknown:
        raise ValueError(f"POSTWRIGHT_STORAGE_URL has unknown options: {', '.join(sorted(unknown))}")
    endpoint = options.get("endpoint")
    config: S3Config = {"region": options.get("region", "us-east-1")}
    if endpoint is not None:
        config["endpoint"] = endpoint
    return S3Store(
        bucket,
        config=config,
        virtual_hosted_style_request=endpoint is None,
        client_options={
            "connect_timeout": CONNECT,
            "timeout": ANSWER,
            "allow_http": endpoint is not None and endpoint.startswith("http://"),
        },
        retry_config={"max_retries": 1, "retry_timeout": ANSWER},
    )
