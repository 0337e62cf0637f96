"""Nothing lost, nothing doubled: workers, senders, brokers and databases that die halfway."""
