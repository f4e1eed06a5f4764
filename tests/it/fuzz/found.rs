//! What was found: each input once more, as small as it was when it was mended.
