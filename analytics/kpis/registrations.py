"""The key figures: what each one is; and the scope of the API that reads them."""

from django.utils.translation import gettext_lazy as _

from accounts.tokens.scopes import Scope, scopes
from analytics.kpis.intervals import cost_per_customer, net_promoter, share_of
from core.kpis import BetterWhen, Kpi, Unit, kpis

SPEND_NOT_SPLIT = _("Spend is recorded by channel, not by salesperson.")
NO_LEADS = _("No leads in this period, so this figure cannot be calculated.")

for kpi in (
    Kpi(
        code="spend",
        name=_("Spend"),
        question=_("What did we spend to generate demand?"),
        formula=_("Total spend recorded by channel, at the exchange rate saved with each entry."),
        unit=Unit.MONEY,
        better_when=BetterWhen.LOWER,
        numerator="spend",
        not_split=SPEND_NOT_SPLIT,
        is_compared=False,
        has_targets=True,
    ),
    Kpi(
        code="leads",
        name=_("Leads"),
        question=_("How many leads did we generate?"),
        formula=_("Leads dated in the period."),
        unit=Unit.COUNT,
        better_when=BetterWhen.HIGHER,
        numerator="leads",
        has_targets=True,
    ),
    Kpi(
        code="customers",
        name=_("New customers"),
        question=_("How many people bought for the first time?"),
        formula=_("Contacts with their first sale in the period."),
        unit=Unit.COUNT,
        better_when=BetterWhen.HIGHER,
        numerator="customers",
        has_targets=True,
    ),
    Kpi(
        code="customers_without_lead",
        name=_("Customers without a lead"),
        question=_("How many new customers came without a known lead?"),
        formula=_("New customers with no lead at or before their first sale."),
        unit=Unit.COUNT,
        better_when=BetterWhen.LOWER,
        numerator="customers_without_lead",
    ),
    Kpi(
        code="revenue",
        name=_("Net revenue"),
        question=_("What did customers buy?"),
        formula=_("Sales minus returns of the period, at the exchange rate saved with each order."),
        unit=Unit.MONEY,
        better_when=BetterWhen.HIGHER,
        numerator="revenue",
    ),
    Kpi(
        code="cpl",
        name=_("Cost per lead (CPL)"),
        question=_("What does a lead cost?"),
        formula=_("Spend ÷ leads, both dated in the period."),
        unit=Unit.MONEY,
        better_when=BetterWhen.LOWER,
        numerator="spend",
        denominator="leads",
        undefined=NO_LEADS,
        not_split=SPEND_NOT_SPLIT,
        has_targets=True,
    ),
    Kpi(
        code="cvr",
        name=_("Conversion rate (CVR)"),
        question=_("How well do we turn leads into customers?"),
        formula=_("New customers ÷ leads, both dated in the period."),
        unit=Unit.RATIO,
        better_when=BetterWhen.HIGHER,
        numerator="customers",
        denominator="leads",
        interval=share_of("customers", "leads"),
        undefined=NO_LEADS,
        has_targets=True,
    ),
    Kpi(
        code="cvr_cohort",
        name=_("Conversion of these leads"),
        question=_("How many of the period's leads have become customers so far?"),
        formula=_("Leads of the period whose contact then bought for the first time ÷ leads of the period."),
        unit=Unit.RATIO,
        better_when=BetterWhen.HIGHER,
        numerator="cohort_customers",
        denominator="leads",
        interval=share_of("cohort_customers", "leads"),
        undefined=NO_LEADS,
    ),
    Kpi(
        code="cpa",
        name=_("Cost per customer (CPA)"),
        question=_("What does a new customer cost?"),
        formula=_("Spend ÷ new customers = CPL ÷ CVR."),
        unit=Unit.MONEY,
        better_when=BetterWhen.LOWER,
        numerator="spend",
        denominator="customers",
        interval=cost_per_customer,
        interval_measures=("leads",),
        undefined=_("No new customers in this period, so this figure cannot be calculated."),
        not_split=SPEND_NOT_SPLIT,
        has_targets=True,
    ),
    Kpi(
        code="nps",
        name=_("Net Promoter Score (NPS)"),
        question=_("Do customers recommend us?"),
        formula=_("(Promoters 9–10 minus detractors 0–6) ÷ all answers × 100."),
        unit=Unit.SCORE,
        better_when=BetterWhen.HIGHER,
        numerator="nps_balance",
        denominator="nps_answers",
        factor=100,
        interval=net_promoter,
        interval_measures=("nps_promoters", "nps_detractors"),
        undefined=_("No answers in this period."),
        has_targets=True,
    ),
    Kpi(
        code="nps_answers",
        name=_("NPS answers"),
        question=_("How many people answered?"),
        formula=_("Answers from 0 to 10 given in the period."),
        unit=Unit.COUNT,
        better_when=BetterWhen.HIGHER,
        numerator="nps_answers",
    ),
):
    kpis.register(kpi)

scopes.register(
    Scope(
        code="kpis:read",
        title=_("Read key figures"),
        explanation=_("CPL, CVR, CPA, NPS and their components. For a salesperson, only their own figures."),
    )
)
