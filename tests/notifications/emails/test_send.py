"""Mails leave through SMTP, or into a folder; a server's refusal is told from its bad day."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select
from sqlmodel import col

from app.features import outside
from app.worker import Worker
from core.jobs import MOST_ATTEMPTS_OUTSIDE, Job, JobState, enqueue
from notifications.emails.message import compose
from notifications.emails.render import Letter
from notifications.emails.send import Server, send
from tests.conftest import SETTINGS
from tests.mails import sent, text_of_mail

MESSAGE = compose(
    Letter("Привет", "Xin chào\n", "<p>Xin chào</p>"),
    to="bob@example.com",
    sender="Postwright <no-reply@postwright.example>",
    key="k",
    at=datetime(2026, 6, 1, tzinfo=UTC),
)


class Sink:
    """Keeps what arrives; answers as told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.rcpt = self.data = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        return self.data


class QuietController(Controller):
    def _trigger_server(self):
        """Call the server once, as the library wants; its own way takes the port it was asked for, which is 0."""
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection((self.hostname, self.port), 5) as raw:
            if self.ssl_context is None:
                raw.recv(64)
                return
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            with trusting.wrap_socket(raw) as secured:
                secured.recv(64)


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def smtp(sink) -> Iterator[str]:
    controller = QuietController(sink, hostname="127.0.0.1", port=0, server_hostname="sink")
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def postman(built_app, database, smtp) -> Worker:
    """A worker that mails through the sink."""
    settings = SETTINGS.model_copy(update={"smtp_url": smtp})
    return Worker(database, schedule={}, outside=outside(settings, database, built_app.state.storage))


def ask(database, **changes) -> None:
    payload = {
        "to": "bob@example.com",
        "template": "reset_password",
        "locale": "en",
        "params": {"path": "/reset/secret"},
    }
    with database.write() as db:
        enqueue(db, "emails.send", {**payload, **changes})


def job_of(database) -> Job:
    with database.read() as db:
        return db.scalars(select(Job).where(col(Job.kind) == "emails.send")).one()


def test_a_mail_arrives_with_both_parts(smtp, sink):
    send(Server.parse(smtp), MESSAGE)
    message = message_from_bytes(sink.mails[0], policy=default)
    assert message["Subject"] == "Привет"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_worker_sends_it_and_forgets_the_link(database, postman, sink):
    ask(database)
    assert postman.drain() == 1
    job = job_of(database)
    assert job.state is JobState.DONE
    assert job.payload == {}
    (raw,) = sink.mails
    message = message_from_bytes(raw, policy=default)
    assert message["Message-ID"] == f"<{job.id}@postwright.example>"
    assert "http://testserver/reset/secret" in text_of_mail(message)


@pytest.mark.parametrize("answer", ["rcpt", "data"])
def test_a_bad_day_is_tried_again_with_the_same_id(database, clock, postman, sink, answer):
    setattr(sink, answer, "451 later")
    ask(database)
    postman.drain()
    assert job_of(database).state is JobState.QUEUED
    setattr(sink, answer, "250 OK")
    clock.forward(minutes=3)
    postman.drain()
    assert job_of(database).state is JobState.DONE
    assert len({message_from_bytes(raw)["Message-ID"] for raw in sink.mails}) == 1


@pytest.mark.parametrize("answer", ["rcpt", "data"])
def test_a_refusal_for_good_is_buried_at_once(database, postman, sink, answer):
    setattr(sink, answer, "550 no such person")
    ask(database)
    postman.drain()
    job = job_of(database)
    assert (job.state, job.attempts) == (JobState.DEAD, 1)
    assert "secret" not in (job.error or "")


@pytest.mark.parametrize("changes", [{"to": "bob@example.com\r\nBcc: x@example.com"}, {"template": "unknown"}])
def test_what_cannot_be_sent_is_buried(database, postman, sink, changes):
    ask(database, **changes)
    postman.drain()
    assert job_of(database).state is JobState.DEAD
    assert sink.mails == []


