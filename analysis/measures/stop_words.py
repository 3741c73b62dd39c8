"""Words that say how English is built and not what a person talks about.

Reviewed like code: no content word of health or social care is in it, and the words that interviews
are full of (know, just, like, really) stay out of it where they can carry meaning.
"""

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any anyone anything are aren't as at be because
    been before being below between both but by can can't cannot could couldn't did didn't do does
    doesn't doing don't down during each everyone everything few for from further get gets getting got
    had hadn't has hasn't have haven't having he he'd he'll he's her here hers herself him himself his
    how i i'd i'll i'm i've if in into is isn't it it'd it'll it's its itself let's me more most mustn't
    my myself no nor not nothing of off on once only or other ought our ours ourselves out over own same
    she she'd she'll she's should shouldn't so some someone something such than that that'll that's the
    their theirs them themselves then there there'll there's these they they'd they'll they're they've
    this those through to too under until up us very was wasn't we we'd we'll we're we've were weren't
    what what's when where which while who who's whom why will with won't would wouldn't you you'd
    you'll you're you've your yours yourself yourselves
    """.split()  # noqa: SIM905 - a list of 150 quoted words cannot be reviewed
)
