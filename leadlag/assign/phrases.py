"""Phrases of several words that the coach looks for, as patterns on text in lower case."""

from __future__ import annotations

import re

__all__ = [
    "ATTENTION_PHRASE",
    "IS_ACTIVE",
    "PERIOD",
    "SENTIMENT_PHRASE",
    "STAMP",
    "TOTAL",
    "WINDOW",
]

STAMP = re.compile(r"stamp|cohort|availab|as of the day|when (?:it is |the value is )?known|matur")
WINDOW = re.compile(
    r"\b(?:trailing|rolling)\b|\b(?:first|second|third)[- ](?:day|week|month|quarter|year)\s+"
    r"(?:\w+\s+){0,2}(?:retention|churn|survival|return rate)"
    r"|\b(?:day|week|month)[- ]?\d+\s+(?:\w+\s+){0,2}(?:retention|repeat"
    r"|return|churn|survival|active|activation)"
    r"|\b[dwm]-?\d+\s+(?:\w+\s+){0,2}(?:retention|repeat|return|survival)"
    r"|\b(?:retention|repeat rate|survival|return rate)\s+(?:at|after|on|over)\s+(?:day\s+)?\d+"
    r"|\b(?:\d+(?:st|nd|rd|th)?|one|two|three|four|six|seven|nine|ten|twelve|thirty|sixty|ninety)"
    r"[- ](?:day|week|month|year)s?\s+(?:\w+\s+){0,3}(?:retention|repeat|"
    r"return|retained|active|actives|reorder|repurchase|survival|churn|average|persistence|renewal|"
    r"attrition|readmission|default|revisit|stickiness|conversion|sum|total)"
    r"|\b(?:retention|repeat|churn|repurchase)\w*\s+(?:rate\s+)?(?:\w+\s+)?\d+\s?d\b"
    r"|\b(?:retention|repeat|repurchase|reorder|renewal|churn|return)(?:\s+(?:purchase\s+)?rate)?\s+"
    r"(?:in|over|within)\s+(?:the\s+first\s+)?\d+"
)
TOTAL = re.compile(
    r"\bcumulative|\bto[- ]date\b|\ball[- ]time\b|\bsince (?:launch|inception|the launch|we|the "
    r"start|the beginning|day one|founding|\d{4})|\bever\b|\bso far\b|\bin total\b|\brunning total"
    r"|\blifetime (?:number|count|downloads|users|orders|sign|customers|views|installs|plays|total)"
    r"|\b(?:total|overall)\s+(?:number|count)\s+of\b"
    r"|\b(?:total|overall)\s+(?:\w+\s+){0,2}(?:users|customers|members"
    r"|accounts|signups|registrations|downloads|installs|orders|subscribers|followers|students"
    r"|learners|patients|players|listings|downloads|views|plays|streams|shipments|merchants|drivers"
    r"|sellers|hosts|clients|visits|visitors|donations|enrol+ments|transactions|sales|reviews"
    r"|posts|uploads|applications|bookings|leads|rides|trips|deliveries|courses)\b"
    r"|\b(?:total )?registered (?:users|accounts|members|customers|players)\b"
)
PERIOD = re.compile(
    r"\b(?:per|each|every|a|in a|this|next)\s+(?:calendar\s+)?(?:hour|day|week|month|quarter|year)"
    r"|\b(?:daily|weekly|monthly|quarterly|yearly|annual|hourly|new)\b"
)
SENTIMENT_PHRASE = re.compile(
    r"effort score|(?:employee|staff|team) engagement|"
    r"\brates? (?:the|their|our|us|it)\b|net promoter|likel(?:y|ihood) to recommend"
    r"|willingness to recommend|customer effort"
    r"|(?:app store|star|user|average|customer|patient|guest|driver|course|seller) ratings?"
    r"|\bfeel(?:ing)?s?\b|thumbs[- ]up|would recommend|"
    r"(?:love|like|enjoy|trust)s? (?:us|our|the|it)"
    r"|smil(?:e|es|ey)\b|pulse survey|survey score"
    r"|satisf(?:y|ied)|happier|happy|disappointed|delighted"
    r"|(?<![-\w])stars?$"
    r"|say (?:that )?(?:they|it|the|our|we)\b|report (?:being|feeling)"
)
ATTENTION_PHRASE = re.compile(
    r"\b(?:daily|weekly|monthly|28-day|30-day|7-day) (?:\w+ )?active"
    r"|\b(?:time|minutes|hours) (?:spent )?(?:on|in) (?:the )?"
    r"(?:site|app|page|platform|product|game)"
    r"|\btime spent\b|\bsession (?:length|duration|time)"
    r"|\b(?:minutes|hours|time) (?:listened|watched|viewed|played|streamed|spent|read)"
    r"|\b(?:minutes|hours|time) of (?:listening|watching|viewing|reading|play(?:ing|time)?)\b"
    r"|\b(?:reading|browsing|watching|playing|screen|dwell|viewing|listening|session|play) time\b"
    r"|\b(?:listening|watching|viewing|reading|playing|streaming|screen) (?:hours|minutes)\b"
    r"|\bopen rates?\b|\bclickthrough rates?|\bclick rates?|\bbounce rates?|\bengagement rates?"
    r"|\bpages? per (?:session|visit)|\bscroll depth"
    r"|\b(?:free|trial|visit|visitor|lead|cart|search|click|view|install|signup|browse|look)s?"
    r"[- ]to[- ]\w+ rates?\b"
    r"|\bconversions?(?: rates?)?$|\bconversion rates?\b|\bvideo (?:views|plays)"
    r"|\bhandl(?:e|ing) times?|\bdau\b|\bmau\b|\bwau\b"
)
IS_ACTIVE = re.compile(r"(?:are|were|is|stay|remain) active\b")
