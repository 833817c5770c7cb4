"""The levels of isolation, best first. A level is a module here with a class `Level`; nothing else lists them."""
