"""How sure a number is: the range it likely lies in, where things that exist are not all mapped."""
