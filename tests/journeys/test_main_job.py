"""The whole main job as people do it: in a browser, through the real web server, worker, scheduler and mail server."""

import pytest
from playwright.sync_api import Browser

from accounts.people.models import User
from accounts.people.services.people import user_create
from tests.fixtures.services import CeleryWorker, MailCatcher
from tests.journeys import chain_steps, sales_steps
from tests.journeys import office_steps as office
from tests.journeys.walking import PASSWORD, Walk, new_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def person(email: str, name: str, role: str) -> User:
    return user_create(email=email, full_name=name, role=role, password=PASSWORD, actor=None)


@pytest.fixture
def walk(
    browser: Browser, web: str, celery_worker: CeleryWorker, celery_beat: object, mail_catcher: MailCatcher
) -> Walk:
    person("dora@company.example", "Dora Director", User.Role.DIRECTOR)
    page = new_page(browser)
    sign_in(page, web, "dora@company.example")
    return Walk(web, browser, mail_catcher, page)


def test_main_job(walk: Walk) -> None:
    office.import_orders(walk)
    office.score_customers(walk)
    office.make_segment(walk)
    office.define_proposition(walk)
    office.add_sender(walk)
    office.plan_campaign(walk)
    office.launch_campaign(walk)
    office.click_link(walk)
    office.evidence(walk)
    office.unsubscribe(walk)

    sara = person("sara@company.example", "Sara Sales", User.Role.SALESPERSON)
    tomas = person("tomas@company.example", "Tomás Trade", User.Role.SALESPERSON)
    sales_steps.hand_over(sara, "Ana20", "Ana21")
    others = sales_steps.hand_over(tomas, "Ana22")
    phone = sales_steps.own_world(walk, sara, others)
    sales_steps.write_letter(walk, phone, sara)

    chain_steps.chain(walk)
