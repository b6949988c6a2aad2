"""A certificate authority of our own for the servers on loopback, made with openssl once per folder."""
import pathlib
import subprocess


def openssl(*arguments: str, folder: pathlib.Path) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")


def make_authority(folder: pathlib.Path, name: str = "Test CA") -> pathlib.Path:
    """ca.pem and ca.key in `folder`; gives the certificate's path."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", "ca.key", "-out", "ca.pem", folder=folder)
    return folder / "ca.pem"


def make_server_certificate(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """server.pem and server.key for localhost, mail.desk.example and 127.0.0.1, signed by the authority in `folder`."""
    return make_certificate(folder, "server", "localhost",
                            "subjectAltName=DNS:localhost,DNS:mail.desk.example,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")


def make_client_certificate(folder: pathlib.Path, user: str) -> tuple[pathlib.Path, pathlib.Path]:
    """client.pem and client.key of that user, signed by the authority in `folder`."""
    return make_certificate(folder, "client", user, "extendedKeyUsage=clientAuth\n")


def make_certificate(folder: pathlib.Path, file: str, name: str, extensions: str) -> tuple[pathlib.Path, pathlib.Path]:
    (folder / f"{file}.ext").write_text(extensions)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{file}.key", "-out", f"{file}.csr", folder=folder)
    openssl("x509", "-req", "-in", f"{file}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{file}.ext", "-out", f"{file}.pem", folder=folder)
    return folder / f"{file}.pem", folder / f"{file}.key"
