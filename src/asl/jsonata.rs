//! `JSONata` expressions: `{% ... %}` (stage 2).
