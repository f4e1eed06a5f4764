"""EventBridge: connections and rules as AWS keeps them."""
