"""Opens and clicks: answered ahead of Django, appended to a Redis stream, collected into the event table.

`app` answers, `appender` makes an event durable before the answer leaves, `collect` moves events to Postgres exactly
once and sums them up, `machines` tells people from programs.
"""
