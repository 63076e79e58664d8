"""Coming in and going out: sign-in, one-time links, sign-out, how the studio looks to this browser."""
