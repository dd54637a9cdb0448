"""The table of contents of the demo. Its clock runs, and its people are offered, only where the demo is on."""

from memberpulse.demo import facts, jobs, mutations, queries, seed
from memberpulse.demo.approvals import register_kinds
from memberpulse.demo.people import SIGN_INS, id_of
from memberpulse.demo.rules import STEP
from memberpulse.demo.stripe import playing
from memberpulse.domains.accounts.demo_people import offer
from memberpulse.domains.accounts.rules import initials_of, tint_of
from memberpulse.domains.accounts.schemas import DemoPerson
from memberpulse.domains.audit import words
from memberpulse.engine import Cron, Domain
from memberpulse.settings import get_settings

words.register_kind("demo", "Demo")
words.register(facts.DemoPlaySwitched, "switched the demo people")
words.register(facts.DemoReset, "reset the demo")

DOMAIN = Domain(
    name="demo",
    functions=[
        queries.get_demo,
        mutations.set_playing,
        mutations.reset_demo,
        mutations.rebuild_demo,
        mutations.play,
        seed.seed_fernhill,
        seed.seed_harbour,
        playing.find_known,
        jobs.play_step,
    ],
    crons=[Cron(job=jobs.play_step, every=STEP)] if get_settings().demo else [],
)

register_kinds()

for person in SIGN_INS:
    offer(
        DemoPerson(
            key=person.key,
            name=person.name,
            email=person.email,
            initials=initials_of(person.name),
            tint=tint_of(id_of(person.email)),
            role=person.role,
            about=person.about,
        )
    )
