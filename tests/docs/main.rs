//! What the project says about itself: its scripts, pages and texts agree with the program, and read as English.

mod english;
mod links;
mod options;
mod scripts;
mod words;
