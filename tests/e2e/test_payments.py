"""Payments as people see them: a creator connects an account, a member pays, both screens say so, money goes back."""

import asyncio
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from memberpulse.demo.people import FERNHILL_ID, SIGN_INS, id_of
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.payments.models import PayeeAccount
from memberpulse.domains.payments.provider import Fake, use_fake
from memberpulse.domains.payments.reserving import create_payment
from memberpulse.engine import Engine, EngineSettings, MutationCtx, system
from tests.e2e.conftest import Person, Violations
from tests.running import RunningServer


def email_of(key: str) -> str:
    return next(each.email for each in SIGN_INS if each.key == key)


def reserve(folder: Path, what: str, amount: int) -> uuid.UUID:
    """The member is to pay the creator, as a join of something with a price would have it."""

    async def work() -> uuid.UUID:
        settings = EngineSettings(database_url=f"sqlite:///{folder}/memberpulse.db", background=False, announces=True)
        engine = Engine(settings, DOMAINS, identify)
        await engine.start()
        use_fake(Fake("http://localhost:1", "sk_test_unused", "whsec_unused"))
        try:
            caller = system(FERNHILL_ID)
            account = await engine.transact_async(_creators_account, caller)
            return await engine.mutate(
                create_payment,
                caller=caller,
                subject_type="test",
                subject_id=uuid.uuid4(),
                description=what,
                payer_id=id_of(email_of("member")),
                account_id=account,
                amount=amount,
                currency="GBP",
                return_path="/dashboard",
            )
        finally:
            use_fake(None)
            await engine.stop()

    with ThreadPoolExecutor(1) as beside:  # Playwright’s own loop runs in this thread
        return beside.submit(lambda: asyncio.run(work())).result()


def _creators_account(ctx: MutationCtx) -> uuid.UUID:
    wanted = select(PayeeAccount).where(PayeeAccount.user_id == id_of(email_of("creator")))
    return ctx.db.scalars(wanted).one().id


def prove(page: Page, key: str) -> None:
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    password = next(each.password for each in SIGN_INS if each.key == key)
    asked.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def test_a_checklist_turns_green_in_another_window_while_the_account_is_set_up(
    person: Person, fresh_server: RunningServer, violations: Violations
) -> None:
    here, there = person("owner", of=fresh_server), person("owner", of=fresh_server)
    there.goto("/settings/payments")
    expect(there.locator(".pay-step.done")).to_have_count(0)
    here.goto("/settings/payments")
    here.get_by_role("button", name="Connect with Stripe").click()
    prove(here, "owner")
    expect(here.get_by_role("heading", name="Set up your account")).to_be_visible()
    assert violations(here) == []
    expect(there.locator(".pay-step.done")).to_have_count(1)
    for count, step in enumerate(("Save your details", "Prove who you are", "Add the bank account"), 2):
        here.get_by_role("button", name=step).click()
        expect(there.locator(".pay-step.done")).to_have_count(count)
    expect(there.get_by_text("Your Stripe account is now active")).to_be_visible()
    here.get_by_role("link", name="Go back").click()
    expect(here).to_have_url(re.compile("/settings/payments/?$"))
    expect(here.get_by_text("4 of 4 steps done")).to_be_visible()
    assert violations(here) == []
    here.get_by_role("button", name="Disconnect…").click()
    here.get_by_role("button", name="Disconnect", exact=True).click()
    expect(there.get_by_role("button", name="Connect again")).to_be_visible()


