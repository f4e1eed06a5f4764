"""A simple account register: registers an account, or looks one up.

    {"conta": "0001-9", "titular": "Ana", "saldo": 150}    registers it
    {"conta": "0001-9"}                                    looks it up

Accounts are items of the table TABLE_NAME, whose key `Column` is `conta#NUMBER`.
"""

import os
from decimal import Decimal, InvalidOperation

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


class ContaInvalida(Exception):
    """What was asked for cannot be an account."""


class ContaExistente(Exception):
    """The number is another holder's."""


class ContaInexistente(Exception):
    """There is no account of that number."""


def handler(event, context):
    if not isinstance(event, dict):
        raise ContaInvalida("the input has to be an object with the account's number as `conta`")
    number = text_of(event, "conta")
    if "titular" in event:
        account, found = register(number, text_of(event, "titular"), balance_of(event)), False
    else:
        account, found = look_up(number), True
    print(f"{'found' if found else 'registered'} the account {number}")
    return {
        "conta": number,
        "titular": account["titular"],
        "saldo": str(account["saldo"]),
        "operacao": "consulta" if found else "cadastro",
    }


def text_of(event, field):
    value = event.get(field)
    if not isinstance(value, str) or not value.strip():
        raise ContaInvalida(f"`{field}` has to be a text that is not empty")
    return value.strip()


def balance_of(event):
    value = event.get("saldo", 0)
    try:
        balance = Decimal(str(value))
    except InvalidOperation:
        balance = None
    if isinstance(value, bool) or balance is None or not balance.is_finite() or balance < 0:
        raise ContaInvalida("`saldo` has to be a number that is not negative")
    return balance


def register(number, holder, balance):
    """Registers an account; one that its holder has already stays as it is."""
    account = {"Column": key(number), "titular": holder, "saldo": balance}
    try:
        TABLE.put_item(Item=account, ConditionExpression="attribute_not_exists(#key)",
                       ExpressionAttributeNames={"#key": "Column"})
    except TABLE.meta.client.exceptions.ConditionalCheckFailedException:
        account = look_up(number)
        if account["titular"] != holder:
            raise ContaExistente(f"the account {number} is another holder's") from None
    return account


def look_up(number):
    account = TABLE.get_item(Key={"Column": key(number)}, ConsistentRead=True).get("Item")
    if account is None:
        raise ContaInexistente(f"there is no account {number}; give a `titular` to register it")
    return account


def key(number):
    return f"conta#{number}"
