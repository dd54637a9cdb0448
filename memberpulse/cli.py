"""The command line: start, dev, serve, build, migrate, check-migrations, seed, run."""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NoReturn

from alembic.util import CommandError

from memberpulse import build, migrations
from memberpulse.server.port import claim
from memberpulse.settings import Settings, SettingsError, get_settings

PORTS_TO_TRY = 20
DEVELOPMENT_PORTS = (3000, 8000)


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    try:
        arguments.command(arguments)
    except SettingsError as error:
        _stop("\n  ".join(error.faults))
    except build.BuildFailed as error:
        _stop(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="memberpulse", description="A real-time platform for membership organizations."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], None], help_text: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=help_text, description=help_text)
        subparser.set_defaults(command=run)
        return subparser

    add("start", start, "Build, migrate, seed the demo and serve: everything for a first look.")
    add("dev", dev, "Serve with hot reload for development.")
    add("serve", serve, "Serve what is built and migrated.")
    add("build", build_frontend, "Build the browser bundle if its sources changed.")
    add("migrate", migrate, "Bring the database schema up to date.")
    add("check-migrations", check_migrations, "Fail if the models and the migrations differ.")
    add("seed", seed, "Fill the database with the demo organization, once.")
    run_parser = add("run", run, "Run one function as the system and print its result as JSON.")
    run_parser.add_argument("function", help="such as organizations.list_members")
    run_parser.add_argument("arguments", nargs="?", default="{}", help="a JSON object")
    run_parser.add_argument("--organization", type=uuid.UUID, help="the id of the organization to act in")
    return parser


def start(_: argparse.Namespace) -> None:
    """Serve the demo, doing only what has not been done before."""
    os.environ.setdefault("MEMBERPULSE_DEMO", "1")
    _choose_port()
    build_frontend(_)
    migrate(_)
    seed(_)
    settings = get_settings()
    _serve(settings, _claim_port(settings), announce=True)


def dev(_: argparse.Namespace) -> None:
    """Run Reflex's development server; it compiles pages as they change."""
    os.environ |= {"MEMBERPULSE_DEMO": "1", "MEMBERPULSE_DEV": "1"}
    migrate(_)
    seed(_)
    frontend, backend = (str(_free_port(port)) for port in DEVELOPMENT_PORTS)
    os.environ["MEMBERPULSE_BACKEND_PORT"] = backend
    ports = ["--frontend-port", frontend, "--backend-port", backend, "--backend-host", "127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "reflex", "run", "--env", "dev", *ports], cwd=build.ROOT, env=build.node_environment()
    )
    try:
        sys.exit(process.wait())
    except KeyboardInterrupt:
        process.terminate()
        process.wait()


def serve(_: argparse.Namespace) -> None:
    settings = get_settings()
    port = _claim_port(settings)
    _require_schema()
    _serve(settings, port, announce=False)


def build_frontend(_: argparse.Namespace) -> None:
    if build.is_current():
        return
    _say("Building the screens; the first time takes half a minute")
    since = perf_counter()
    build.build()
    _say(f"Built in {perf_counter() - since:.0f} s")


def migrate(_: argparse.Namespace) -> None:
    migrations.migrate(get_settings().database_url)


def check_migrations(_: argparse.Namespace) -> None:
    """Migrate an empty database and compare it with the models; the real one is not touched."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/check.db"
        migrations.migrate(url)
        try:
            migrations.check(url)
        except CommandError as error:
            _stop(f"The models differ from the migrations.\n  {error}")


def seed(_: argparse.Namespace) -> None:
    from memberpulse.demo.seed import seed_demo

    if asyncio.run(_with_engine(seed_demo)):
        _say("Seeded the demo organization")


def run(arguments: argparse.Namespace) -> None:
    from memberpulse.engine import Kind
    from memberpulse.engine.context import system
    from memberpulse.engine.errors import EngineError

    async def work(engine: Any) -> bytes:
        given = json.loads(arguments.arguments)
        return await engine.serve(
            arguments.function, given, system(arguments.organization), Kind.QUERY, Kind.MUTATION, Kind.ACTION
        )

    try:
        print(asyncio.run(_with_engine(work)).decode())
    except EngineError as error:
        _stop(f"{error.code}: {error.message}" + "".join(f"\n  {name}: {why}" for name, why in error.fields.items()))
    except json.JSONDecodeError as error:
        _stop(f"The arguments are not JSON: {error}")


async def _with_engine(work: Callable[[Any], Any]) -> Any:
    """Do something with a started engine that runs no jobs."""
    from memberpulse.process import make_engine

    _require_schema()
    engine = make_engine(get_settings(), serves=False)
    await engine.start()
    try:
        return await work(engine)
    finally:
        await engine.stop()


def _claim_port(settings: Settings) -> socket.socket:
    try:
        return claim(settings.host, settings.port)
    except OSError as error:
        return _stop(f"{settings.host}:{settings.port} cannot be opened: {error.strerror}. Set MEMBERPULSE_PORT.")


def _serve(settings: Settings, port: socket.socket, *, announce: bool) -> None:
    os.environ["REFLEX_ENV_MODE"] = "prod"
    from memberpulse.server.serve import serve as serve_forever

    def application() -> Any:
        from memberpulse.memberpulse import create_app

        return create_app()

    serve_forever(application, settings, port, ready=_welcome if announce else None)


def _welcome(settings: Settings) -> None:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104
    print(f"\n  MemberPulse is at http://{shown}:{settings.port}\n")
    from memberpulse.demo.people import SIGN_INS

    width = max(len(person.email) for person in SIGN_INS)
    for person in SIGN_INS:
        print(f"    {person.email:<{width}}  {person.password}  ({person.role})")
    print("\n  Ctrl+C stops it. Everything it keeps is in the folder data/.\n", flush=True)


def _require_schema() -> None:
    if not migrations.is_current(get_settings().database_url):
        _stop("The database is not up to date. Run: python -m memberpulse migrate")


def _choose_port() -> None:
    settings = get_settings()
    port = _free_port(settings.port, settings.host)
    if port == settings.port:
        return
    if "MEMBERPULSE_PORT" in os.environ:
        _stop(f"Port {settings.port} is in use. Set MEMBERPULSE_PORT to another one.")
    _say(f"Port {settings.port} is in use, taking {port}")
    os.environ["MEMBERPULSE_PORT"] = str(port)
    get_settings.cache_clear()


def _free_port(first: int, host: str = "127.0.0.1") -> int:
    ports = range(first, first + PORTS_TO_TRY)
    free = next((port for port in ports if _is_free(port, host)), None)
    return free or _stop(f"No port between {ports[0]} and {ports[-1]} is free. Set MEMBERPULSE_PORT.")


def _is_free(port: int, host: str) -> bool:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _say(text: str) -> None:
    print(f"  {text} …", flush=True)


def _stop(text: str) -> NoReturn:
    sys.exit(f"MemberPulse stopped.\n  {text}")
