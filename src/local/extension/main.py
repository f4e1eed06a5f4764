"""treino's local AWS: MiniStack with the additions in treino_local, on a loopback address.

    BIND_HOST=127.0.0.1 GATEWAY_PORT=4566 TREINO_LOCAL_SECRET_FILE=... \
        S3_DATA_DIR=... STATE_DIR=... TMPDIR=... python main.py

is two processes: the front, which listens, and the backend behind it, which is MiniStack. It takes MiniStack's
own environment variables, and of ours:

    TREINO_LOCAL_SECRET_FILE=FILE  the secret access key of each account's root; without it, one is made
    TREINO_LOCAL_LOG=FILE          where the log goes, of limited size; else to stdout
    TREINO_LOCAL_WATCH_STDIN=1     end when stdin does (a test that dies takes it along)
    TREINO_LOCAL_FACES=0           look for no faces, even where OpenCV is installed
    TREINO_LOCAL_CHAOS=FILE        what is to fail on purpose, while the file is there
    TREINO_LOCAL_QUEUE_BLOCK=60    how long the name of a deleted queue is blocked, in seconds
"""

import sys

# Installed in this order. Where several replace the same function of MiniStack, the later is asked first, and that
# matters for its lines of a function's log, which functions.invocations does not pass on, and for the credentials of
# functions, which iam.keys makes anew. tests/extension/test_order.py knows every such function.
ADDITIONS = (
    "iam.keys",
    "cloudtrail.events",
    "cloudtrail.trails",
    "s3.buckets",
    "s3.listings",
    "s3.streams",
    "eventbridge.rules",
    "sqs.queues",
    "sqs.messages",
    "sns.topics",
    "sns.subscriptions",
    "sns.publishing",
    "sns.deliveries",
    "functions.permissions",
    "eventbridge.targets",
    "rekognition.service",
    "functions.invocations",
    "step_functions.machines",
    "step_functions.start_and_stop",
    "glacier.vaults",
    "step_functions.sdk_calls",
    "s3.directory_buckets",
    "eventbridge.connections",
    "step_functions.http_tasks",
    "step_functions.sync_executions",
    "iam.resource_arns",
    "iam.simulate",
    "chaos.faults",
    "persistence.saving",
)


def main() -> None:
    if sys.argv[1:] == ["--backend"]:
        from treino_local import backend

        backend.main(ADDITIONS)
    else:
        from treino_local.front import main as front

        front.main()


if __name__ == "__main__":
    main()
