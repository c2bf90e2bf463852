"""Many runs at once: what a lab is made of, how it trains, what its stages show."""
