"""The coach's rules: a code, how much it matters, the rule in words, and the question it asks."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["RULES", "SEVERITIES", "Finding", "Rule", "finding"]

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One thing to say about a metric's definition.

    Parameters
    ----------
    code : str
        Name of the rule, such as "output"; `docs/coach.md` lists them.
    severity : {"error", "warning", "info"}
        "error": this is no metric of success. "warning": it can mislead a team. "info": something
        is left open.
    message : str
        The rule, and the words that it was applied to.
    question : str
        The question that rewrites the definition.
    metric : str
        Name of the metric in its catalogue; "" for a statement or a single metric.

    Examples
    --------
    >>> finding("no_date").severity
    'info'
    """

    code: str
    severity: str
    message: str
    question: str
    metric: str = ""

    def __str__(self) -> str:
        """Write the finding as people read it."""
        where = f"{self.metric}: " if self.metric else ""
        return f"{where}{self.severity} ({self.code}): {self.message} {self.question}"


@dataclass(frozen=True)
class Rule:
    """One rule: its severity and its sentences; {words} is what it was applied to."""

    severity: str
    message: str
    question: str


# In the order in which findings are read: first whether it is an outcome at all, then whose, then
# what it counts, then what is left open.
RULES = MappingProxyType(
    {
        "output": Rule(
            "error",
            "{words} is an output: something that the team makes or ships. It can be done while "
            "nobody is better off.",
            "What would success look like: what will people do differently once it is there, and "
            "how would you count that?",
        ),
        "solution_named": Rule(
            "warning",
            "{words} names the solution before the outcome, so no other way of getting there will "
            "be looked for.",
            "What should people be able to do more often, sooner or more reliably, whatever you "
            "change to get there?",
        ),
        "not_measurable": Rule(
            "warning",
            "{words} can't be counted as it stands: two people would disagree whether it was "
            "reached.",
            "What would you see people do, and how often, if it had happened?",
        ),
        "business_outcome": Rule(
            "warning",
            "{words} is a business outcome: a result of what everyone does, seen late. A product "
            "team can't move it directly.",
            "Which change in what customers do comes before it, and can this team bring that "
            "change about?",
        ),
        "things_made": Rule(
            "warning",
            "{words} counts things that users make, not the value that anyone gets from them.",
            "Who benefits from these things, and when? Count that moment: for reviews, views of "
            "courses that include reviews.",
        ),
        "feature_adoption": Rule(
            "warning",
            "{words} counts what people do, such as the use of one feature (traction). They can do "
            "it and not get what they came for.",
            "What did they come to do: did they find what they needed, and what did they do next?",
        ),
        "sentiment_alone": Rule(
            "warning",
            "{words} is sentiment with no behaviour beside it: what people say gives a team no "
            "direction.",
            "Which behaviour goes with it? Aim at that behaviour, without {words} falling below "
            "a level that you state.",
        ),
        "upstream": Rule(
            "warning",
            "{words} lies upstream of the value moment: it is a step that people take before they "
            "get anything.",
            "At which later moment do they get what they came for? Count those who reach it: "
            "hires, not applications.",
        ),
        "volume_without_quality": Rule(
            "warning",
            "{words} counts volume without quality: how many come, not how many are right.",
            "Which of them are good ones, and how do you tell? Count those: good leads, not leads.",
        ),
        "no_customer_value": Rule(
            "warning",
            "{words} can be reached without helping a customer: by reminders, discounts, detours "
            "or another count of the same people.",
            "What do customers have to get done for it to count? Put that into the definition.",
        ),
        "cumulative": Rule(
            "warning",
            "{words} is a cumulative total: it can only grow, whatever the team does.",
            "How many in each period, and how many of those are still there later?",
        ),
        "unstamped_window": Rule(
            "warning",
            "{words} is gathered over a window of time, and it is not said whether its date is "
            "when the window opens (cohort) or when the value is known (availability): a lead "
            "over it may be nothing but the window.",
            "On which date is a value written down: stamped by cohort, or by availability?",
        ),
        "unclassified": Rule(
            "info",
            "The kind of {words} is not declared, so it can be recommended for learning at most.",
            "Is it a business outcome, a product outcome, traction, sentiment or an output?",
        ),
        "no_direction": Rule(
            "info",
            "No direction is given: it is not said whether {words} should go up or down.",
            "Should it go up, down, or stay within limits?",
        ),
        "no_baseline": Rule(
            "info",
            "No baseline is given: nobody can tell how large the change would be.",
            "Where does it stand today, on which count?",
        ),
        "no_date": Rule(
            "info",
            "No date is given: it is not said by when it should be reached.",
            "By when, and when would you first see it move?",
        ),
    }
)


def finding(
    code: str, words: str = "this metric", *, metric: str = "", severity: str = ""
) -> Finding:
    """Apply a rule to some words.

    Parameters
    ----------
    code : str
        A name in `RULES`.
    words : str
        What the rule is applied to.
    metric : str
        Name of the metric in its catalogue.
    severity : str
        Another severity than the rule's own.

    Returns
    -------
    Finding

    Examples
    --------
    >>> finding("cumulative", "'total users'").message[:37]
    "'total users' is a cumulative total: "
    """
    rule = RULES[code]
    return Finding(
        code=code,
        severity=severity or rule.severity,
        message=_capital(rule.message.format(words=words)),
        question=_capital(rule.question.format(words=words)),
        metric=metric,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
