"""Checks an order, and hands on what the functions after it need, and nothing else."""

# What an order that names only its `orderId`, such as the tutorial's, comes to.
USUAL_AMOUNT = 99.9
LARGEST_AMOUNT = 1_000_000
EXAMPLES = {"orderId": "12345", "card": "valid"}


class OrderInvalid(Exception):
    """The order cannot be processed. The state machine catches this name."""


def handler(order, context):
    if not isinstance(order, dict):
        raise OrderInvalid('the order has to be an object such as {"orderId": "12345"}')
    checked = {
        "orderId": text(order, "orderId"),
        "amount": amount(order.get("amount", USUAL_AMOUNT)),
        "card": text(order, "card") if "card" in order else "valid",
    }
    print(f"order {checked['orderId']} is valid")
    return checked


def text(order, field):
    value = order.get(field)
    if value is None:
        raise OrderInvalid(f'the order has no {field}; write it as in {{"{field}": "{EXAMPLES[field]}"}}')
    if not isinstance(value, str) or not value.strip():
        raise OrderInvalid(f'the {field} has to be a text that is not empty, such as "{EXAMPLES[field]}"')
    return value.strip()


def amount(value):
    # True and False are numbers to Python, but no amounts.
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value <= LARGEST_AMOUNT or round(value, 2) != value:
        raise OrderInvalid(
            f"the amount has to be a number above 0 and up to {LARGEST_AMOUNT}, with two decimals at most"
        )
    return value
