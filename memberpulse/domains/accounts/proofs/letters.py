"""The letters about proofs."""

from memberpulse.domains.mail.letters import Letter, sample


def step_up_code(code: str, title: str) -> Letter:
    return Letter(
        kind="step_up_code",
        subject="Your code to confirm that it is you",
        heading="Confirm that it is you",
        paragraphs=(f"Type this code where you were asked for it, to go on with: {title}.", "It works for 10 minutes."),
        code=code,
        footnote="Not you? Then somebody uses your account: sign out all devices and change your password.",
    )


@sample
def _step_up_code_sample() -> Letter:
    return step_up_code("493027", "Export your data")
