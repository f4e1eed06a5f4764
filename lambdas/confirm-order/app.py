"""Confirms an order whose payment was approved."""


def handler(order, context):
    confirmation = {
        "orderId": order["orderId"],
        "status": "CONFIRMED",
        "amount": order["amount"],
        "transactionId": order["payment"]["transactionId"],
        "message": f"Order {order['orderId']} is confirmed: {order['amount']:.2f} was paid.",
    }
    print(confirmation["message"])
    return confirmation
