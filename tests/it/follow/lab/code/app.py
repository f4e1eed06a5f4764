import logging

logging.getLogger().setLevel("INFO")


class Unlucky(Exception):
    pass


class Broken(Exception):
    pass


def handler(event, context):
    print(f"worker got {event.get('n')}")
    if event.get("attempt", 2) < 2:
        raise Unlucky(f"not yet, at attempt {event['attempt']}")
    if event.get("break"):
        deeper(event)
    return {"n": event.get("n", 0), "large": event.get("n", 0) > 10}


def deeper(event):
    raise Broken(f"item {event.get('n')} is broken")


def talk(event, context):
    if event.get("quiet"):
        return {}
    print("talker says", event["words"])
    print("first line\nsecond line")
    return {"said": event["words"]}
