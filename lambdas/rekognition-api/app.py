"""Asks Amazon Rekognition what an uploaded photo shows, and writes it to the photo's item."""

import os
from decimal import Decimal

import boto3
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})
rekognition = boto3.client("rekognition", config=CONFIG)
table = boto3.resource("dynamodb", config=CONFIG).Table(os.environ["TABLE_NAME"])


def handler(event, context):
    bucket, key = uploaded_object(event)
    # Rekognition reads the object itself, with this function's rights.
    image = {"S3Object": {"Bucket": bucket, "Name": key}}
    labels = rekognition.detect_labels(Image=image, MaxLabels=20, MinConfidence=70)
    faces = rekognition.detect_faces(Image=image)

    seen = {
        "labelData": [label_data(label) for label in labels["Labels"]],
        "faceData": [face_data(face) for face in faces["FaceDetails"]],
        # Kept so that a reader of the item can tell Rekognition from a local stand-in.
        "labelModel": labels.get("LabelModelVersion", ""),
    }
    table.update_item(
        Key={"filename": key},
        UpdateExpression="SET labelData = :labels, faceData = :faces, labelModel = :model",
        ExpressionAttributeValues={
            ":labels": decimals(seen["labelData"]),
            ":faces": decimals(seen["faceData"]),
            ":model": seen["labelModel"],
        },
    )
    return seen


def uploaded_object(event):
    """Bucket and key, of a CloudTrail data event or of S3's own event, both as EventBridge brings them.

    Neither URL-encodes the key (only S3's notifications to queues, topics and functions do),
    so it is used as it is: decoding it would turn a '+' into a space.
    """
    detail = event["detail"]
    if "requestParameters" in detail:
        return detail["requestParameters"]["bucketName"], detail["requestParameters"]["key"]
    return detail["bucket"]["name"], detail["object"]["key"]


def label_data(label):
    return {"name": label["Name"], "confidence": round(label["Confidence"], 2)}


def face_data(face):
    box = face["BoundingBox"]
    return {
        "confidence": round(face["Confidence"], 2),
        "boundingBox": {side.lower(): round(box[side], 4) for side in ("Left", "Top", "Width", "Height")},
        "quality": {name.lower(): round(value, 2) for name, value in face.get("Quality", {}).items()},
        "landmarks": [
            {"type": mark["Type"], "x": round(mark["X"], 4), "y": round(mark["Y"], 4)}
            for mark in face.get("Landmarks", [])
        ],
    }


def decimals(value):
    """The same value with its floats as Decimals: boto3 refuses floats for DynamoDB."""
    if isinstance(value, float):
        return Decimal(str(value))  # by way of the text, which is not 64.12000000000000454
    if isinstance(value, list):
        return [decimals(each) for each in value]
    if isinstance(value, dict):
        return {name: decimals(each) for name, each in value.items()}
    return value
