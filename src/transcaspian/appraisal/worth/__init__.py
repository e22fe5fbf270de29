"""What a measure is worth: with and without turned into time, money, and who has them."""
