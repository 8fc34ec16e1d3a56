"""The three places where bytes can live behave alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer
from obstore.exceptions import BaseError

from files.storage import Storage

KEY = "0190/abc_DEF-123"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield f"s3://uploads?endpoint={endpoint}&region=eu-west-1"
    client.close()
    server.stop()


@pytest.fixture(params=["file", "memory", "s3"])
def storage(request, tmp_path, monkeypatch) -> Storage:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    if request.param == "s3":
        return Storage(request.getfixturevalue("bucket"))
    return Storage(f"file:{tmp_path}/up loads" if request.param == "file" else "memory:")


def test_what_is_put_can_be_got_until_it_is_deleted(storage):
    assert storage.get(KEY) is None
    assert not storage.exists(KEY)
    storage.put(KEY, b"\x00bytes", "application/pdf")
    assert storage.get(KEY) == b"\x00bytes"
    assert storage.exists(KEY)
    storage.put(KEY, b"", "application/pdf")
    assert storage.get(KEY) == b""
    storage.delete(KEY)
    storage.delete(KEY)
    assert storage.get(KEY) is None


def test_old_objects_are_listed(storage):
    storage.put(KEY, b"1", "text/plain")
    now = datetime.now(UTC)
    assert [key for keys in storage.older_than(now + timedelta(hours=1)) for key in keys] == [KEY]
    assert [key for keys in storage.older_than(now - timedelta(hours=1)) for key in keys] == []
    storage.delete(KEY)


@pytest.mark.parametrize("key", ["../secret", "a/../../secret", "/../secret"])
def test_a_key_cannot_leave_the_folder(tmp_path, key):
    storage = Storage(f"file:{tmp_path}/inside")
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises((ValueError, OSError, BaseError)):
        storage.put(key, b"changed", "text/plain")
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_the_bucket_keeps_the_media_type(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    Storage(bucket).put("typed", b"%PDF-", "application/pdf")
    endpoint = bucket.partition("endpoint=")[2].partition("&")[0]
    client = boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-1")
    assert client.head_object(Bucket="uploads", Key="typed")["ContentType"] == "application/pdf"
    client.close()


@pytest.mark.parametrize("url", ["", "var/files", "ftp://x", "file:", "s3://", "s3://b?acl=public"])
def test_a_wrong_address_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="POSTWRIGHT_STORAGE_URL"):
        Storage(url)