def test_a_member_pays_both_windows_say_so_and_money_goes_back(
    person: Person, fresh_server: RunningServer, violations: Violations, tmp_path: Path
) -> None:
    payer, creator = person("member", of=fresh_server), person("creator", of=fresh_server)
    creator.goto("/dashboard")
    payment_id = reserve(tmp_path, "Grinding wheel morning", 1250)
    payer.goto("/receipts")
    payer.get_by_role("link", name="Grinding wheel morning").click()
    payer.get_by_role("button", name="Pay £12.50").click()
    expect(payer.get_by_role("heading", name="Grinding wheel morning")).to_be_visible()
    assert violations(payer) == []
    payer.get_by_label("Card number").fill("4000 0000 0000 0002")
    payer.get_by_role("button", name="Pay £12.50").click()
    expect(payer.get_by_role("alert")).to_contain_text("Your card was declined.")
    expect(creator.get_by_text("A payment of £12.50 by")).to_be_visible()
    payer.get_by_label("Card number").fill("4242 4242 4242 4242")
    payer.get_by_role("button", name="Pay £12.50").click()
    expect(payer).to_have_url(re.compile(f"/receipts/{payment_id}/?$"))
    expect(payer.get_by_text("Paid. A receipt is on its way")).to_be_visible()
    expect(payer.get_by_text("£12.50 paid", exact=True)).to_be_visible()
    expect(creator.get_by_text("paid £12.50").first).to_be_visible()
    assert violations(payer) == []

    creator.goto("/payments")
    expect(creator.get_by_role("row", name=re.compile("Grinding wheel morning.*Paid"))).to_be_visible()
    assert violations(creator) == []
    creator.get_by_role("link", name="Grinding wheel morning").click()
    amount = creator.get_by_label("Amount", exact=True)
    expect(amount).to_have_value("12.50")
    amount.fill("twelve")
    creator.get_by_role("button", name="Refund", exact=True).click()
    expect(amount).to_have_accessible_description(re.compile("Type an amount such as 12.50"))
    amount.fill("2.50")
    creator.get_by_role("button", name="Refund", exact=True).click()
    prove(creator, "creator")
    expect(creator.get_by_role("list", name="Refunds").get_by_text("£2.50")).to_be_visible()
    expect(payer.get_by_text("Paid, and partly refunded.")).to_be_visible()
    expect(payer.get_by_text("£2.50 refunded", exact=True)).to_be_visible()
    expect(creator.get_by_text("−£2.50")).to_be_visible()
    assert violations(creator) == []


def test_who_joins_an_event_with_a_price_has_a_place_once_it_is_paid(
    person: Person, fresh_server: RunningServer, violations: Violations
) -> None:
    member, creator = person("member", of=fresh_server), person("creator", of=fresh_server)
    member.goto("/events")
    member.get_by_role("link", name="Bookbinding for beginners").click()
    join = member.get_by_role("button", name="Join and pay £28.00")
    expect(join).to_be_visible()
    event = member.url
    creator.goto(f"{event}/queue")
    expect(creator.locator("tr[data-row]")).to_have_count(0)
    join.click()
    member.get_by_role("link", name="Back without paying").click()
    expect(member.get_by_text(re.compile(r"Your place is reserved until \d\d:\d\d"))).to_be_visible()
    member.get_by_role("link", name="Back to what it is for").click()
    expect(member.get_by_role("heading", name="Your place is kept")).to_be_visible()
    assert violations(member) == []
    expect(creator.locator("tr[data-row]")).to_have_count(0)
    member.get_by_role("link", name="Pay £28.00").click()
    member.get_by_role("button", name="Pay £28.00").click()
    expect(member.get_by_text("£28.00 paid", exact=True)).to_be_visible()
    expect(creator.locator("tr[data-row]").filter(has_text="Elif")).to_have_count(1)
    member.goto(event)
    expect(member.get_by_text("1st", exact=True)).to_be_visible()
    assert violations(member) == []
    creator.goto(f"{event}")
    creator.get_by_role("button", name="Organize").click()
    creator.get_by_role("menuitem", name="Cancel the event…").click()
    asked = creator.get_by_role("dialog", name="Cancel Bookbinding for beginners")
    asked.get_by_label("Reason").fill("The glue froze")
    asked.get_by_role("button", name="Cancel the event").click()
    expect(member.get_by_text("The glue froze").first).to_be_visible()
    member.goto("/receipts")
    member.get_by_role("link", name="Bookbinding for beginners").click()
    expect(member.get_by_text("All of it went back to your card.")).to_be_visible()
