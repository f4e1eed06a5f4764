"""SNS: topics, subscriptions and deliveries as AWS has them."""
