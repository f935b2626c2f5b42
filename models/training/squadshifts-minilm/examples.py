"""Questions and contexts written for the model's golden examples."""

HARBOUR = (
    "The harbour of Nordvik was built between 1911 and 1916 by the engineer Ada Lindqvist. It has two piers, the longer "
    "of which measures 340 metres, and a lighthouse of red granite. Fishermen use it from March to October; in winter "
    "the bay is frozen."
)
KETTLE = (
    "I bought this kettle for my sister's birthday and she loves it. It boils a litre in under three minutes and the "
    "handle stays cool. My only complaint is the lid, which came loose after two weeks. The shop sent a new one for free."
)
BREAD = (
    "So I finally tried baking bread with rye flour instead of wheat. \U0001f35e The dough was very sticky and my "
    "grandmother told me to wet my hands first. After fourteen hours in the fridge it had doubled. Best loaf I ever made!"
)
ACCENTS = (
    "Zo\u00eb M\u00fcller opened the Caf\u00e9 B\u00e9la in Krak\u00f3w on 3\u00a0May 1998 \u2014 her brother "
    "Andr\u00e9 paid \u20ac4,500 for the espresso machine \u2615\ufe0f."
)
LONG = (
    " ".join(
        f"On day {day} of the voyage the crew logged {day * 17} miles and a calm sea." for day in range(1, 60)
    )
    + " On the last evening the cook, Tomasz, found the missing compass under a sack of potatoes."
)

EXAMPLES = (
    ("Who built the harbour?", HARBOUR),
    ("When was the harbour of Nordvik built?", HARBOUR),
    ("How long is the longer pier?", HARBOUR),
    ("What is the lighthouse made of?", HARBOUR),
    ("Whose birthday was it?", KETTLE),
    ("what came loose", KETTLE),
    ("How long does it take to boil a litre?", KETTLE),
    ("Who said to wet the hands?", BREAD),
    ("Which flour was used?", BREAD),
    ("WHERE DID THE DOUGH REST FOR FOURTEEN HOURS?", BREAD),
    ("Where is the Caf\u00e9 B\u00e9la?", ACCENTS),
    ("How much was the espresso machine?", ACCENTS),
    ("Who found the compass?", LONG),
    ("How many miles were logged on day 3?", LONG),
)
