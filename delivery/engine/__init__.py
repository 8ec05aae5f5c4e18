"""The sending engine: freeze an audience, merge, send through a mail server, and know what became of each message.

Read `docs/sending.md` first. In the order of a message's life: `freeze`, `compile`, `merge`, `claims`, `journal`,
`smtp`, `deliver`, `recover`, `partitions`.
"""
