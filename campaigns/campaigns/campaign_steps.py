"""The eight steps of a campaign, and where it is in its cycle: what is done, what is next, what is missing."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from campaigns.campaigns.models import Campaign
from campaigns.experiments.models import Experiment
from delivery.sends.authors import Problem
from delivery.sends.channels import channel_of
from delivery.sends.launch import launch_problems
from delivery.sends.models import Send
from delivery.sends.states import BEFORE_START, WAITING_FOR_START

BEFORE_LAUNCH = ("plan", "create", "content", "offer", "test")
TITLES: dict[str, str | Promise] = {
    "plan": gettext_lazy("Plan"),
    "create": gettext_lazy("Create"),
    "content": gettext_lazy("Content"),
    "offer": gettext_lazy("Offer"),
    "test": gettext_lazy("Test"),
    "send": gettext_lazy("Send"),
    "monitor": gettext_lazy("Monitor"),
    "optimise": gettext_lazy("Optimise"),
}


@dataclass(frozen=True)
class Step:
    """One step as the side of the page shows it; `state`: done, current, todo or problem."""

    code: str
    title: str | Promise
    note: str
    state: str
    url: str
    active: bool = False


@dataclass(frozen=True)
class Cycle:
    """A campaign in its cycle; `next_step` is where one should go on."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    next_step: str

    def problems_of(self, step: str) -> list[Problem]:
        return [problem for problem in self.problems if problem.step == step]


def cycle_of(campaign: Campaign, active: str = "") -> Cycle:
    """Where `campaign` is. Before launch the steps with something missing say what; afterwards it is watched."""
    send = campaign.send
    experiment = Experiment.objects.filter(send=send).first()
    drafting = send.state == Send.State.DRAFT
    problems = tuple(launch_problems(send)) if drafting else ()
    next_step = _next(send, problems, experiment)
    steps = []
    for code, title in TITLES.items():
        missing = [problem for problem in problems if problem.step == code]
        steps.append(
            Step(
                code,
                title,
                _note(code, campaign, missing, experiment),
                _state(code, next_step, missing, send, experiment),
                reverse(f"campaign_{code}", kwargs={"public_id": campaign.public_id}),
                code == active,
            )
        )
    return Cycle(tuple(steps), problems, next_step)


def _next(send: Send, problems: tuple[Problem, ...], experiment: Experiment | None) -> str:
    if problems:
        return problems[0].step
    if send.state in BEFORE_START:
        return "send"
    if send.state == Send.State.FINISHED and experiment is not None:
        return "optimise"
    return "monitor"


def _state(code: str, next_step: str, missing: list[Problem], send: Send, experiment: Experiment | None) -> str:
    launched = send.state not in BEFORE_START
    if code in BEFORE_LAUNCH:
        if missing:
            return "problem"
        return "done"
    if code == "send":
        if send.state in {Send.State.LATE, Send.State.HELD}:
            return "problem"
        return "done" if launched else "current" if next_step == "send" else "todo"
    if code == "monitor":
        if send.state == Send.State.STOPPED:
            return "problem"
        return "done" if send.state == Send.State.FINISHED else "current" if launched else "todo"
    concluded = experiment is not None and experiment.concluded_at is not None
    return "done" if concluded else "current" if next_step == "optimise" else "todo"


def _note(code: str, campaign: Campaign, missing: list[Problem], experiment: Experiment | None) -> str:
    if missing:
        if len(missing) == 1:
            return missing[0].message
        return ngettext("%(count)s item missing", "%(count)s items missing", len(missing)) % {"count": len(missing)}
    send = campaign.send
    if code == "plan":
        return str(campaign.segment or "")
    if code == "create":
        return channel_of(send).sender_name(send)
    if code == "test" and experiment is not None:
        return str(experiment.get_metric_display())
    if code == "optimise" and experiment is not None and experiment.concluded_at:
        return str(experiment.get_verdict_display())
    if code == "monitor" and send.state not in BEFORE_START:
        return str(send.get_state_display())
    if code == "send" and send.state in WAITING_FOR_START:
        return str(send.get_state_display())
    return ""
