"""SQS: queues, their attributes and messages as AWS has them."""
