//! What is understood of what people write.
