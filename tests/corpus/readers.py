"""How a case of the corpus is put to the program: one function for each kind, `case -> what came out` as a plain dict.

A reader raises what the program raises; the test then looks for the sentence in it. Only what a case names is compared,
so a reader may return more than any one case asks for.
"""

READERS = {}
