//! Reports in files: read back, put together and judged again.

pub mod load;
