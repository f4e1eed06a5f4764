//! That waits end: on paused time, without a network.
