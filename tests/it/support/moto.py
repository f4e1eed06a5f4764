"""moto as a server on a free port of this machine, which it prints; it ends when stdin does."""

import os
import sys
import threading

from moto.s3.responses import S3Response
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def mend(operation, wrong, right):
    """Gives an answer the root element that AWS gives it: without it the Rust SDK reads no bucket."""
    original = getattr(S3Response, operation)

    def mended(self):
        status, headers, body = original(self)
        # A later moto may be right: then this is to go.
        if right not in body and wrong not in body:
            sys.exit(f"{operation} answers otherwise than it did: {body}")
        return status, headers, body if right in body else body.replace(wrong, right)

    setattr(S3Response, operation, mended)


mend("get_bucket_versioning", "GetBucketVersioningResponse", "VersioningConfiguration")
mend("get_bucket_notification", "GetBucketNotificationResponse", "NotificationConfiguration")
# One request after another: under concurrency moto loses updates.
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
print(server.port, flush=True)
server.serve_forever()
