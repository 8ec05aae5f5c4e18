"""The models of campaigns, where Django looks for them. Everybody else imports a model from its feature."""

from campaigns.campaigns.models import Campaign
from campaigns.content.models import EmailTemplate
from campaigns.experiments.models import Experiment
from campaigns.letters.models import Letter

__all__ = [
    "Campaign",
    "EmailTemplate",
    "Experiment",
    "Letter",
]
