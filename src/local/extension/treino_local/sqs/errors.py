"""SQS's errors; the protocol's two names of each are MiniStack's to know."""

from ministack.services import sqs

from treino_local import patching

Error: type[Exception] = patching.of(sqs, "_Err", type)


def unknown_attribute(name: str) -> Exception:
    return Error("InvalidAttributeName", f"Unknown Attribute {name}.")


def bad_attribute(name: str, reason: str = "") -> Exception:
    why = f" Reason: {reason}" if reason else ""
    return Error("InvalidAttributeValue", f"Invalid value for the parameter {name}.{why}")


def bad_parameter(name: str, value: object, reason: str) -> Exception:
    message = f"Value {value} for parameter {name} is invalid. Reason: {reason}"
    return Error("InvalidParameterValue", message)


def missing(name: str) -> Exception:
    return Error("MissingParameter", f"The request must contain the parameter {name}.")
