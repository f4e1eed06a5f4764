//! treino.
fn main() {}
