"""Everybody in the demo. Invented people of two invented organizations."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.models import Role

NAMESPACE = uuid.UUID("6d9b1c0e-5f0b-4b2a-9a43-3a1f0b7c2d11")
FERNHILL_ID = uuid.uuid5(NAMESPACE, "fernhill-tool-library")
HARBOUR_ID = uuid.uuid5(NAMESPACE, "harbour-rowing-club")
PASSWORD = "tools-for-everyone"  # noqa: S105  everybody may be them


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """Somebody whom a visitor may be."""

    key: str
    name: str
    email: str
    role: Role
    about: str
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class Extra:
    """Somebody who moves about by script. months: how long ago they joined."""

    name: str
    email: str
    role: Role
    months: float


SIGN_INS = [
    DemoSignIn("owner", "Amara Okafor", "amara@fernhill.example", Role.OWNER, "Runs the library, may do everything"),
    DemoSignIn("admin", "Fatima Benali", "fatima@fernhill.example", Role.ADMIN, "Looks after members and approvals"),
    DemoSignIn(
        "creator", "Kofi Mensah", "kofi@fernhill.example", Role.CREATOR, "Holds the repair clinics, may announce"
    ),
    DemoSignIn("member", "Elif Yıldız", "elif@fernhill.example", Role.MEMBER, "Borrows a drill now and then"),
    DemoSignIn(
        "outsider", "Mereana Ngata", "mereana@harbour.example", Role.OWNER, "Owns Harbour Rowing Club next door"
    ),
]
MONTHS_OF_SIGN_INS = {"owner": 36.0, "admin": 31.0, "creator": 24.5, "member": 9.0, "outsider": 20.0}


def _extra(name: str, local: str, months: float, role: Role = Role.MEMBER, host: str = "fernhill") -> Extra:
    return Extra(name, f"{local}@{host}.example", role, months)


FERNHILL = [
    _extra("Jonas Lindqvist", "jonas", 35.5, Role.OWNER),
    _extra("Priya Raman", "priya", 33.0, Role.ADMIN),
    _extra("Owen Hughes", "owen", 30.2, Role.ADMIN),
    _extra("Mei-Lin Zhao", "meilin", 28.8, Role.CREATOR),
    _extra("Tomás Herrera", "tomas", 27.0, Role.CREATOR),
    _extra("Wanjiru Kamau", "wanjiru", 26.1, Role.CREATOR),
    _extra("Bärbel Großmann", "baerbel", 25.4, Role.CREATOR),
    _extra("سلمى الحداد", "salma", 23.9),
    _extra("Dev Anand", "dev", 23.1),
    _extra("Grace Adeyemi", "grace", 22.0),
    _extra("Henrik Solberg", "henrik", 21.3),
    _extra("Tāne Parata", "tane", 20.7),
    _extra("Noor Haddad", "noor", 19.8),
    _extra("Hana Novák", "hana", 18.6),
    _extra("Şebnem Öztürk", "sebnem", 17.9),
    _extra("Jürgen Weiß", "juergen", 17.0),
    _extra("يوسف منصور", "yusuf", 16.2),
    _extra("Aroha Te Rangi", "aroha", 15.5),
    _extra("Piotr Zieliński", "piotr", 14.8),
    _extra("Siobhán Ní Dhuibhir", "siobhan", 13.9),
    _extra("Chidi Eze", "chidi", 13.0),
    _extra("Lucía Fernández", "lucia", 12.1),
    _extra("Rhys Morgan", "rhys", 11.4),
    _extra("Yuki Tanaka", "yuki", 10.6),
    _extra("Sione Tau", "sione", 9.7),
    _extra("Anneliese von der Heide", "anneliese", 8.8),
    _extra("Marek Dvořák", "marek", 8.0),
    _extra("Ngọc Trần", "ngoc", 7.1),
    _extra("Leïla Bouchard", "leila", 6.3),
    _extra("Callum Fraser", "callum", 5.5),
    _extra("Ayşe Demir", "ayse", 4.6),
    _extra("Ines Carvalho", "ines", 3.8),
    _extra("Bo Andersen", "bo", 3.0),
    _extra("Zainab Yusuf", "zainab", 2.2),
    _extra("Matteo Rinaldi", "matteo", 1.4),
    _extra("Freya Johansson", "freya", 0.7),
    _extra("Daniel Abebe", "daniel", 0.15),
    _extra("Ruth Ó Briain", "ruth", 0.05),
]

NEWCOMERS = [
    _extra("Ida Kowalczyk", "ida", 0),
    _extra("Samir Rahman", "samir", 0),
    _extra("Ottilie Brandt", "ottilie", 0),
    _extra("Hemi Walker", "hemi", 0),
    _extra("Can Aydın", "can", 0),
    _extra("Joy Nakamura", "joy", 0),
    _extra("ليلى قاسم", "layla", 0),
    _extra("Gethin Price", "gethin", 0),
    _extra("Marisol Ortega", "marisol", 0),
    _extra("Emeka Obi", "emeka", 0),
]

APPLICANTS = [
    (_extra("Niamh Doyle", "niamh", 0), "I moved here in spring and would rather borrow a drill than buy one."),
    (_extra("Farid Nazari", "farid", 0), "Cabinet maker, thirty years. I could hold an evening on joints."),
]
"""Who asks to join, and in which words."""

HARBOUR = [
    _extra("Alistair Boyd", "alistair", 19.0, Role.ADMIN, "harbour"),
    _extra("Kiri Matenga", "kiri", 15.0, Role.CREATOR, "harbour"),
    _extra("Pernille Holm", "pernille", 11.0, Role.MEMBER, "harbour"),
    _extra("Bilal Aziz", "bilal", 7.0, Role.MEMBER, "harbour"),
    _extra("Rosa Lindner", "rosa", 2.0, Role.MEMBER, "harbour"),
]


def id_of(email: str) -> uuid.UUID:
    """The same id for the same person at every seeding."""
    return uuid.uuid5(NAMESPACE, email)
