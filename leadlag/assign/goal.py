"""What a goal says beside the thing it measures: direction, size, baseline, date."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Goal", "read_goal"]

_NUMBER = (
    r"(?:[€$£¥]\s?)?\d[\d.,]*(?:\s?(?:%|k\b|m\b|bn\b|million|billion|thousand"
    r"|percent(?:age points)?|pp\b|points?|euros?|dollars?|pounds?))?"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|zero|a dozen|half|a)"
    r"(?:\s(?:hundred|thousand|million|billion))\b"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|zero|a dozen|half)\b"
)
_UNIT = (
    r"(?:\s?(?:seconds?|minutes?|hours?|days?|weeks?|months?|stars?|users?|people|times?)\b"
    r"(?!\s+retention))?"
)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
_NAMED = (
    rf"(?:{_MONTH}|q[1-4]|h[12]|fy\s?'?\d*|20[2-4]\d|spring|summer|autumn|fall|winter|christmas"
    r"|easter|black friday|thanksgiving|ramadan|diwali|eoy|eoq|year[- ]end|quarter[- ]end"
    r"|month[- ]end|launch day|new year|midyear|mid-year)"
)
_SPAN = (
    r"(?:quarter|year|month|week|season|sprint|semester|term|half|holidays?|weekend|cycle|day"
    r"|deadline|audit|election|sales|conference|release|decade|tomorrow|monday|friday)"
)
_OF_A_PERSON = r"(?!\s+(?:of|after|from|on|since|as)\b)"
_COUNT = r"(?:\d+|one|two|three|four|five|six|nine|ten|twelve|eighteen)"
_BEFORE_DATE = r"(?:by|before|until|till|through|throughout|no later than|ahead of)"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_BEFORE_DATE}\s+(?:[\w'’]+\s+){{0,5}}?(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_NAMED}\b"
        r"(?:'s\s+end|\s+\d{1,4}(?:st|nd|rd|th)?\b|\s+(?:season|sales|holidays?|term|quarter|audit|"
        r"release|intake|deadline))*",
        rf"\b{_BEFORE_DATE}\s+(?:the|next|this|end|our|its|their|close|peak|high)\s+"
        rf"(?:[\w'’]+\s+){{0,4}}?{_SPAN}(?:['’]s)?(?:\s+end)?\b"
        r"(?!\s+(?:team|department|people|force|staff|rep|manager|agent)s?\b)",
        r"\b(?:by|before|until|on)\s+(?:\d{4}-\d{2}(?:-\d{2})?|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)\b",
        rf"\b(?:in|during|for|over|within|at|come|from)\s+(?:the\s+|fiscal\s+|early\s+|late\s+"
        rf"|mid-?\s?|coming\s+|end of\s+|next\s+|this\s+|first half of\s+){{0,3}}{_NAMED}\b"
        # "Installs from the spring campaign" names a campaign.
        rf"(?:\s+\d{{4}}|\s+{_SPAN}s?)?(?!\s+(?:campaign|collection|cohort|edition|class|intake"
        r"|newsletter|promotion|event|catalogue|menu)s?\b)",
        rf"\b(?:at|in|over|during|within|for)\s+the\s+(?:end\s+of\s+(?:the|this|next)\s+)?(?:next|"
        rf"coming|current|following)\s+(?:{_COUNT}\s+)?{_SPAN}s?\b",
        r"\b(?:in|during|over|within)\s+the\s+(?:first|second|third|fourth|last)\s+(?:quarter|half)"
        r"\b(?:\s+of\s+(?:the|this|next)\s+year\b|(?!\s+of\b))",
        rf"\bat\s+(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?{_SPAN}\b",
        rf"\b(?:this|next|coming)\s+(?:fiscal\s+|financial\s+|calendar\s+|school\s+|academic\s+)?"
        rf"{_SPAN}\b",
        rf"\b(?:within|in)\s+{_COUNT}\s+(?:months|quarters|years|sprints)\b{_OF_A_PERSON}",
        rf"\bwithin\s+(?:a|one|the)\s+(?:quarter|year|month)\b{_OF_A_PERSON}",
        r"\b(?:q[1-4]|h[12])(?:\s+20\d\d)?\b",
        r"\b(?:eoy|eoq|eom|year[- ]end|quarter[- ]end|month[- ]end|by then|overnight)\b",
    )
)
_FROM_TO = re.compile(
    rf",?\s*(?:\b(?:up|down)\s+)?\bfrom\s+(?:about\s+|roughly\s+|under\s+|over\s+|around\s+)?"
    rf"(?:{_NUMBER}){_UNIT}(?:\s+(?:a|an|per|each)\s+\w+)?"
    rf"(?:\s+\((?:[^)]*)\))?(?:\s*,)?\s+(?:up\s+|down\s+)?to\s+(?:at least\s+|below\s+|under\s+|"
    rf"about\s+|above\s+|over\s+)?(?:{_NUMBER}){_UNIT}"
    rf"|[:,]\s*(?:{_NUMBER}){_UNIT}\s*(?:to|now, then)\s+(?:{_NUMBER}){_UNIT}"
    rf"|(?:{_NUMBER}){_UNIT}\s*(?:->|→|-->|=>)\s*(?:{_NUMBER}){_UNIT}"
)
_SIZE = re.compile(
    rf"\b(?:by|to|above|below|at least|at most|under|over|beyond|past)\s+"
    rf"(?:at least\s+|about\s+|more than\s+|below\s+|under\s+|above\s+)?(?:{_NUMBER}){_UNIT}"
    rf"|\bof\s+(?:[€$£¥]\s?\d[\d.,]*(?:\s?(?:k|m|bn|million))?|\d[\d.,]*\s?(?:%|percent))(?=\s*(?:$|,))"
    r"|\b(?:under|over|below|above)\s+(?:half\s+)?an?\s+(?:second|minute|hour|day|week|month)\b"
    r"|(?<!out )\bof\s+\d[\d.,]*\s*(?:$|(?=,))"
    r"|\bby\s+(?:a\s+|one\s+|two\s+)?(?:third|half|quarter|fifth|tenth)s?\b"
)
# "Downloads should pass two million" moves downloads; "users who reach 50 points" do something.
_REACHES = re.compile(
    rf"(?<=\w)\s+(?:(?:should|will|must|to)\s+)?(?:reach(?:es)?|hits?|exceeds?|surpass(?:es)?"
    rf"|pass(?:es)?)\s+(?:{_NUMBER}){_UNIT}\s*(?=$|,)"
)
_BASELINE = re.compile(
    rf"\b(?:currently|today|baseline|at present|right now|(?:up|down)\s+from\s+(?:{_NUMBER}|last|"
    r"the)|starting (?:at|from)|versus|vs\.?|compared (?:to|with)|against last|last (?:year|quarter"
    r"|month|week|season)['’]?s?|the previous|year[- ]on[- ]year|year[- ]over[- ]year|yoy|mom|qoq"
    rf"|now\s+(?:at\s+)?(?:{_NUMBER})|was\s+(?:{_NUMBER})|is\s+(?:{_NUMBER})\s+(?:now|today)"
    rf"|from\s+(?:today's\s+|the current\s+|about\s+)?(?:{_NUMBER}))"
)
# "76 % now, 90 % by spring", "84 % this year, 90 % next year".
_NOW_THEN = re.compile(
    rf"[:,]?\s*\b(?:{_NUMBER}){_UNIT}\s+(?:right now|now|today|currently|at present"
    r"|this \w+|last \w+)\s*[,;]?\s+"
    rf"(?:and\s+|then\s+|to\s+|target\s+|aiming (?:for|at)\s+)?(?:{_NUMBER}){_UNIT}"
)
_PACE = re.compile(
    r"\b(day|week|month|quarter|year)[- ](?:on|over|by)[- ]\1\b|\b(?:yoy|qoq|mom|wow)\b"
)
_MORE = re.compile(
    r"(?<!\bor )\b(?:more(?! than)|higher|faster|sooner|longer|better|larger|happier|bigger"
    r"|earlier)\b"
)
_LESS = re.compile(
    r"(?<!\bor )\b(?:fewer(?! than)|less(?! than)|lower|slower|shorter|smaller|later|cheaper)\b"
)
_LIMIT = re.compile(r"\b(?:stays?|remains?|holds?|keeps?|no (?:more|less|fewer) than|never)\b")
_CHANGE = re.compile(r"\b(up|down)\b")


@dataclass(frozen=True)
class Goal:
    """What a goal says beside what it measures; `core` is the text without it.

    Parameters
    ----------
    core : str
        The text without size, baseline and date.
    moves : bool
        Whether a move is given: "from 3 to 5", "by 20 %", "up", "more".
    steps : bool
        Whether both ends of the move are given.
    baseline, date : bool
        Whether they are given.
    moves_by_number : bool
        Whether the move is given as a number.
    falls : bool
        Whether the move is one down.
    """

    core: str
    moves: bool
    steps: bool
    baseline: bool
    date: bool
    moves_by_number: bool
    falls: bool = False


def read_goal(text: str) -> Goal:
    """Find direction, size, baseline and date of a goal, and take them off.

    Parameters
    ----------
    text : str
        In lower case.

    Returns
    -------
    Goal

    Examples
    --------
    >>> goal = read_goal("hires who stay six months, from 55 % to 65 % by the end of q3")
    >>> goal.core, goal.steps, goal.baseline, goal.date
    ('hires who stay six months', True, True, True)
    >>> read_goal("share of orders paid within 30 days of the invoice").date
    False
    """
    # "12 % month on month" is a pace, not a date.
    dated = _PACE.sub(" ", text)
    then = _NOW_THEN.sub(" ", dated)
    told, dated = then != dated, then
    paceless = dated
    for pattern in _DATES:
        dated = pattern.sub(" ", dated)
    date = dated != paceless
    sized = _FROM_TO.sub(" ", dated)
    steps = sized != dated or told
    baseline = steps or bool(_BASELINE.search(dated)) or bool(_PACE.search(text))
    sized = re.sub(rf"\b(?:up|down)\s+from\s+(?:{_NUMBER})", " ", sized)
    core = _SIZE.sub(" ", sized)
    if not re.search(r"\b(?:who|that|which)\b", core):
        core = _REACHES.sub(" ", core)
    by_number = steps or core != sized
    moves = by_number or bool(_MORE.search(core) or _LESS.search(core))
    moves = moves or bool(_LIMIT.search(core)) or bool(_CHANGE.search(dated))
    text = " ".join(core.split()).strip(" ,.;:")
    return Goal(text, moves, steps, baseline, date, by_number, _falls(dated))


def _falls(text: str) -> bool:
    """Whether "down" is said, or a number is followed by a lower one."""
    if re.search(r"\bdown (?:from|to|by)\b", text):
        return True
    found = _FROM_TO.search(text)
    if not found:
        return False
    ends = [
        float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", found[0])
    ]
    return len(ends) == 2 and ends[1] < ends[0]
