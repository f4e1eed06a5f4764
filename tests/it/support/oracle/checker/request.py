"""A request as the proxy received it."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """Method, path with query, headers with names in lower case, body."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @cached_property
    def path(self) -> str:
        """The path, still quoted; with the bucket first, if that is in the host."""
        path = urlsplit(self.target).path
        bucket = self.bucket_in_host
        return f"/{bucket}{path}" if bucket else path

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The query, unquoted. A `+` is what AWS reads it as, a plus."""
        quoted = urlsplit(self.target).query.replace("+", "%2B")
        return parse_qsl(quoted, keep_blank_values=True)

    @cached_property
    def signing_name(self) -> str:
        """The service of the credential scope: `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
        parts = self.headers.get("authorization", "").split("/")
        return parts[3] if len(parts) > 3 else ""

    @property
    def is_s3(self) -> bool:
        """Whether it is for S3 itself, not S3 Control, which signs alike."""
        control = urlsplit(self.target).path.startswith("/v20180820/")
        return self.signing_name in ("s3", "s3express") and not control

    @property
    def bucket_in_host(self) -> str | None:
        """The bucket of a virtual-hosted request, of an ordinary or a directory bucket."""
        host = self.headers.get("host", "")
        if not self.is_s3 or ".amazonaws." not in host or host.startswith(("s3.", "s3-", "s3express-control.")):
            return None
        for separator in (".s3express-", ".s3.", ".s3-"):
            bucket, found, _ = host.partition(separator)
            if found:
                return bucket
        return None

    def segment(self, quoted: str) -> str:
        """A part of the path, unquoted."""
        return unquote(quoted)
