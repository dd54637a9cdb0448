// Shows what this server pushes, also while no tab is open, and leads to it. It reads and keeps nothing else.
const HOME = "/notifications";

const told = (event) => {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {};
  }
};

const pathOf = (link) => (typeof link === "string" && /^\/(?![/\\])/.test(link) ? link : HOME);

async function isLookedAt() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((each) => each.focused && each.visibilityState === "visible");
}

async function show(notice) {
  if (await isLookedAt()) return; // the page itself tells it
  const tag = notice.tag ?? notice.id;
  const before = tag ? await self.registration.getNotifications({ tag }) : [];
  await self.registration.showNotification(notice.title ?? "MemberPulse", {
    body: notice.body ?? "",
    tag,
    renotify: Boolean(tag) && before.some((each) => each.data?.id !== notice.id),
    icon: "/push-icon.png",
    badge: "/push-badge.png",
    data: { id: notice.id, link: pathOf(notice.link), notification: notice.notification ?? null },
  });
}

function markRead(id) {
  if (!id) return undefined;
  const body = JSON.stringify({ notification_ids: [id], whole: true });
  const headers = { "Content-Type": "application/json" };
  return fetch("/api/mutation/notifications.read_notices", { method: "POST", headers, body }).catch(() => undefined);
}

async function open({ link, notification }) {
  await markRead(notification);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((each) => new URL(each.url).pathname === new URL(link, self.location.origin).pathname) ?? windows[0];
  if (!shown) return self.clients.openWindow(link);
  await shown.focus().catch(() => undefined);
  return shown.navigate(link).catch(() => self.clients.openWindow(link));
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(told(event))));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data ?? { link: HOME }));
});

// The push service has given this browser another address: tell the server, as the person who is signed in.
self.addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const options = event.oldSubscription?.options ?? { userVisibleOnly: true };
    const { endpoint, keys } = (event.newSubscription ?? (await self.registration.pushManager.subscribe(options))).toJSON();
    const body = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
    await fetch("/api/mutation/notifications.add_device", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  };
  event.waitUntil(renew().catch(() => undefined));
});