def test_no_transaction_is_open_while_the_server_answers(database, postman, sink):
    seen = []

    async def look(server, session, envelope):
        seen.append((database.writer.pool.checkedout(), database.reader.pool.checkedout()))
        return "250 OK"

    sink.handle_DATA = look
    ask(database)
    postman.drain()
    assert seen == [(0, 0)]


def test_a_worker_that_lost_its_lease_does_not_send(database, clock, postman, sink):
    from core.jobs import claim

    ask(database)
    with database.write() as db:
        mine = claim(db, postman.name)
    clock.forward(minutes=5)
    with database.write() as db:
        claim(db, "another")
    postman.perform(mine[0])
    assert sink.mails == []


def test_a_server_that_is_gone_is_tried_again(database, built_app):
    settings = SETTINGS.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    worker = Worker(database, schedule={}, outside=outside(settings, database, built_app.state.storage))
    ask(database)
    worker.drain()
    job = job_of(database)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert job.payload["params"]["path"] == "/reset/secret"


def test_a_server_that_is_back_the_next_day_gets_the_mail(database, clock, built_app, postman, sink):
    settings = SETTINGS.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    gone = Worker(database, schedule={}, outside=outside(settings, database, built_app.state.storage))
    ask(database)
    for _hour in range(23):
        gone.drain()
        clock.forward(hours=1)
    job = job_of(database)
    assert job.state is JobState.QUEUED
    clock.at = job.run_at
    postman.drain()
    assert (job_of(database).state, len(sink.mails)) == (JobState.DONE, 1)


def test_a_server_that_stays_away_is_waited_for_a_day(database, clock, built_app):
    settings = SETTINGS.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    worker = Worker(database, schedule={}, outside=outside(settings, database, built_app.state.storage))
    ask(database)
    start = clock()
    while (job := job_of(database)).state is JobState.QUEUED:
        clock.at = max(job.run_at, clock())
        worker.drain()
    assert timedelta(hours=24) < clock() - start < timedelta(hours=25)
    assert (job.state, job.attempts) == (JobState.DEAD, MOST_ATTEMPTS_OUTSIDE)


def test_without_a_server_mail_goes_to_a_folder(database, worker, mail_folder):
    ask(database, locale="ru")
    worker.drain()
    (mail,) = sent(mail_folder)
    assert mail["To"] == "bob@example.com"
    assert "http://testserver/reset/secret" in text_of_mail(mail)


def test_a_password_is_not_sent_in_the_clear(smtp, sink):
    with pytest.raises(smtplib.SMTPNotSupportedError):
        send(Server.parse(smtp.replace("//", "//user:secret@")), MESSAGE)
    assert sink.mails == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 and the context that serves it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    from ipaddress import ip_address

    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return str(folder / "cert.pem"), context


@pytest.mark.parametrize("implicit", [True, False])
def test_over_tls_the_password_is_checked(certificate, sink, monkeypatch, implicit):
    path, context = certificate
    seen = []

    def check(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    options = {"ssl_context": context} if implicit else {"tls_context": context}
    controller = QuietController(
        sink,
        hostname="127.0.0.1",
        port=0,
        server_hostname="sink",
        authenticator=check,
        auth_require_tls=not implicit,
        **options,
    )
    controller.start()
    url = f"{'smtps' if implicit else 'smtp'}://us%40er:se%2Fcret@127.0.0.1:{controller.port}"
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            send(Server.parse(url), MESSAGE)
        monkeypatch.setenv("SSL_CERT_FILE", path)
        send(Server.parse(url), MESSAGE)
    finally:
        controller.stop()
    assert seen == [(b"us@er", b"se/cret")]
    assert len(sink.mails) == 1


@pytest.mark.parametrize("url", ["", "http://mail", "smtp://", "smtp://h?starttls=maybe", "smtp://h?tls=no", "mail:25"])
def test_a_wrong_server_address_is_refused(url):
    with pytest.raises(ValueError, match="POSTWRIGHT_SMTP_URL"):
        Server.parse(url)


def test_ports_follow_the_scheme():
    assert Server.parse("smtps://h").port == 465
    assert Server.parse("smtp://h").port == 587
    assert Server.parse("smtp://h:25?starttls=never").starttls is False
