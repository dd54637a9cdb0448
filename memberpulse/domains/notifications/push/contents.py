"""What browser push adds to the domain."""

from memberpulse.domains.notifications.push import devices, posting

FUNCTIONS = [
    devices.get_push_key,
    devices.list_my_devices,
    devices.add_device,
    devices.remove_device,
    devices.try_device,
    posting.post_push,
    posting.claim_push,
    posting.note_push,
]
