//! What the project says about itself: its scripts, pages and texts agree with the program, and read as English.

mod options;
mod scripts;
