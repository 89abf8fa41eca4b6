//! A fake Azure for the tests and the demo.
