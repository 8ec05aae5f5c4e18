"""Looking at a sending domain's DNS and remembering what was found; what follows for a launch."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import User
from core.errors import DomainError, TransportError
from core.models import Job
from core.services.jobs import job_claim, job_fail, job_finish, job_progress, job_start
from delivery.domains.checks.domain_check import KeyRecord, Place, Subject, domain_check, worst
from delivery.domains.checks.finding_text import worst_sentence
from delivery.domains.checks.resolve import Lookup
from delivery.domains.models import DkimKey, SendingDomain, domain_of
from delivery.domains.services.signing import dkim_key_activate, domain_ensure
from delivery.senders.models import SendingIdentity
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.smtp import Server

CHECK_AGAIN = timedelta(days=7)
Level = SendingDomain.Level


def is_local(url: str) -> bool:
    """Whether a mail server is this machine's own (the catcher, a relay): the world does not judge what it gets."""
    try:
        host = Server.of(url).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except TransportError:
        return False
    except ValueError:
        return False


def identity_urls(identity: SendingIdentity) -> list[str]:
    """The mail servers an identity sends through."""
    return [use.provider.place for use in identity.uses.usable()] or [settings.EMAIL_URL]


def is_exempt(identity: SendingIdentity) -> bool:
    return all(is_local(url) for url in identity_urls(identity))


def identities_of(domain: SendingDomain) -> list[SendingIdentity]:
    """The senders in use whose address is at this domain."""
    return [one for one in SendingIdentity.objects.active() if domain_of(one.from_address) == domain.name]


def subject_of(domain: SendingDomain) -> Subject:
    """What is checked of a domain: its keys, its servers, where its bounces go."""
    identities = identities_of(domain)
    keys = [
        KeyRecord(key.host, key.algorithm, key.public, key.state, key.record) for key in domain.keys.published()
    ] + [KeyRecord(f"{selector}._domainkey.{domain.name}") for selector in domain.selectors]
    places: dict[Place, None] = {}
    for identity in identities:
        leaves = {use.provider.place: use.provider.addresses for use in identity.uses.usable()}
        for url in identity_urls(identity):
            if not is_local(url):
                if ApiServer.speaks(url):
                    places[Place(url.partition(":")[0], by_api=True)] = None
                    continue
                server = Server.of(url)
                places[Place(server.host, bool(server.security), leaves.get(url, ()))] = None
    returns = {domain_of(one.bounce_address or one.from_address) for one in identities}
    return Subject(domain.name, tuple(keys), tuple(places), tuple(sorted(returns)), domain.is_signed)


def domain_look(*, domain: SendingDomain, within: float | None = None) -> SendingDomain:
    """Ask the DNS now and keep the findings. Silence of name servers neither breaks a domain nor mends it; where there
    was no time (`within` seconds) to wait for them, it leaves the findings as they were."""
    checked = domain_check(subject_of(domain), Lookup(within=within))
    if within is not None and not checked.is_known:
        return domain
    now = timezone.now()
    level = worst(checked.findings)
    changes = {"findings": checked.findings, "level": level, "checked_at": now}
    if level == Level.GOOD:
        changes |= {"well_at": now, "broken_at": None}
    elif checked.is_known and domain.well_at is not None and domain.broken_at is None:
        changes["broken_at"] = now
    SendingDomain.objects.filter(pk=domain.pk).update(**changes)
    domain.refresh_from_db()
    return domain


def identity_look(*, identity: SendingIdentity, older_than: timedelta | None = None) -> None:
    """Look at a sender's domain before it sends: where nobody ever did, or the last look is older than that. Waits for
    the name servers for a few seconds only (`DNS_LAUNCH_SECONDS`)."""
    if is_exempt(identity):
        return
    domain = domain_ensure(address=identity.from_address)
    is_old = older_than is not None and domain.checked_at and domain.checked_at < timezone.now() - older_than
    if domain.checked_at is None or is_old:
        domain_look(domain=domain, within=settings.DNS_LAUNCH_SECONDS)


@transaction.atomic
def domain_check_start(*, domain: SendingDomain, actor: User | None) -> Job:
    """Have a worker look at the domain; the job says when it is done."""
    return job_start(
        kind="domain_check",
        task="delivery.check_domain",
        actor_id=actor.pk if actor else None,
        label=domain.name,
        domain_id=domain.pk,
    )


def domain_check_run(*, job_id: int) -> None:
    """The work of that job."""
    job = job_claim(job_id=job_id)
    if job is None:
        return
    domain = SendingDomain.objects.filter(pk=job.parameters["domain_id"]).first()
    if domain is None:
        job_fail(job=job, error=_("This domain is not there any more."))
        return
    job_progress(job=job, done=0, step=_("Checking the DNS of %(domain)s") % {"domain": domain.name})
    domain_look(domain=domain)
    job_finish(job=job, result={"domain": domain.name, "level": domain.level})


def domains_recheck() -> int:
    """Look again at every domain in use that was last looked at a week ago; how many."""
    due = SendingDomain.objects.filter(Q(checked_at=None) | Q(checked_at__lt=timezone.now() - CHECK_AGAIN))
    count = 0
    for domain in due:
        if identities_of(domain):
            domain_look(domain=domain)
            count += 1
    return count


@dataclass(frozen=True)
class Verdict:
    """What the last check means for a launch: `level` good, warn, refuse, or exempt; the reason in words."""

    level: str
    code: str
    message: str
    domain: SendingDomain | None = None


def identity_verdict(identity: SendingIdentity) -> Verdict:
    """Whether what is sent under this name will be taken, as far as the last check knows."""
    if is_exempt(identity):
        return Verdict("exempt", "sender_is_local", _(
            "“%(name)s” uses a mail server on this machine. Messages do not leave this machine, and nothing is checked."
        ) % {"name": identity.name})  # fmt: skip
    domain = SendingDomain.objects.filter(name=domain_of(identity.from_address)).first()
    if domain is None or domain.checked_at is None:
        return Verdict("warn", "domain_unchecked", _(
            "The sender's domain has not been checked yet. Look under Deliverability."), domain)  # fmt: skip
    if domain.level == Level.GOOD:
        return Verdict("good", "domain_well", _("The sender's domain is ready to send."), domain)
    values = {"domain": domain.name, "reason": worst_sentence(domain.findings, domain.level)}
    if domain.level == Level.REFUSE:
        return Verdict("refuse", "domain_not_fit", _("%(domain)s is not ready to send. %(reason)s") % values, domain)
    return Verdict("warn", "domain_warns", _("%(domain)s needs attention. %(reason)s") % values, domain)


def key_is_published(key: DkimKey) -> bool:
    """Whether the DNS shows this key's record, asked now."""
    values = Lookup()(key.host, "TXT").values
    return any(f"p={key.public}" in value.replace(" ", "") for value in values)


def dkim_key_use(*, key: DkimKey, actor: User) -> DkimKey:
    """Let a key sign once the world can see its record. Raises DomainError `dkim_record_missing`; see
    `dkim_key_activate`."""
    if not key_is_published(key):
        raise DomainError(
            _("The record %(host)s is not in the DNS yet, or holds something else. It may take an hour to show.")
            % {"host": key.host},
            code="dkim_record_missing",
        )
    key = dkim_key_activate(key=key, actor=actor)
    domain_check_start(domain=key.domain, actor=actor)
    return key
