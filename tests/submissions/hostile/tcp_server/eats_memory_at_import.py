"""Eats memory when it is imported."""

eaten = []
while True:
    eaten.append(bytearray(2**24))
