//! The bounds of every histogram of durations.

/// Upper bounds in seconds, as the MCP conventions give them. A latency objective's threshold must be one of them:
/// only there does a histogram know how many calls were quicker.
pub const DURATION_BOUNDS_SECONDS: [f64; 14] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];
