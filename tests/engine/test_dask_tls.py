"""An encrypted cluster, with certificates of the test's own."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from simulation.engine.cluster import Cluster, Tls, cluster_from
from simulation.errors import InputError
from tests.comparing import numbers
from tests.docs.running import CERTIFICATES

trustme = pytest.importorskip("trustme")
distributed = pytest.importorskip("distributed")

ADDRESS = "tls://127.0.0.1:1"


def authority(folder: Path) -> Tls:
    """An authority, and a certificate that it signed."""
    folder.mkdir(parents=True, exist_ok=True)
    issuer = trustme.CA()
    issued = issuer.issue_cert("127.0.0.1")
    files = Tls(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    issuer.cert_pem.write_to_path(files.ca)
    files.cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(files.key)
    return files


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Tls:
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> Tls:
    return authority(tmp_path_factory.mktemp("others"))


@pytest.fixture
def encrypted(fragile, files):
    options = [f"--tls-ca-file={files.ca}", f"--tls-cert={files.cert}", f"--tls-key={files.key}"]
    security = Cluster(ADDRESS, files).security(distributed)
    return fragile(2, scheduler=options, worker=options, security=security)


@pytest.mark.full
def test_an_encrypted_cluster_gives_the_same_bits(comparison, encrypted, files, others, tmp_path):
    assert encrypted.address.startswith("tls://")
    remote = comparison("there", scheduler=Cluster(encrypted.address, files))
    assert numbers(remote.folder) == numbers(comparison("here", workers=2).folder)
    # with the certificates of another authority nothing is said to it, nor without any
    plain = encrypted.address.replace("tls://", "tcp://")
    for where in (Cluster(encrypted.address, others), Cluster(plain)):
        with pytest.raises(InputError, match="no Dask scheduler answers there"):
            comparison("refused", scheduler=where)
    # one that pretends to be the cluster, with certificates of its own, is not spoken to either
    mixed = replace(files, ca=others.ca)
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        comparison("refused", scheduler=Cluster(encrypted.address, mixed))
    assert not (tmp_path / "refused").exists()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_certificates_of_the_page_can_be_used(tmp_path):
    for command in CERTIFICATES:
        subprocess.run(shlex.split(command), cwd=tmp_path, check=True, capture_output=True)
    names = ("ca.pem", "cert.pem", "key.pem")
    cluster_from(ADDRESS, *(tmp_path / name for name in names)).check()
