"""Stands for a payment service: approves a payment or declines it, always the same for the same order."""

import hashlib
import os

# Read once per execution environment, so that a bad value shows at the first call.
LIMIT = float(os.environ["PAYMENT_LIMIT"])


def handler(order, context):
    reason = refusal(order)
    if reason:
        # An expected answer and no failure of this function: the state machine chooses what follows.
        payment = {"status": "DECLINED", "reason": reason}
    else:
        payment = {"status": "APPROVED", "transactionId": transaction(order)}
    print(f"payment for order {order['orderId']}: {payment['status']}")
    return {**order, "payment": payment}


def refusal(order):
    """Why the payment is declined, or None."""
    # Payment services have test cards that always do the same thing. This is ours.
    if order["card"] == "declined":
        return "the card was declined"
    if order["amount"] > LIMIT:
        return f"{order['amount']:.2f} is above the limit of {LIMIT:.2f}"
    return None


def transaction(order):
    """Follows from the order, so that a retry is the same payment and not a second one."""
    digest = hashlib.sha256(f"{order['orderId']} {order['amount']:.2f}".encode()).hexdigest()
    return f"pay-{digest[:12]}"
